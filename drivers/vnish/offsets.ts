// Frequencies of boards and chips apart from the common one, as stored for a point by hand. The firmware
// stores absolute ones, whole MHz: of the machine, of a board (0 takes the machine's), of a chip (0 takes
// the board's).

import type { Controls, Effect, OffsetsKnob, SettingValues } from "../contract/controls.ts";
import { readingOf, toBoolean, toNumber } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { type Megahertz, megahertz } from "../contract/units.ts";
import { type Known, overclockOf, SOURCES } from "./known.ts";
import { isManual } from "./presets.ts";
import type { MinerPatch, Settings } from "./wire.ts";

const STEP = 1;
/** The firmware names no limit of its own; more than this no equalising needs. */
const LARGEST = 75;

type Chains = NonNullable<NonNullable<MinerPatch["overclock"]>["chains"]>;
type Wishes = {
  readonly [Knob in "boardOffsets" | "chipOffsets"]?: SettingValues[Knob] | undefined;
};

interface Row {
  readonly clocks: readonly number[];
  readonly disabled: boolean;
}

/** MHz of every chip as stored; undefined unless that is known of all. A board that lists none is one part. */
function storedRows(settings: Settings | undefined): readonly Row[] | undefined {
  const overclock = overclockOf(settings);
  const common = toNumber(overclock?.globals?.freq);
  const rows = (overclock?.chains ?? []).map((chain): Row => {
    const board = toNumber(chain.freq) || common || 0;
    const chips = chain.chips ?? [];
    const clocks = chips.length === 0 ? [board] : chips.map((chip) => toNumber(chip) || board);
    return { clocks, disabled: toBoolean(chain.disabled) === true };
  });
  const known = rows.length > 0 && rows.every(({ clocks }) => clocks.every((each) => each > 0));
  return known ? rows : undefined;
}

/** Not while a board is switched off: what it is set to moves no mean. */
function rowsAtWork(known: Known): readonly Row[] | undefined {
  const rows = isManual(known) ? storedRows(known.settings?.answer) : undefined;
  return rows?.some(({ disabled }) => disabled) ? undefined : rows;
}

export function offsetKnobs(
  known: Known,
  effect: Effect,
): Pick<Controls, "boardOffsets" | "chipOffsets"> {
  const rows = rowsAtWork(known);
  if (rows === undefined) return {};
  const knob = (parts: readonly number[]): OffsetsKnob => ({
    min: megahertz(-LARGEST),
    max: megahertz(LARGEST),
    step: megahertz(STEP),
    effect,
    parts,
  });
  const chips = rows.every(({ clocks }) => clocks.length > 1);
  return {
    ...(rows.length > 1 ? { boardOffsets: knob(rows.map(() => 1)) } : {}),
    ...(chips ? { chipOffsets: knob(rows.map(({ clocks }) => clocks.length)) } : {}),
  };
}

export function offsetsSet(known: Known): Pick<Setpoint, "boardOffsets" | "chipOffsets"> {
  const rows = rowsAtWork(known);
  const heard = known.settings;
  if (rows === undefined || heard === undefined) return {};
  const { boards, chips } = offsetsOf(rows);
  const told = <Value>(value: Value) => readingOf(value, SOURCES.settings, heard.at);
  const boardOffsets = rows.length > 1 ? told(boards) : undefined;
  const chipOffsets = rows.every(({ clocks }) => clocks.length > 1) ? told(chips) : undefined;
  return {
    ...(boardOffsets === undefined ? {} : { boardOffsets }),
    ...(chipOffsets === undefined ? {} : { chipOffsets }),
  };
}

function offsetsOf(rows: readonly Row[]) {
  const means = rows.map(({ clocks }) => mean(clocks));
  const on = means.filter((_, board) => rows[board]?.disabled !== true);
  const common = mean(on.length === 0 ? means : on);
  return {
    common,
    boards: means.map((each) => rounded(each - common)),
    chips: rows.map(({ clocks }, board) =>
      clocks.map((clock) => rounded(clock - (means[board] ?? clock))),
    ),
  };
}

/** All chains at this frequency, with the stored or the wished offsets; whatever else is stored stays. */
export function chainsApart(
  settings: Settings | undefined,
  frequency: number,
  wishes: Wishes,
): Chains | undefined {
  const rows = storedRows(settings);
  const stored = overclockOf(settings)?.chains;
  if (rows === undefined || stored === undefined) return undefined;
  const present = offsetsOf(rows);
  const boards = wishes.boardOffsets ?? present.boards;
  const chips = wishes.chipOffsets ?? present.chips;
  return stored.map((chain, board) => {
    const own = frequency + (boards[board] ?? 0);
    const apart = (rows[board]?.clocks ?? []).map((_, chip) => chips[board]?.[chip] ?? 0);
    const freq = Math.round(own);
    const level = apart.every((each) => each === 0);
    const clocks = level ? apart.map(() => 0) : whole(apart.map((each) => own + each));
    return { ...chain, freq, ...(chain.chips?.length ? { chips: clocks } : {}) };
  });
}

/** Whole MHz with the sum held: rounding each by itself would move the board. */
function whole(values: readonly number[]): number[] {
  const floors = values.map((value) => Math.floor(value + 1e-6));
  const total = Math.round(values.reduce((sum, each) => sum + each, 0));
  const missing = total - floors.reduce((sum, each) => sum + each, 0);
  const first = values
    .map((value, place) => ({ place, rest: value - (floors[place] ?? 0) }))
    .toSorted((a, b) => b.rest - a.rest)
    .slice(0, missing);
  for (const { place } of first) floors[place] = (floors[place] ?? 0) + 1;
  return floors;
}

/** MHz that all boards at work have in common; undefined where a chip's is not known. */
export function commonClock(settings: Settings | undefined): number | undefined {
  const rows = storedRows(settings);
  return rows && offsetsOf(rows).common;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);

const rounded = (value: number): Megahertz => megahertz(Math.round(value * 100) / 100);
