// Boards, chips and fans.

import {
  hottest,
  present,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { averagedOver } from "../contract/quantities.ts";
import type { Board, ChipFigures, Fan, RateReading, Reading } from "../contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  type HashesPerSecond,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import type { Heard, Known } from "./known.ts";
import type { Summary } from "./wire.ts";

/**
 * Of the rate in summary; no source tells it. On the captured boards it strays 3 to 4 % from what the
 * clock promises where the 4 min of the per-chip rates stray 0.4 %.
 */
const RATE_WINDOW = milliseconds(60_000);
const MOST_BOARDS = 16;
/** A sensor that is not there reads 0. No board survives more than the second. */
const COLDEST = 0;
const HOTTEST = 150;

type RawBoard = NonNullable<NonNullable<Summary["HBs"]>[number]>;

export function decodeBoards(known: Known, model: AntminerModel | undefined): Board[] {
  const indexes = boardIndexes(known);
  const serials = serialsOf(known);
  const heat = sensorHeat(known.temps, "temps");
  const chipHeat = sensorHeat(known["temps/chip"], "temps/chip");
  return indexes.map((index) => {
    const raw = bySlot(known.summary?.answer.HBs, index);
    return present({
      index,
      serial: serials.get(index),
      ...decodeRaw(known, raw),
      chips: hashingChips(known, index),
      chipsExpected: chipsPerBoard(known) ?? model?.chipsPerBoard,
      chipFigures: chipFigures(known, index),
      chipTemperature: chipHeat.get(index),
      boardTemperature: summaryHeat(known, raw) ?? heat.get(index),
      enabled: isEnabled(known, index),
    });
  });
}

function decodeRaw(known: Known, raw: RawBoard | undefined): Partial<Board> {
  const heard = known.summary;
  if (heard === undefined || raw === undefined) return {};
  const read = reader("summary", heard.at);
  const volts = positive(raw["Input Voltage"]);
  return present({
    hashrate: rateOf(raw, heard.at),
    ideal: readingOf(idealOf(known, raw), "summary", heard.at),
    frequency: read(megahertz, positive(raw["Core Clock Avg"])),
    voltage: read(millivolts, volts && Math.round(volts * 1000)),
  });
}

function rateOf(raw: RawBoard, at: EpochMs): RateReading | undefined {
  const reading = reader("summary", at)(megahashes, raw.Hashrate?.[0]);
  return averagedOver(reading, RATE_WINDOW);
}

export const megahashes = (value: number): HashesPerSecond => hashesPerSecond(value * 1e6);

/** At the clock that the chips run at now; where no estimator is told, by the board's own percentage. */
function idealOf(known: Known, raw: RawBoard): HashesPerSecond | undefined {
  const perMegahertz = positive(
    known.capabilities?.answer["Performance Estimator"]?.["Hashes Per Second Per Chip"],
  );
  const chips = chipsPerBoard(known);
  const clock = positive(raw["Core Clock Avg"]);
  if (perMegahertz !== undefined && chips !== undefined && clock !== undefined) {
    return megahashes(chips * perMegahertz * clock);
  }
  const rate = positive(raw.Hashrate?.[0]);
  const share = positive(raw.Hashrate?.[1]);
  return rate === undefined || share === undefined ? undefined : megahashes((rate * 100) / share);
}

function chipsPerBoard(known: Known): number | undefined {
  return positive(known.capabilities?.answer["Performance Estimator"]?.["Chip Count"]);
}

export function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}

/** Slots of all boards that any answer speaks of, from 0. */
export function boardIndexes(known: Known): number[] {
  const lists = [known.summary?.answer.HBStatus, known.summary?.answer.HBs, known.temps?.answer];
  const slots = lists.flatMap((list) => (list ?? []).flatMap((item) => slotOf(item) ?? []));
  return [...new Set(slots)].sort((a, b) => a - b);
}

function slotOf(item: { readonly Index?: unknown } | undefined): number | undefined {
  const slot = toNumber(item?.Index);
  const usable = slot !== undefined && Number.isInteger(slot) && slot >= 0 && slot < MOST_BOARDS;
  return usable ? slot : undefined;
}

export function bySlot<Item extends { readonly Index?: unknown }>(
  list: readonly (Item | undefined)[] | undefined,
  slot: number,
): Item | undefined {
  return list?.find((item) => slotOf(item) === slot);
}

