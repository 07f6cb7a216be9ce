// What a machine has shown so far, one entry for each operating point and temperature.

import type { EpochMs } from "../../drivers/contract/units.ts";
import { efficiency, hashesPerSecond, watts } from "../../drivers/contract/units.ts";
import { samePoint } from "../state/point.ts";
import type { Measured, TuningState } from "../state/tuning.ts";

/** K within which two measurements of one point are one. */
const SAME_WARMTH = 2;
/** Readings after which an entry forgets: the older share shrinks as new ones come. */
const MOST_SAMPLES = 2_000;
const MOST_ENTRIES = 40;

/** What a window has shown is known, and the next one begins. */
export const withMeasured = (
  tuning: TuningState,
  measured: Measured,
  now: EpochMs,
): TuningState => ({
  ...tuning,
  evidence: withEvidence(tuning.evidence ?? [], measured),
  windowFrom: now,
});

/** The evidence with one more measurement in it; the oldest entries give way. */
export function withEvidence(
  evidence: readonly Measured[],
  measured: Measured,
): readonly Measured[] {
  const known = evidence.find((each) => isSame(each, measured));
  const others = evidence.filter((each) => each !== known);
  const next = known === undefined ? measured : merged(known, measured);
  // The first entry is the machine as it was found: all is told relative to it.
  const first = evidence[0];
  if (first !== undefined && known === first) return [next, ...others];
  return others.length < MOST_ENTRIES
    ? [...others, next]
    : [...others.slice(0, 1), ...others.slice(2), next];
}

const isSame = (a: Measured, b: Measured): boolean =>
  a.crashed === b.crashed &&
  a.passes === b.passes &&
  samePoint(a.point, b.point) &&
  Math.abs((a.chipTemperature ?? 0) - (b.chipTemperature ?? 0)) <= SAME_WARMTH;

function merged(old: Measured, fresh: Measured): Measured {
  const kept = Math.min(old.samples, MOST_SAMPLES - fresh.samples);
  const share = fresh.samples / Math.max(1, kept + fresh.samples);
  const mix = (a: number, b: number): number => a + (b - a) * share;
  const both = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? (b ?? a) : mix(a, b);
  const power = watts(mix(old.power, fresh.power));
  const rate = hashesPerSecond(mix(old.rate, fresh.rate));
  const ratio = both(old.ratio, fresh.ratio);
  const chipTemperature = both(old.chipTemperature, fresh.chipTemperature);
  const fan = both(old.fan, fresh.fan);
  return {
    ...fresh,
    from: old.from,
    samples: kept + fresh.samples,
    power,
    rate,
    efficiency: efficiency(power, rate) ?? fresh.efficiency,
    uncertainty: Math.hypot(old.uncertainty * (1 - share), fresh.uncertainty * share),
    ...(ratio === undefined ? {} : { ratio }),
    ...(chipTemperature === undefined ? {} : { chipTemperature }),
    ...(fan === undefined ? {} : { fan }),
  };
}

/**
 * Relative deviation of one reading of the hashrate, over all that was measured: a few readings at one
 * point tell their own spread badly, and the noise of counting is the same everywhere.
 */
export function jitterOf(evidence: readonly Measured[]): number {
  const seen = evidence.filter((each) => each.crashed !== true);
  const samples = seen.reduce((sum, each) => sum + each.samples, 0);
  const square = seen.reduce((sum, each) => sum + (each.uncertainty * each.samples) ** 2, 0);
  return Math.sqrt(square / Math.max(1, samples));
}
