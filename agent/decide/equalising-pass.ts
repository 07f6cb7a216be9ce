// The next pass of equalising, if enough was counted for one and there is something to move.

import type { TuningPolicy } from "../../config/policy.ts";
import type { OffsetsKnob, Setting } from "../../drivers/contract/controls.ts";
import {
  describeOffsets,
  type OffsetsName,
  type OffsetTable,
  offsetsFrom,
  offsetTable,
} from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Equaliser } from "../state/equaliser.ts";
import { type PartCounts, type PartRatios, ratiosOf } from "../state/part-counts.ts";
import { balanced, trustIn } from "./balance.ts";
import { LARGEST_OFFSET_MHZ } from "./offsets-guard.ts";

const HOUR = 60 * 60_000;
/** Between two passes, and behind each. */
export const SHORTEST = 4 * HOUR;
const LONGEST = 24 * HOUR;
/** Of a chip's ratio: 0.5 TH/s at difficulty 256 reach it within 9 h. */
const PRECISION = 0.008;
/** Standard deviation of the true ratios below which nothing is left to gain. */
const EQUAL = { boardOffsets: 0.0015, chipOffsets: 0.003 } as const;
/** Delivers less of its share than this: weak, and named when it is so twice. */
const WEAK = 0.7;

export interface NextPass {
  readonly setting: Setting;
  /** Chips below WEAK now, as `board/chip`. */
  readonly weak: readonly string[];
  readonly reason: string;
}

export function nextPass(
  parts: PartCounts | undefined,
  equaliser: Equaliser,
  telemetry: Telemetry,
  wanted: TuningPolicy["equalise"],
): NextPass | undefined {
  const chips = ratiosOf(parts?.chips);
  const weak = chips === undefined ? [] : weakOf(chips);
  const twice = weak.filter((each) => equaliser.weak?.includes(each));
  const boards = passOf("boardOffsets", ratiosOf(parts?.boards), telemetry);
  const found =
    boards ?? (wanted === "chips" ? passOf("chipOffsets", chips, telemetry) : undefined);
  if (found === undefined) return undefined;
  const named = twice.length === 0 ? "" : `; weak: ${twice.join(", ")} (board/chip)`;
  return { ...found, weak, reason: `${found.reason}${named}` };
}

function passOf(
  name: OffsetsName,
  ratios: PartRatios | undefined,
  { controls, setpoint }: Telemetry,
): Omit<NextPass, "weak"> | undefined {
  const knob = controls[name];
  const present = offsetTable(setpoint[name]?.value);
  if (knob === undefined || present === undefined || !isDue(ratios)) return undefined;
  const spread = spreadOf(ratios);
  if (spread * Math.sqrt(trustIn(ratios)) < EQUAL[name]) return undefined;
  const other = name === "boardOffsets" ? "chipOffsets" : "boardOffsets";
  const rest = offsetTable(setpoint[other]?.value) ?? [];
  const limits = limitsOf(knob, present, rest);
  const what = name === "boardOffsets" ? "boards" : "chips";
  const next = balanced(present, ratios, limits, what);
  if (next.flat().every((each, place) => each === present.flat()[place])) return undefined;
  const value = offsetsFrom(name, next);
  const hours = (ratios.exposure / HOUR).toFixed(1);
  const reason =
    `equalise ${what} to ${describeOffsets(value)}: over ${hours} h they differ by ` +
    `${percent(spread)} of their hashrate, ${percent(ratios.noise)} of it noise; the mean is held`;
  return { setting: { knob: name, value } as Setting, reason };
}

const isDue = (ratios: PartRatios | undefined): ratios is PartRatios =>
  ratios !== undefined &&
  ratios.exposure >= SHORTEST &&
  (ratios.noise <= PRECISION || ratios.exposure >= LONGEST);

/** Board and chip together stay within the clamp; a part beyond it may only come back. */
function limitsOf(knob: OffsetsKnob, present: OffsetTable, rest: OffsetTable) {
  const bound = (sign: 1 | -1) =>
    present.map((row, board) =>
      row.map(() => {
        const others = (rest[board] ?? [0]).map((each) => each * sign);
        const room = LARGEST_OFFSET_MHZ - Math.max(...others);
        return sign * Math.min(sign > 0 ? knob.max : -knob.min, Math.max(0, room));
      }),
    );
  return { step: knob.step, min: bound(-1), max: bound(1) };
}

function spreadOf({ rows }: PartRatios): number {
  const all = rows.flat().filter((each) => each > 0);
  const mean = all.reduce((sum, each) => sum + each, 0) / Math.max(1, all.length);
  const square = all.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return Math.sqrt(square / Math.max(1, all.length - 1));
}

function weakOf({ rows }: PartRatios): string[] {
  const sorted = rows.flat().toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 1;
  return rows.flatMap((row, board) =>
    row.flatMap((each, chip) => (each < WEAK * median ? [`${board}/${chip}`] : [])),
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
