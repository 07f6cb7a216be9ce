// Hash boards: their rates from `summary`, hottest chips from `getAll`, chips and volts from cgminer's stats.

import { present, reader, toNumber, toText } from "../contract/decoding.ts";
import type { Board, Quality, RateReading, Reading } from "../contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
} from "../contract/units.ts";
import type { InnosiliconModel } from "../hardware/innosilicon.ts";
import type { Held } from "../transport/answer.ts";
import { shownWindow } from "./rate.ts";
import type { All, Dev, Stats, Summary } from "./wire.ts";

export interface BoardAnswers {
  readonly summary: Held<Summary>;
  readonly all: Held<All> | undefined;
  readonly stats: Held<Stats> | undefined;
}

const HOTTEST_SILICON = 150;

export function decodeBoards(
  answers: BoardAnswers,
  model: InnosiliconModel | undefined,
  unit: number | undefined,
): readonly Board[] {
  const { summary } = answers;
  return (summary.value.DEVS ?? []).map((dev, position) => {
    const index = toNumber(dev.ASC) ?? toNumber(dev.ID) ?? position;
    const read = reader("summary", summary.at);
    return present({
      index,
      hashrate: decodeRate(dev, unit, summary.at),
      chipTemperature: chipTemperature(answers, index),
      boardTemperature: temperature(dev.Temperature, "summary", summary.at),
      hardwareErrors: read(Number, dev["Hardware Errors"]),
      chipsExpected: model?.chipsPerBoard,
      ...fromStats(answers.stats, index, model),
    });
  });
}

function decodeRate(dev: Dev, unit: number | undefined, at: EpochMs): RateReading | undefined {
  const { key, length } = shownWindow(dev);
  const shown = toNumber(dev[key]);
  const base = toNumber(dev["Hash Rate H"]);
  const value = base ?? (shown === undefined || unit === undefined ? undefined : shown * unit);
  if (value === undefined) return undefined;
  return {
    value: hashesPerSecond(value),
    at,
    source: "summary",
    quality: "ok",
    window: milliseconds(length),
  };
}

function chipTemperature(
  { all, stats }: BoardAnswers,
  index: number,
): Reading<Celsius> | undefined {
  const chain = all?.value.all?.chain?.find(({ ASC }) => toNumber(ASC) === index);
  const hottest = all && temperature(chain?.["Temp max"], "getAll", all.at);
  if (hottest !== undefined || stats === undefined) return hottest;
  return temperature(recordOf(stats, index)?.["Temp max"], "stats", stats.at);
}

function fromStats(
  stats: Held<Stats> | undefined,
  index: number,
  model: InnosiliconModel | undefined,
) {
  const record = stats && recordOf(stats, index);
  if (stats === undefined || record === undefined) return {};
  const read = reader("stats", stats.at);
  return present({
    chips: read(Number, record["Num active chips"]),
    chipsExpected: model?.chipsPerBoard ?? toNumber(record["Num chips"]),
    frequency: positive(record.PLL) ? read(megahertz, record.PLL) : undefined,
    voltage: positive(record["Voltage Avg"]) ? read(millivolts, record["Voltage Avg"]) : undefined,
  });
}

const recordOf = (stats: Held<Stats>, index: number) =>
  stats.value.STATS?.find((record) => toNumber(record["Chain ID"]) === index);

const positive = (raw: unknown): boolean => (toNumber(raw) ?? 0) > 0;

/** 0 is a sensor that was not read. */
function temperature(raw: unknown, source: string, at: EpochMs): Reading<Celsius> | undefined {
  if (toNumber(raw) === 0) return undefined;
  const quality: Quality = (toNumber(raw) ?? 0) > HOTTEST_SILICON ? "implausible" : "ok";
  return reader(source, at)(celsius, raw, quality);
}

/** Of the boards that have a status; undefined when none of them has. */
export function noneAlive(devs: readonly Dev[]): boolean | undefined {
  const known = devs.flatMap((dev) => toText(dev.Status) ?? []);
  return known.length === 0 ? undefined : known.every((status) => status !== "Alive");
}
