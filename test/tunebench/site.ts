// What the site and the market ask of a machine during a run: prices, caps, quiet hours.

import type { Policies as Configured, TuningPolicy } from "../../config/policy.ts";
import type { Signals } from "../../config/signals.ts";
import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";

/** What is configured, and what market and site ask for; absent: nothing. */
export interface Policies extends Configured {
  readonly signals?: (now: EpochMs) => Signals;
}

/** How a run is judged: J per hash, hashes under the caps, or money. */
export type Goal = "efficiency" | "hashes" | "profit";

/** Hours since the start. */
export interface Curtailment {
  readonly from: number;
  readonly to: number;
}

export interface Demands {
  readonly goal: Goal;
  readonly objective: TuningPolicy["objective"];
  /** W, as safety.powerMaxWatts. */
  readonly powerMaxWatts?: number;
  readonly signals?: (now: EpochMs) => Signals;
  /** Calls to save power whose end is watched. */
  readonly curtailments?: readonly Curtailment[];
  /** Minutes on end that a machine may be above a cap. */
  readonly graceMinutes: { readonly power: number; readonly noise: number };
}

export interface Limits {
  /** W on the machine's own meter, without its noise. */
  readonly power?: number;
  readonly decibels?: number;
}

/** `found`: W on the machine's own meter before anybody touched it. */
export function limitsAt(policies: Policies, now: EpochMs, found: number): Limits {
  const { powerShare, noiseMaxDecibels } = policies.signals?.(now) ?? {};
  const { powerMaxWatts = Number.POSITIVE_INFINITY } = policies.safety;
  const power = Math.min(powerMaxWatts, (powerShare ?? Number.POSITIVE_INFINITY) * found);
  return {
    ...(Number.isFinite(power) ? { power } : {}),
    ...(noiseMaxDecibels === undefined ? {} : { decibels: noiseMaxDecibels }),
  };
}

/** dB(A) at a share of the full fan speed. */
export const decibelsAt = (fullSpeed: number, flow: number): number =>
  fullSpeed + 50 * Math.log10(Math.max(0.01, flow));

/** Currency of one stretch at constant rate (H/s) and wall watts. */
export function money(
  { hashpricePerThDay = 0, tariffPerKwh = 0 }: Signals,
  used: { readonly hashes: number; readonly energy: number },
): number {
  const earned = (used.hashes / 1e12 / 86_400) * hashpricePerThDay;
  return earned - (used.energy / 3.6e6) * tariffPerKwh;
}

export const later = (start: EpochMs, hours: number): EpochMs => epochMs(start + hours * 3_600_000);
