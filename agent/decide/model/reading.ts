// What one measurement says of the edge and of the watts.

import type { Measured } from "../../state/tuning.ts";

/** Delivered / ideal below this is over the edge: the hashrate falls by 0.6 % a millivolt from there. */
export const EDGE = 0.97;
const DAY = 24 * 60 * 60_000;
/** Ageing moves the edge by some 0.3 mV a day: what was measured long ago says less. */
const DRIFT_PER_DAY = 0.0015;
const CRASH_DEVIATION = 0.01;

/** What one entry of the evidence says of the edge. A crash says: over it, most likely. */
export function ratioSeen(
  measured: Measured,
  reference: Measured,
  x: number,
  jitter: number,
  newest: number,
  passes = 0,
): { readonly ratio: number; readonly deviation: number } {
  const aged = (DRIFT_PER_DAY * (newest - measured.to)) / DAY;
  const crashed = measured.crashed === true;
  const ratio = crashed
    ? EDGE - CRASH_DEVIATION
    : (measured.ratio ?? measured.rate / reference.rate / x);
  const noise = crashed ? CRASH_DEVIATION : jitter / Math.sqrt(Math.max(1, measured.samples));
  return { ratio, deviation: Math.hypot(noise, aged, outdated(measured, passes, ratio)) };
}

/** Standard deviation of the share of a loss that one pass of equalising takes away: a dozen take most of it. */
const TAKEN_AWAY = 0.12;

/**
 * Equalising takes hashes from nobody, so that full delivery before a pass is full delivery after it; of a
 * loss nobody knows how much is left.
 */
function outdated(measured: Measured, passes: number, ratio: number): number {
  const since = passes - (measured.passes ?? 0);
  return since <= 0 ? 0 : Math.max(0, 1 - ratio) * Math.min(1, TAKEN_AWAY * since);
}

export interface Where {
  readonly measured: Measured;
  readonly v: number;
  readonly x: number;
  readonly warmer: number;
}

/**
 * Watts that are a formula say nothing of the voltage: there only the measurement at the reference
 * counts, and the rest is the prior's physics.
 */
export function wattsSeen(usable: readonly Where[], reference: Measured) {
  const computed = areComputed(usable, reference);
  return usable
    .filter(
      ({ v, x, measured }) => measured.crashed !== true && (!computed || (v === 1 && x === 1)),
    )
    .map(({ measured, ...where }) => ({
      ...where,
      power: measured.power / reference.power - fansMore(measured, reference),
      deviation: POWER_DEVIATION / Math.sqrt(Math.max(1, measured.samples)) + 0.001,
    }));
}

/** Four fans at full speed draw 79 of an S19's 3,250 W, and by the fan laws as the cube of the speed. */
const FANS_SHARE = 0.024;

/** What the fans draw more than at the reference: weather and fan steps are not the chips' doing. */
function fansMore({ fan }: Measured, reference: Measured): number {
  if (fan === undefined || reference.fan === undefined) return 0;
  return FANS_SHARE * (fan ** 3 - reference.fan ** 3);
}

/** The firmware says so, or they show it. */
export const areComputed = (usable: readonly Where[], reference: Measured): boolean =>
  reference.basis === "formula" || ignoresVoltage(usable);

/** Of one reading, relative: telemetry of supplies jitters by this. */
const POWER_DEVIATION = 0.005;
/** Voltages further apart than this must show in true watts: 1.2 % of voltage are 2 % of power, four times their noise. */
const TELLING = 0.012;

/** The same frequency at clearly different voltages, and the same watts: computed, not measured. */
export function ignoresVoltage(usable: readonly Where[]): boolean {
  const measured = usable.filter((each) => each.measured.crashed !== true);
  for (const high of measured) {
    for (const low of measured) {
      if (Math.abs(high.x - low.x) > 0.002 || high.v - low.v < TELLING) continue;
      if (Math.abs(high.warmer - low.warmer) > 3) continue;
      const expected = 1 - (low.v / high.v) ** 2;
      const seen = 1 - low.measured.power / high.measured.power;
      if (seen < 0.3 * expected) return true;
    }
  }
  return false;
}

export function warmerThan(reference: Measured, measured: Measured): number {
  if (reference.chipTemperature === undefined || measured.chipTemperature === undefined) return 0;
  return measured.chipTemperature - reference.chipTemperature;
}
