// Boards apart from the common frequency, and chips from their board. LUXminer takes each board's own anyway;
// chips it takes one by one, a request each, and tells them in healthchipget.

import type { Effect, OffsetsKnob } from "../contract/controls.ts";
import { readingOf } from "../contract/decoding.ts";
import type { Reading } from "../contract/telemetry.ts";
import { epochMs, type Megahertz, megahertz } from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import type { ChipTable } from "./chips.ts";
import { boardIndexes, chain } from "./decode-boards.ts";
import type { Heard, Known } from "./known.ts";

/** The firmware names no limit of its own; more than this no equalising needs. */
const LARGEST = 75;

/** MHz of each board; undefined where one of them stands still or is missing. */
function frequencies(known: Known, model: AntminerModel | undefined): number[] | undefined {
  const found = boardIndexes(known, model).map((index) => chain(known, "freq", index) ?? 0);
  return found.length > 1 && found.every((each) => each > 0) ? found : undefined;
}

export function boardOffsetsKnob(
  known: Known,
  model: AntminerModel,
  step: Megahertz,
  effect: Effect,
): OffsetsKnob | undefined {
  const parts = frequencies(known, model)?.map(() => 1);
  return parts && { min: megahertz(-LARGEST), max: megahertz(LARGEST), step, effect, parts };
}

export function boardOffsetsSet(
  known: Known,
  model: AntminerModel | undefined,
): Reading<readonly Megahertz[]> | undefined {
  const heard = known.reports.stats;
  const found = frequencies(known, model);
  if (heard === undefined || found === undefined) return undefined;
  const mean = found.reduce((sum, each) => sum + each, 0) / found.length;
  const offsets = found.map((each) => megahertz(Math.round((each - mean) * 100) / 100));
  return readingOf(offsets, "stats", heard.at);
}

type Tables = ReadonlyMap<number, Heard<ChipTable>>;

/** Those of all of these boards; undefined where one is not known. */
function tablesOf(
  tables: Tables,
  boards: readonly number[],
): readonly Heard<ChipTable>[] | undefined {
  const found = boards.flatMap((board) => tables.get(board) ?? []);
  return found.length > 0 && found.length === boards.length ? found : undefined;
}

/** MHz of every chip of these boards as they were told last. */
export const clocksOf = (tables: Tables, boards: readonly number[]) =>
  tablesOf(tables, boards)?.map(({ answer }) => answer.clocks);

/** Offered where the chips are known: at a manual point, the machine's own tuner off. */
export function chipOffsetsKnob(
  known: Known,
  model: AntminerModel,
  step: Megahertz,
  effect: Effect,
): OffsetsKnob | undefined {
  const clocks = clocksOf(known.chips, boardIndexes(known, model));
  const parts = clocks?.map((row) => row.length);
  return parts && { min: megahertz(-LARGEST), max: megahertz(LARGEST), step, effect, parts };
}

export function chipOffsetsSet(
  known: Known,
  model: AntminerModel | undefined,
): Reading<readonly (readonly Megahertz[])[]> | undefined {
  const found = tablesOf(known.chips, boardIndexes(known, model));
  if (found === undefined) return undefined;
  const oldest = Math.min(...found.map(({ at }) => at));
  return readingOf(
    found.map(({ answer }) => answer.offsets),
    "healthchipget",
    epochMs(oldest),
  );
}
