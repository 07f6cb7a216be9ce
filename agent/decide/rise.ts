// Chips that warm too fast: the sign of a failed fan or pump, minutes before any limit is reached.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { SampleSeries } from "../state/sample-series.ts";
import type { Heat } from "./heat.ts";
import type { Policies } from "./policies.ts";

const MINUTE = 60_000;
/** Chips warm fast when mining starts; after this a fast rise is a failed fan or pump. */
const START_UP = 5 * MINUTE;
/** Sensors tell whole degrees: a slope over less than this is their rounding. */
const RISE_WINDOW = 10_000;

/** As a heat beyond its limit; undefined while the rise is within it. */
export function risingTooFast(
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Heat | undefined {
  if (now - state.steadySince < START_UP) return undefined;
  const rise = riseOf(state.samples);
  const limit = policies.safety.temperatureRiseMaxKelvinPerSecond;
  if (rise === undefined || rise <= limit) return undefined;
  const words = `chip warms by ${rise.toFixed(1)} K/s, limit ${limit.toFixed(1)} K/s`;
  return { words, over: rise - limit, overSoft: rise - limit };
}

/** Kelvin a second over the last ten seconds or more of readings. */
function riseOf(samples: SampleSeries): number | undefined {
  const last = samples.at(-1);
  if (last?.chip === undefined) return undefined;
  const earlier = samples.findLast(
    (sample) => sample.chip !== undefined && last.at - sample.at >= RISE_WINDOW,
  );
  if (earlier?.chip === undefined) return undefined;
  return ((last.chip - earlier.chip) / (last.at - earlier.at)) * 1000;
}
