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

/** How far units of one model differ. Deviations are standard deviations. */
export interface Spread {
  /** Of Vc between boards and between chips of a board, chip volts. */
  readonly boardOffset: number;
  readonly chipOffset: number;
  /** Share of units with one board that needs `outlierOffset` volts more. */
  readonly outlierShare: number;
  readonly outlierOffset: number;
  /** Of the slope of Vc, chip volts per MHz. */
  readonly slope: number;
  /** Of chip temperatures on a board, K. */
  readonly chipTemperature: number;
  /** Of the share of leakage in the power, around 0.12. */
  readonly leakageShare: number;
  /** Of the switching power, relative. */
  readonly switching: number;
}

/** With the spread of the leakage, `switching` gives the 7 % seen in power at equal V, f and T. */
export const FACTORY_SPREAD: Spread = {
  boardOffset: 0.02,
  chipOffset: 0.015,
  outlierShare: 0.03,
  outlierOffset: 0.07,
  slope: 0.00004,
  chipTemperature: 3.7,
  leakageShare: 0.03,
  switching: 0.075,
};

const LEAKAGE_SHARE = { mean: 0.12, min: 0.05, max: 0.25 };

export function nominalUnit(spec: PlantSpec): Unit {
  const board = { chipOffsets: new Float64Array(spec.chipsPerBoard), hottest: 0 };
  return {
    switchingScale: 1,
    leakageScale: 1,
    slope: spec.cliff.slope,
    boards: Array.from({ length: spec.boards }, () => board),
  };
}

export function drawUnit(spec: PlantSpec, random: Random, spread = FACTORY_SPREAD): Unit {
  const share = random.normal(LEAKAGE_SHARE.mean, spread.leakageShare);
  const leakage = Math.min(LEAKAGE_SHARE.max, Math.max(LEAKAGE_SHARE.min, share));
  const switchingScale = Math.max(0.75, random.normal(1, spread.switching));
  const slope = random.normal(spec.cliff.slope, spread.slope);
  const margin = random.between(-spec.marginSpread, spec.marginSpread);
  const outlier = random.uniform() < spread.outlierShare;
  // One bad board, as repair shops see it, not a machine that would not have left the factory.
  const badBoard = Math.floor(random.uniform() * spec.boards);
  return {
    switchingScale,
    leakageScale: leakage / LEAKAGE_SHARE.mean,
    slope,
    boards: Array.from({ length: spec.boards }, (_, index) => {
      const extra = outlier && index === badBoard ? spread.outlierOffset : 0;
      return drawBoard(spec, random, spread, margin + extra + random.normal(0, spread.boardOffset));
    }),
  };
}

function drawBoard(spec: PlantSpec, random: Random, spread: Spread, offset: number): BoardUnit {
  let hottest = 0;
  const chipOffsets = Float64Array.from({ length: spec.chipsPerBoard }, () => {
    const warmer = random.normal(0, spread.chipTemperature);
    hottest = Math.max(hottest, warmer);
    return offset + random.normal(0, spread.chipOffset) - spec.cliff.inversion * warmer;
  });
  return { chipOffsets, hottest };
}
