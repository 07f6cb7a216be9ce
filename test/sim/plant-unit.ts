// How one unit differs from the nominal machine: the draws of a factory.

import type { PlantSpec } from "./physics.ts";
import type { Random } from "./random.ts";

export interface BoardUnit {
  /** Volts that each chip needs above the nominal Vc at the mean chip temperature. */
  readonly chipOffsets: Float64Array;
  /** K of the hottest chip above the mean. */
  readonly hottest: number;
}

export interface Unit {
  readonly switchingScale: number;
  readonly leakageScale: number;
  /** Chip volts per MHz. */
  readonly slope: number;
  readonly boards: readonly BoardUnit[];
}

const BOARD_OFFSET = 0.02;
const CHIP_OFFSET = 0.015;
const OUTLIER_SHARE = 0.03;
const OUTLIER_OFFSET = 0.07;
const SLOPE_DEVIATION = 0.00004;
const CHIP_TEMPERATURE = 3.7;
const LEAKAGE_SHARE = { mean: 0.12, deviation: 0.03, min: 0.05, max: 0.25 };
/** With the spread of the leakage this gives the 7 % seen in power at equal V, f and T. */
const SWITCHING_DEVIATION = 0.075;

export function nominalUnit(spec: PlantSpec): Unit {
  const board = { chipOffsets: new Float64Array(spec.chipsPerBoard), hottest: 0 };
  return {
    switchingScale: 1,
    leakageScale: 1,
    slope: spec.cliff.slope,
    boards: Array.from({ length: spec.boards }, () => board),
  };
}

export function drawUnit(spec: PlantSpec, random: Random): Unit {
  const share = random.normal(LEAKAGE_SHARE.mean, LEAKAGE_SHARE.deviation);
  const leakage = Math.min(LEAKAGE_SHARE.max, Math.max(LEAKAGE_SHARE.min, share));
  const switchingScale = Math.max(0.75, random.normal(1, SWITCHING_DEVIATION));
  const slope = random.normal(spec.cliff.slope, SLOPE_DEVIATION);
  const margin = random.between(-spec.marginSpread, spec.marginSpread);
  const outlier = random.uniform() < OUTLIER_SHARE;
  // One bad board, as repair shops see it, not a machine that would not have left the factory.
  const badBoard = Math.floor(random.uniform() * spec.boards);
  return {
    switchingScale,
    leakageScale: leakage / LEAKAGE_SHARE.mean,
    slope,
    boards: Array.from({ length: spec.boards }, (_, index) => {
      const extra = outlier && index === badBoard ? OUTLIER_OFFSET : 0;
      return drawBoard(spec, random, margin + extra + random.normal(0, BOARD_OFFSET));
    }),
  };
}

function drawBoard(spec: PlantSpec, random: Random, offset: number): BoardUnit {
  let hottest = 0;
  const chipOffsets = Float64Array.from({ length: spec.chipsPerBoard }, () => {
    const warmer = random.normal(0, CHIP_TEMPERATURE);
    hottest = Math.max(hottest, warmer);
    return offset + random.normal(0, CHIP_OFFSET) - spec.cliff.inversion * warmer;
  });
  return { chipOffsets, hottest };
}
