// The parameters that machines of one model have in common: their names, their range, and how far the
// next machine is off at least.

import { SPREADS } from "./edge-cells.ts";
import type { Estimate } from "./forecast.ts";
import { isSmall, type Kin, LEAST, type Prior } from "./prior.ts";

export const PARAMETERS = [
  "critical",
  "slope",
  "spread",
  "inversion",
  "fixed",
  "leakage",
  "onset",
  "elasticity",
] as const;

export type Parameter = (typeof PARAMETERS)[number];

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * What a mean may be at all. Wider than every fit that was published, narrow enough that a wrong file is
 * found out: an edge 14 % below the stock voltage is sold by no factory.
 */
export const BOUNDS: Readonly<Record<Parameter, Bounds>> = {
  critical: { min: 0.86, max: 1.1 },
  slope: { min: 0.05, max: 0.5 },
  spread: { min: SPREADS[0], max: 0.045 },
  inversion: { min: 0, max: 0.003 },
  fixed: { min: 0, max: 0.6 },
  leakage: { min: 0, max: 0.35 },
  onset: { min: 0.88, max: 1.12 },
  elasticity: { min: 0, max: 0.96 },
};

/** Units of one model differ by this at least, however alike those seen so far were. */
export function leastDeviation(parameter: Parameter, kin: Kin): number {
  if (parameter === "fixed") return isSmall(kin) ? LEAST.fixedSmall : LEAST.fixedLarge;
  return LEAST_OF[parameter];
}

const LEAST_OF: Readonly<Record<Exclude<Parameter, "fixed">, number>> = {
  // 20 to 33 mV of 1.2 V between units were published, and some boards are far off.
  critical: 0.02,
  slope: LEAST.slope,
  spread: 0.006,
  inversion: 0.0002,
  leakage: LEAST.leakage,
  // Meters of one model against each other: 1 %.
  onset: 0.01,
  elasticity: 0.06,
};

/** Mean and deviation of each parameter as a prior has them. */
export function parametersOf({
  cliff,
  watts,
  limit,
}: Prior): Readonly<Record<Parameter, Estimate>> {
  const [fixed, , leakage] = watts.shares;
  const pair = ([mean, deviation]: readonly [number, number]): Estimate => ({ mean, deviation });
  return {
    critical: pair(cliff.critical),
    slope: pair(cliff.slope),
    spread: momentsOf(cliff.spread),
    inversion: pair(cliff.inversion),
    fixed: pair(fixed),
    leakage: pair(leakage),
    onset: pair(limit.onset),
    elasticity: pair(limit.elasticity),
  };
}

/** Of the values in SPREADS by their weights. */
function momentsOf(weights: readonly number[]): Estimate {
  let [sum, first, second] = [0, 0, 0];
  for (const [index, spread] of SPREADS.entries()) {
    const weight = weights[index] ?? 0;
    sum += weight;
    first += weight * spread;
    second += weight * spread * spread;
  }
  const mean = first / sum;
  return { mean, deviation: Math.sqrt(Math.max(0, second / sum - mean * mean)) };
}
