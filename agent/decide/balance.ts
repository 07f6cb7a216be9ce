// Offsets for the next pass of equalising: an integral step for each part, quantised, the sum held.

import type { OffsetTable } from "../../drivers/contract/offsets.ts";
import type { PartRatios } from "../state/part-counts.ts";

/**
 * MHz for a ratio that is off by 1. A chip on its edge loses 0.24 % a MHz (0.57 % a mV, 0.42 mV a MHz); of a
 * board that delivers 98 % about a third of the chips is there, and more only far below.
 */
const GAIN = { chips: 350, boards: 900 } as const;
/** A part moves by no more MHz at a time, as the common frequency does. */
const LARGEST_MOVE = 25;
/** A part that delivers less than this of the others is dead: it says nothing, and is left alone. */
const DEAD = 0.1;

export interface Limits {
  readonly step: number;
  /** MHz that each part may be set to. */
  readonly min: OffsetTable;
  readonly max: OffsetTable;
}

/** Boards balance among all, chips within their board. The present offsets where nothing is told. */
export function balanced(
  present: OffsetTable,
  ratios: PartRatios,
  limits: Limits,
  what: "boards" | "chips",
): OffsetTable {
  const trust = trustIn(ratios);
  const places = present.map((row, board) => row.map((_, part) => [board, part] as const));
  const groups = what === "boards" ? [places.flat()] : places;
  const next = present.map((row) => [...row]);
  for (const group of groups) {
    const parts = group.map(([board, part]) => ({
      board,
      part,
      now: present[board]?.[part] ?? 0,
      ratio: ratios.rows[board]?.[part] ?? 0,
      min: limits.min[board]?.[part] ?? 0,
      max: limits.max[board]?.[part] ?? 0,
    }));
    const moved = balanceGroup(
      parts.filter((each) => each.ratio >= DEAD),
      GAIN[what] * trust,
      limits.step,
    );
    for (const { board, part, value } of moved) {
      const row = next[board];
      if (row !== undefined) row[part] = value;
    }
  }
  return next;
}

/** Share of the differences that is no noise: an integral of noise would walk away. */
export function trustIn({ rows, noise }: PartRatios): number {
  const all = rows.flat().filter((each) => each >= DEAD);
  const mean = all.reduce((sum, each) => sum + each, 0) / Math.max(1, all.length);
  const variance =
    all.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, all.length - 1);
  return variance <= 0 ? 0 : Math.max(0, 1 - noise ** 2 / variance);
}

interface Part {
  readonly board: number;
  readonly part: number;
  readonly now: number;
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
}

function balanceGroup(parts: readonly Part[], gain: number, step: number) {
  const mean = parts.reduce((sum, each) => sum + each.ratio, 0) / Math.max(1, parts.length);
  const held = parts.reduce((sum, each) => sum + each.now, 0);
  const wishes = parts.map((each) => {
    const move = clamp(gain * (each.ratio - mean), -LARGEST_MOVE, LARGEST_MOVE);
    const low = Math.max(each.min, each.now - LARGEST_MOVE);
    const high = Math.min(each.max, each.now + LARGEST_MOVE);
    return {
      ...each,
      wish: each.now + move,
      low: Math.min(low, each.now),
      high: Math.max(high, each.now),
    };
  });
  // Clamps take more on one side than on the other: all shift alike until the sum is what it was.
  let [below, above] = [-2 * LARGEST_MOVE, 2 * LARGEST_MOVE];
  for (let round = 0; round < 40; round += 1) {
    const middle = (below + above) / 2;
    const sum = wishes.reduce(
      (all, each) => all + clamp(each.wish + middle, each.low, each.high),
      0,
    );
    if (sum < held) below = middle;
    else above = middle;
  }
  const shift = (below + above) / 2;
  return quantised(
    wishes.map((each) => ({ ...each, wish: clamp(each.wish + shift, each.low, each.high) })),
    held,
    step,
  );
}

interface Wish extends Part {
  readonly wish: number;
  readonly low: number;
  readonly high: number;
}

/** On the firmware's steps from where each is, the sum as it was: largest remainders first. */
function quantised(wishes: readonly Wish[], held: number, step: number) {
  const rounded = wishes.map((each) => {
    const steps = Math.floor((each.wish - each.now) / step + 1e-9);
    const value = each.now + steps * step;
    return { ...each, value, rest: each.wish - value };
  });
  let missing = Math.round((held - rounded.reduce((sum, each) => sum + each.value, 0)) / step);
  for (const each of rounded.toSorted((a, b) => b.rest - a.rest)) {
    if (missing <= 0) break;
    if (each.value + step > each.high + 1e-9) continue;
    each.value += step;
    missing -= 1;
  }
  // Where not even that can be had, nothing moves: the sum is the one promise of a pass.
  const whole = missing === 0;
  return rounded.map(({ board, part, now, value }) => ({
    board,
    part,
    value: whole ? Math.round(value * 1000) / 1000 : now,
  }));
}

const clamp = (value: number, low: number, high: number): number =>
  Math.max(low, Math.min(high, value));
