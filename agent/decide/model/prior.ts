// What is believed of a machine before it was measured: what other machines have shown.

import type { CliffPrior } from "./edge-cells.ts";
import type { LimitPrior } from "./limit.ts";
import type { WattsPrior } from "./watts.ts";

export interface Prior {
  readonly cliff: CliffPrior;
  readonly watts: WattsPrior;
  readonly limit: LimitPrior;
}

/** What is known of a machine before it is measured at a second point. */
export interface Kin {
  /** That it draws as it was found. */
  readonly watts: number;
  readonly model?: string;
  /** Name without the version. */
  readonly firmware?: string;
}

export type PriorSource = (kin: Kin) => Prior;

/**
 * Fits to published measurements and tables, relative to each machine's stock point. Slope: Vc over
 * frequency. Fixed and leakage: shares of the power. Steepness: loss per relative volt. Inversion: per K.
 */
interface Shown {
  readonly chip: string;
  readonly watts: number;
  readonly slope?: number;
  readonly fixed?: number;
  readonly leakage?: number;
  readonly steepness?: number;
  readonly inversion?: number;
}

const SHOWN: readonly Shown[] = [
  // Bitaxe GT: 140 points, 24 on the cliff.
  {
    chip: "BM1370",
    watts: 38,
    slope: 0.186,
    fixed: 0.26,
    leakage: 0.17,
    steepness: 6.5,
    inversion: 0.00097,
  },
  // NerdQAxe++: 59 points, none on the cliff.
  { chip: "BM1370", watts: 82, fixed: 0.06, leakage: 0.23 },
  // Bitaxe Gamma: a sweep of the lowest voltage, 62 points.
  { chip: "BM1370", watts: 18, slope: 0.232 },
  // Bitaxe Supra: 79 points, 25 on the cliff.
  { chip: "BM1368", watts: 12, slope: 0.192, fixed: 0.137, leakage: 0.07, steepness: 6.9 },
  // S19k Pro, profiles of LuxOS; S19 XP, presets of ePIC: labels.
  { chip: "BM1366", watts: 2794, slope: 0.262, fixed: 0.036 },
  { chip: "BM1366", watts: 3010, slope: 0.155 },
];

/** A machine that draws less at stock is one small board: its controller weighs on few chips. */
const SMALL_MACHINE = 300;
/** Where no machine is left to tell: fixed 4 % of a kW machine, leakage 12 %, 1.1 mV per K of 1.2 V. */
const FALLBACK = { slope: 0.2, leakage: 0.12, steepness: 6.8, inversion: 0.0009 };
const FALLBACK_FIXED = { small: 0.13, large: 0.045 };
/** Few machines tell little of how far the next one is off: no deviation is believed below these. */
export const LEAST = { slope: 0.045, fixedSmall: 0.08, fixedLarge: 0.03, leakage: 0.04 };

export const generalPrior: PriorSource = priorWithout(undefined);

/** Made from every machine that was measured but those of one chip; for honest benches. */
export function priorWithout(chip: string | undefined): PriorSource {
  const shown = SHOWN.filter((each) => each.chip !== chip);
  // One prior for each size, so that what is laid out from it is laid out once.
  const [small, large] = [makePrior(shown, true), makePrior(shown, false)];
  return (kin) => (isSmall(kin) ? small : large);
}

export const isSmall = ({ watts }: Kin): boolean => watts < SMALL_MACHINE;

function makePrior(shown: readonly Shown[], small: boolean): Prior {
  const alike = shown.filter((each) => each.watts < SMALL_MACHINE === small);
  const slope = gathered(shown, "slope", FALLBACK.slope, LEAST.slope);
  const fixed = gathered(
    alike,
    "fixed",
    small ? FALLBACK_FIXED.small : FALLBACK_FIXED.large,
    small ? LEAST.fixedSmall : LEAST.fixedLarge,
  );
  const leakage = gathered(shown, "leakage", FALLBACK.leakage, LEAST.leakage);
  const rest = Math.hypot(fixed[1], leakage[1]);
  return {
    cliff: {
      // Factories leave 20 to 35 mV of 1.2 V; units differ by 20 to 33 mV.
      critical: [0.975, 0.025],
      slope,
      spread: [0.12, 0.2, 0.24, 0.24, 0.14, 0.06],
      inversion: [gathered(shown, "inversion", FALLBACK.inversion, 0)[0], 0.0002],
      steepness: gathered(shown, "steepness", FALLBACK.steepness, 0)[0],
    },
    watts: {
      shares: [fixed, [1 - fixed[0] - leakage[0], rest], leakage],
      perKelvin: 0.055,
      perVolt: 1.6,
    },
    // Elasticity: 0.15 to 0.65 on ten models, median 0.31.
    limit: { onset: [1, 0.025], elasticity: [0.38, 0.15] },
  };
}

/** Chips whose frequencies follow their own needs fall over one edge, not one after another. */
const EQUALISED_SPREAD = [0.3, 0.3, 0.2, 0.12, 0.06, 0.02];
const EQUALISED = new WeakMap<CliffPrior, CliffPrior>();

/** The prior of a machine after passes of equalising; the same object for the same prior. */
export function equalisedPrior(prior: CliffPrior): CliffPrior {
  const known = EQUALISED.get(prior);
  if (known !== undefined) return known;
  const made = { ...prior, spread: EQUALISED_SPREAD };
  EQUALISED.set(prior, made);
  return made;
}

/** Mean and deviation over the machines that show it. */
function gathered(
  shown: readonly Shown[],
  name: "slope" | "fixed" | "leakage" | "steepness" | "inversion",
  fallback: number,
  least: number,
): readonly [number, number] {
  const values = shown.flatMap((each) => each[name] ?? []);
  if (values.length === 0) return [fallback, least];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.max(least, Math.sqrt(square / Math.max(1, values.length - 1)))];
}
