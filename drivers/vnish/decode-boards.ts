// Boards and fans of the summary.

import { present, reader, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import { averagedOver } from "../contract/quantities.ts";
import type { Board, ChipFigures, Fan, RateReading, Reading } from "../contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type HashesPerSecond,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { type Known, minerOf, overclockOf, SOURCES } from "./known.ts";
import type { Chain, Info } from "./wire.ts";

/** "Realtime" is what 4028 calls "GHS 5s" (S21 Pro, 1.2.7). */
export const REALTIME = milliseconds(5_000);

/** Hashes in one unit of `hr_measure`; undefined where it is none of the two that the API knows. */
export function rateUnit(info: Info | undefined): number | undefined {
  switch (toText(info?.hr_measure)?.toUpperCase()) {
    case "GH/S":
      return 1e9;
    case "MH/S":
      return 1e6;
    default:
      return undefined;
  }
}

export function rateReader(known: Known) {
  const heard = known.summary;
  const unit = rateUnit(known.info?.answer);
  return (raw: unknown): Reading<HashesPerSecond> | undefined =>
    heard === undefined || unit === undefined
      ? undefined
      : reader(SOURCES.summary, heard.at)((value) => hashesPerSecond(value * unit), raw);
}

export function decodeBoards(known: Known, model: AntminerModel | undefined): Board[] {
  const heard = known.summary;
  if (heard === undefined) return [];
  const read = reader(SOURCES.summary, heard.at);
  return (heard.answer.miner?.chains ?? [])
    .map((chain, place) => decodeBoard(chain, place, read, known, model))
    .sort((a, b) => a.index - b.index);
}

/** Chains count from 1. */
const indexOf = (chain: { id?: unknown }, place: number): number =>
  (toNumber(chain.id) ?? place + 1) - 1;

function decodeBoard(
  chain: Chain,
  place: number,
  read: ReturnType<typeof reader>,
  known: Known,
  model: AntminerModel | undefined,
): Board {
  const index = indexOf(chain, place);
  const rate = rateReader(known);
  const label = known.factory?.answer.chains?.find(({ id }) => toNumber(id) === index + 1);
  return present({
    index,
    serial: toText(label?.serial),
    hashrate: within(rate(chain.hashrate_rt)),
    ideal: rate(chain.hashrate_ideal),
    chips: read(Number, chipCount(chain)),
    chipsExpected: model?.chipsPerBoard,
    chipFigures: decodeChips(known, index, rate(chain.hashrate_ideal)?.value),
    chipTemperature: hot(chain.chip_temp?.max, known),
    boardTemperature: hot(chain.pcb_temp?.max, known),
    inletTemperature: hot(chain.inlet_water_temp, known),
    outletTemperature: hot(chain.outlet_water_temp, known),
    frequency: read(megahertz, chain.frequency),
    voltage: read(millivolts, chain.voltage),
    hardwareErrors: read(Number, chain.hw_errors),
    enabled: isEnabled(chain, index, known),
  });
}

const within = (rate: Reading<HashesPerSecond> | undefined): RateReading | undefined =>
  averagedOver(rate, REALTIME);

/** Every chip has one of three grades; together they were the 65 of a whole S21 Pro board. */
function chipCount(chain: Chain): number | undefined {
  const { red, orange, grey } = chain.chip_statuses ?? {};
  const grades = [red, orange, grey].map(toNumber);
  if (grades.includes(undefined)) return undefined;
  return grades.reduce<number>((sum, grade) => sum + (grade ?? 0), 0);
}

/** A sensor that was not read says 0. */
export function hot(raw: unknown, known: Known): Reading<Celsius> | undefined {
  const heard = known.summary;
  const value = toNumber(raw);
  if (heard === undefined || value === undefined || value <= 0) return undefined;
  return reader(SOURCES.summary, heard.at)(celsius, value);
}

/**
 * Assumed: no source tells it. As long as the pause between two of these answers, so that none counts
 * twice; what they stray is measured by whoever averages them.
 */
const CHIP_WINDOW = milliseconds(5 * 60_000);
/** The unit is that of all rates, by the firmware's words: were it another, a board would be thousands off. */
const FAR_OFF = 30;

function decodeChips(
  known: Known,
  index: number,
  ideal: number | undefined,
): Reading<ChipFigures> | undefined {
  const heard = known.chips;
  const unit = rateUnit(known.info?.answer);
  const chips = heard?.answer.boards.find(({ id }) => id === index + 1)?.chips ?? [];
  if (heard === undefined || unit === undefined || chips.length === 0) return undefined;
  const rates = chips.map(({ rate }) => hashesPerSecond(rate * unit));
  const total = rates.reduce((sum, each) => sum + each, 0);
  const heat = chips.map(({ temperature }) => toNumber(temperature));
  const warm = heat.every((each) => each !== undefined && each > 0);
  // A whole board of zeros was not read, or stands still.
  const figures = {
    ...(total > 0 ? { rate: rates, window: CHIP_WINDOW } : {}),
    ...(warm ? { temperature: heat.map((each) => celsius(each ?? 0)) } : {}),
  };
  if (Object.keys(figures).length === 0) return undefined;
  const off = ideal === undefined || total === 0 ? 1 : total / ideal;
  const quality = off < FAR_OFF && off > 1 / FAR_OFF ? "ok" : "implausible";
  return { value: figures, at: heard.at, source: SOURCES.chips, quality };
}

function isEnabled(chain: Chain, index: number, known: Known): boolean | undefined {
  if (chain.status?.state === "disabled") return false;
  const setting = overclockOf(known.settings?.answer)?.chains?.[index];
  const disabled = toBoolean(setting?.disabled);
  return disabled === undefined ? undefined : !disabled;
}

export function decodeFans(known: Known): Fan[] {
  const heard = known.summary;
  const cooling = minerOf(known)?.cooling;
  if (heard === undefined) return [];
  const read = reader(SOURCES.summary, heard.at);
  return (cooling?.fans ?? []).map((fan, place) =>
    present({
      index: toNumber(fan.id) ?? place,
      speed: read(rpm, fan.rpm),
      duty: read(percent, cooling?.fan_duty),
    }),
  );
}
