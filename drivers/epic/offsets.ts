// Clocks of boards and chips apart from the common one. PowerPlay takes absolute clocks, of boards or of
// chips; an order for all of them makes them equal again, so that whoever moves all sends each one's own.

import type { Controls, Effect, OffsetsKnob, SettingValues } from "../contract/controls.ts";
import { readingOf } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { type Megahertz, megahertz } from "../contract/units.ts";
import { boardIndexes, bySlot, positive } from "./decode-boards.ts";
import type { Known } from "./known.ts";

/** Where 485 is set the captured chips run at 487.5: a multiple of 6.25, the PLL step of this family. */
const CHIP_STEP = 6.25;
/** The firmware names no limit; more than this no equalising needs. */
const LARGEST = 75;
/** Clocks of one board that differ by less are one clock. */
const SAME = 0.5;

interface Row {
  readonly slot: number;
  readonly clocks: readonly number[];
}

type Wishes = {
  readonly [Knob in "frequency" | "boardOffsets" | "chipOffsets"]?: SettingValues[Knob];
};

/** As the chips run now; undefined unless every board tells all of them. */
function clockRows(known: Known): readonly Row[] | undefined {
  const rows = boardIndexes(known).map((slot): Row => {
    const told = bySlot(known.clocks?.answer, slot)?.Data ?? [];
    const clocks = told.flatMap((raw) => positive(raw) ?? []);
    return { slot, clocks: clocks.length === told.length ? clocks : [] };
  });
  return rows.length > 0 && rows.every(({ clocks }) => clocks.length > 0) ? rows : undefined;
}

export const isApart = (known: Known): boolean => {
  const all = (clockRows(known) ?? []).flatMap(({ clocks }) => clocks);
  return all.some((clock) => Math.abs(clock - (all[0] ?? clock)) > SAME);
};

export function offsetKnobs(
  known: Known,
  effect: Effect,
): Pick<Controls, "boardOffsets" | "chipOffsets"> {
  const rows = clockRows(known);
  if (rows === undefined) return {};
  const knob = (parts: readonly number[]): OffsetsKnob => ({
    min: megahertz(-LARGEST),
    max: megahertz(LARGEST),
    step: megahertz(CHIP_STEP),
    effect,
    parts,
  });
  const chips = knob(rows.map(({ clocks }) => clocks.length));
  return rows.length < 2
    ? { chipOffsets: chips }
    : { boardOffsets: knob(rows.map(() => 1)), chipOffsets: chips };
}

export function offsetsSet(known: Known): Pick<Setpoint, "boardOffsets" | "chipOffsets"> {
  const rows = clockRows(known);
  const heard = known.clocks;
  if (rows === undefined || heard === undefined) return {};
  const { boards, chips } = offsetsOf(rows);
  const told = <Value>(value: Value) => readingOf(value, "clocks", heard.at);
  const [boardOffsets, chipOffsets] = [told(boards), told(chips)];
  return {
    ...(boardOffsets === undefined ? {} : { boardOffsets }),
    ...(chipOffsets === undefined ? {} : { chipOffsets }),
  };
}

interface Offsets {
  readonly boards: readonly Megahertz[];
  readonly chips: readonly (readonly Megahertz[])[];
}

function offsetsOf(rows: readonly Row[]): Offsets {
  const means = rows.map(({ clocks }) => mean(clocks));
  const common = mean(means);
  return {
    boards: means.map((each) => rounded(each - common)),
    chips: rows.map(({ clocks }, board) =>
      clocks.map((clock) => rounded(clock - (means[board] ?? clock))),
    ),
  };
}

/**
 * The clock of every chip for a wish that sets parts apart, or moves what is apart; else undefined. `asked`:
 * the common clock that is asked of them, whatever their grid makes of it.
 */
export function clocksFor(
  wishes: Wishes,
  known: Known,
  asked: number | undefined,
): readonly Row[] | undefined {
  const rows = clockRows(known);
  const { frequency, boardOffsets, chipOffsets } = wishes;
  if (rows === undefined) return undefined;
  const setsApart = boardOffsets !== undefined || chipOffsets !== undefined;
  if (!setsApart && (frequency === undefined || !isApart(known))) return undefined;
  const present = offsetsOf(rows);
  const common = frequency ?? asked ?? mean(rows.map(({ clocks }) => mean(clocks)));
  return rows.map(({ slot, clocks }, board) => ({
    slot,
    clocks: clocks.map((_, chip) =>
      rounded(
        common +
          ((boardOffsets ?? present.boards)[board] ?? 0) +
          ((chipOffsets ?? present.chips)[board]?.[chip] ?? 0),
      ),
    ),
  }));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);

const rounded = (value: number): Megahertz => megahertz(Math.round(value * 100) / 100);
