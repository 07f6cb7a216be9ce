// Has the machine come to rest after its last change?

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { drift } from "../state/samples.ts";
import type { Policies } from "./policies.ts";

const MINUTE = 60_000;
/** Kelvin a minute; firmware rounds to whole degrees, so a stricter test never passes. */
const SETTLED_DRIFT = 0.25;

export function settled(state: DeviceState, policies: Policies, now: EpochMs): boolean {
  const { settleMinutes, measureMinutes } = policies.tuning;
  const rested = now - state.steadySince;
  if (rested < settleMinutes * MINUTE) return false;
  // Weather may move for hours: it must not hold up the measurement for ever.
  if (rested > 3 * (settleMinutes + measureMinutes) * MINUTE) return true;
  const slope = drift(state.samples, now);
  return slope === undefined || Math.abs(slope) <= SETTLED_DRIFT;
}
