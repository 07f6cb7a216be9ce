// How much a machine may draw: its share of the breaker, curtailment, and noise, all as watts.

import type { Signals } from "../../config/signals.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { believable, dutyOf, mean } from "../state/samples.ts";
import type { Policies } from "./policies.ts";

export interface Cap {
  /** W, as the machine tells them. */
  readonly watts: number;
  /** In words: `safety.powerMaxWatts 2500 W`. */
  readonly words: string;
}

/** Whether anybody asks for a cap, of power or of noise. */
export const isCapped = (
  { safety }: Policies,
  { powerShare = 1, noiseMaxDecibels }: Signals,
): boolean =>
  safety.powerMaxWatts !== undefined || powerShare < 1 || noiseMaxDecibels !== undefined;

/** The strictest of those that do not depend on what the machine does now. Undefined: none. */
export function standingCap(
  { safety }: Policies,
  { powerShare }: Signals,
  foundWatts: number,
): Cap | undefined {
  const { powerMaxWatts } = safety;
  const caps: Cap[] = [];
  if (powerMaxWatts !== undefined) {
    caps.push({ watts: powerMaxWatts, words: `safety.powerMaxWatts ${powerMaxWatts} W` });
  }
  if (powerShare !== undefined && powerShare < 1) {
    const watts = powerShare * foundWatts;
    const share = (powerShare * 100).toFixed(0);
    caps.push({ watts, words: `curtailment to ${share} % (${watts.toFixed(0)} W)` });
  }
  return strictest(caps);
}

export const strictest = (caps: readonly (Cap | undefined)[]): Cap | undefined =>
  caps
    .filter((cap) => cap !== undefined)
    .toSorted((a, b) => a.watts - b.watts)
    .at(0);

/** Fan laws: noise grows by 50 dB for ten times the speed. */
const DECIBELS_PER_DECADE = 50;
/** Thermal resistance falls with the flow to this power, flow grows as speed. */
const FLOW_EXPONENT = 0.8;
/** Fans are steered in steps and lag behind the heat: aim a little below. */
const NOISE_MARGIN = 0.97;

/**
 * Fans that hold a temperature turn as fast as the heat asks: watts over speed^0.8 stay the same at the
 * same inlet. So the noise that is allowed is an amount of power, from what is seen now. Undefined where
 * there is no noise limit, or the machine tells no fan duty.
 */
export function noiseCap(
  telemetry: Telemetry,
  { tuning }: Policies,
  { noiseMaxDecibels }: Signals,
): Cap | undefined {
  const duty = dutyOf(telemetry);
  const power = believable(telemetry.power);
  if (noiseMaxDecibels === undefined || duty === undefined || power === undefined) return undefined;
  const allowed = 10 ** ((noiseMaxDecibels - tuning.fullSpeedDecibels) / DECIBELS_PER_DECADE);
  const watts = power * (allowed / duty) ** FLOW_EXPONENT * NOISE_MARGIN;
  const now = decibelsAt(duty, tuning.fullSpeedDecibels).toFixed(0);
  return {
    watts,
    words: `noise at most ${noiseMaxDecibels} dB, now ${now} dB (${watts.toFixed(0)} W)`,
  };
}

export const decibelsAt = (duty: number, fullSpeed: number): number =>
  fullSpeed + DECIBELS_PER_DECADE * Math.log10(duty);

const MINUTE = 60_000;
/** A cap is judged by the mean of so long, or of three readings where these are rarer. */
const JUDGED = 2 * MINUTE;
const LEAST_READINGS = 3;
/** Meters jitter: a cap is broken from here, relative; while chips warm up, from further above. */
const SLACK = { settled: 1.01, settling: 1.03 };
const SETTLES = 8 * MINUTE;
const SLACK_DECIBELS = 0.7;

/** Watts of the last minutes at the present setting; undefined while there are too few readings. */
export function drawnNow(state: DeviceState, now: EpochMs): number | undefined {
  const recent = state.samples.since(epochMs(now - JUDGED)).values("power");
  const values =
    recent.length >= LEAST_READINGS ? recent : state.samples.values("power").slice(-LEAST_READINGS);
  return values.length < LEAST_READINGS ? undefined : mean(values);
}

/** `settledFor`: ms at the present setting. */
export const isOver = (drawn: number, cap: Cap, settledFor: number): boolean =>
  drawn > cap.watts * (settledFor < SETTLES ? SLACK.settling : SLACK.settled);

export function isTooLoud(
  telemetry: Telemetry,
  { tuning }: Policies,
  { noiseMaxDecibels }: Signals,
): boolean {
  const duty = dutyOf(telemetry);
  if (duty === undefined || noiseMaxDecibels === undefined) return false;
  return decibelsAt(duty, tuning.fullSpeedDecibels) > noiseMaxDecibels + SLACK_DECIBELS;
}
