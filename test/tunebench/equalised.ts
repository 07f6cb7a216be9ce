// The offsets that perfect knowledge of every chip would set: the most hashes at the same power.

import type { OffsetTable } from "../../drivers/contract/offsets.ts";
import { hashRatio, type PlantSpec } from "../sim/physics.ts";
import type { Unit } from "../sim/plant-unit.ts";

/**
 * Power follows the sum of the frequencies alone, so that with the sum held the best offsets deliver most.
 * To first order every chip then keeps the same margin above its own critical voltage, whatever the point.
 */
export function equalMargins({ boards, slope }: Unit, most: number): OffsetTable {
  return balanced(
    boards.map((board) => Array.from(board.chipOffsets)),
    (need, level) => clamp(level - need / slope, most),
  );
}

/** The same to the last hash: equal marginal hashrate of every chip that is not at its limit. */
export function equalGains(
  spec: PlantSpec,
  slope: number,
  frequency: number,
  margins: readonly (readonly number[])[],
  most: number,
): OffsetTable {
  const { cliff } = spec;
  const gained = (margin: number, offset: number): number => {
    const left = margin - slope * offset;
    const share = 1 / (1 + Math.exp(Math.min(500, left / cliff.width)));
    return hashRatio(cliff, left) - (frequency + offset) * slope * cliff.steepness * share;
  };
  return balanced(margins, (margin, level) => {
    // `level` falls from 1, the gain of a chip far from its edge, as all go faster.
    const wanted = 1 - level / LEVELS;
    return clamp(
      root((offset) => wanted - gained(margin, offset), -most, most),
      most,
    );
  });
}

const LEVELS = 100;
const ROUNDS = 32;
const WIDEST = 1000;

/** Each offset by one level that all share, found so that they add up to nothing. */
function balanced(
  rows: readonly (readonly number[])[],
  offsetAt: (each: number, level: number) => number,
): OffsetTable {
  const table = (level: number) => rows.map((row) => row.map((each) => offsetAt(each, level)));
  const sum = (level: number) =>
    table(level)
      .flat()
      .reduce((all, each) => all + each, 0);
  return table(root(sum, -WIDEST, WIDEST));
}

/** Where a rising function crosses zero; the nearer end where it does not. */
function root(rising: (at: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let round = 0; round < ROUNDS; round += 1) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const clamp = (value: number, most: number): number => Math.max(-most, Math.min(most, value));
