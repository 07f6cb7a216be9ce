// Frequency and rate of each chip, as healthchipget tells them of one board; kept as bare numbers.

import { toNumber } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import type { ChipFigures } from "../contract/telemetry.ts";
import {
  type HashesPerSecond,
  hashesPerSecond,
  type Megahertz,
  megahertz,
  milliseconds,
} from "../contract/units.ts";
import type { ChipAnswer } from "./wire.ts";

/** Of one board, chips in the order of the chain. */
export interface ChipTable {
  /** MHz, each more than 0. */
  readonly clocks: readonly Megahertz[];
  /** MHz from the mean of the board. */
  readonly offsets: readonly Megahertz[];
  /** Empty where a chip tells none. */
  readonly figures: ChipFigures;
}

/** The averages that LUXminer keeps of a chip. */
export const WINDOWS = {
  short: { key: "GHS 5m", length: milliseconds(5 * 60_000) },
  long: { key: "GHS 15m", length: milliseconds(15 * 60_000) },
} as const;
export type Window = (typeof WINDOWS)[keyof typeof WINDOWS];

/** MHz and GH/s; what no chip reaches is no figure of a chip. */
const MOST_MHZ = 10_000;
const MOST_GHS = 1e6;

type Chip = NonNullable<ChipAnswer["CHIPS"]>[number];

/** Throws UNEXPECTED_SHAPE unless every chip is told once: one left out would shift all behind it. */
export function chipTable(answer: ChipAnswer, board: number, window: Window): ChipTable {
  const chips = (answer.CHIPS ?? []).toSorted((a, b) => placeOf(a) - placeOf(b));
  const whole = chips.every(
    (chip, place) => placeOf(chip) === place && (toNumber(chip.Board) ?? board) === board,
  );
  const clocks = chips.flatMap(({ Frequency }) => within(Frequency, MOST_MHZ) || []);
  if (chips.length === 0 || !whole || clocks.length !== chips.length) {
    throw new DeviceError(
      "UNEXPECTED_SHAPE",
      `healthchipget ${board}: expected every chip of the board once, from 0, with its Frequency`,
    );
  }
  const mean = clocks.reduce((sum, each) => sum + each, 0) / clocks.length;
  return {
    clocks: clocks.map(megahertz),
    offsets: clocks.map((each) => megahertz(Math.round((each - mean) * 100) / 100)),
    figures: figuresOf(chips, window),
  };
}

function figuresOf(chips: readonly Chip[], { key, length }: Window): ChipFigures {
  const rate = chips.flatMap((chip): HashesPerSecond | readonly [] => {
    const ghs = within(chip[key], MOST_GHS);
    return ghs === undefined ? [] : hashesPerSecond(ghs * 1e9);
  });
  return rate.length === chips.length ? { rate, window: length } : {};
}

const placeOf = (chip: Chip): number => toNumber(chip.Chip) ?? Number.NaN;

function within(raw: unknown, most: number): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value >= 0 && value <= most ? value : undefined;
}