export function isEnabled(known: Known, slot: number): boolean | undefined {
  return toBoolean(bySlot(known.summary?.answer.HBStatus, slot)?.Enabled);
}

/** Serial numbers come without slots, and only of boards that are on. */
function serialsOf(known: Known): Map<number, string> {
  const serials = known.capabilities?.answer["Board Serial Numbers"] ?? [];
  const slots = boardIndexes(known);
  const on = slots.filter((slot) => isEnabled(known, slot) === true);
  const owners = [slots, on].find((boards) => boards.length === serials.length) ?? [];
  return new Map(
    owners.flatMap((slot, place) => {
      const serial = toText(serials[place]);
      return serial === undefined ? [] : [[slot, serial] as const];
    }),
  );
}

export function temperature(
  raw: unknown,
  source: string,
  at: EpochMs,
): Reading<Celsius> | undefined {
  const value = toNumber(raw);
  if (value === undefined || value <= COLDEST) return undefined;
  return reader(source, at)(celsius, value, value > HOTTEST ? "implausible" : "ok");
}

function summaryHeat(known: Known, raw: RawBoard | undefined): Reading<Celsius> | undefined {
  return known.summary && temperature(raw?.Temperature, "summary", known.summary.at);
}

/** The hottest sensor by slot; boards without any are left out. */
export function sensorHeat(
  heard: Known["temps"],
  source: string,
): ReadonlyMap<number, Reading<Celsius>> {
  const heat = new Map<number, Reading<Celsius>>();
  for (const board of heard?.answer ?? []) {
    const slot = slotOf(board);
    if (slot === undefined || heard === undefined) continue;
    const top = hottest((board?.Data ?? []).map((raw) => temperature(raw, source, heard.at)));
    if (top !== undefined) heat.set(slot, top);
  }
  return heat;
}

/** What one chip does; `share` is percent of what its clock promises. */
export interface ChipRate {
  readonly hashrate?: HashesPerSecond;
  readonly share?: number;
}

/** In the order of the chain. */
export function chipRates(heard: NonNullable<Known["hashrate"]>, slot: number): ChipRate[] {
  return (bySlot(heard.answer, slot)?.Data ?? []).map((chip) => {
    const rate = toNumber(chip?.[0]);
    return present({
      hashrate: rate === undefined ? undefined : megahashes(rate),
      share: toNumber(chip?.[1]),
    });
  });
}

/** Milliseconds; by how much the captured rates stray: their 4 min give 0.4 % of a board. */
const CHIP_WINDOW = milliseconds(4 * 60_000);

function chipFigures(known: Known, slot: number): Reading<ChipFigures> | undefined {
  const heard = known.hashrate;
  if (heard === undefined) return undefined;
  const rates = chipRates(heard, slot).flatMap(({ hashrate }) => hashrate ?? []);
  // A chip that is left out would shift all behind it.
  if (rates.length === 0 || rates.length !== (bySlot(heard.answer, slot)?.Data ?? []).length) {
    return undefined;
  }
  return readingOf({ rate: rates, window: CHIP_WINDOW }, "hashrate", heard.at);
}

/** Chips that found anything within the firmware's window of some minutes. */
function hashingChips(known: Known, slot: number): Reading<number> | undefined {
  const heard = known.hashrate;
  if (heard === undefined) return undefined;
  const chips = chipRates(heard, slot);
  if (chips.length === 0 || chips.every((chip) => chip.hashrate === undefined)) return undefined;
  const alive = chips.filter((chip) => (chip.hashrate ?? 0) > 0).length;
  return readingOf(alive, "hashrate", heard.at);
}

/** A slot that reads null has no fan; 0 is a fan that stands still. */
export function decodeFans(heard: Heard<Summary> | undefined): Fan[] {
  if (heard === undefined) return [];
  const read = reader("summary", heard.at);
  const duty = read(percent, heard.answer.Fans?.["Fans Speed"]);
  return Object.entries(heard.answer["Fans Rpm"] ?? {})
    .flatMap(([name, raw]) => {
      const number = /^Fans Speed (\d{1,2})$/.exec(name)?.[1];
      const speed = read(rpm, raw);
      if (number === undefined || speed === undefined) return [];
      return [present({ index: Number(number) - 1, speed, duty })];
    })
    .sort((a, b) => a.index - b.index);
}
