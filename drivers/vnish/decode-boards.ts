// Boards and fans of the summary.

import { present, reader, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import { averagedOver } from "../contract/quantities.ts";
import type { Board, Fan, RateReading, Reading } from "../contract/telemetry.ts";
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
