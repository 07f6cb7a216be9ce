// From the answers to Telemetry. Pure.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toMac,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { rateReading, temperatureReading } from "../contract/quantities.ts";
import type {
  Board,
  Fan,
  Identity,
  Pool,
  RateReading,
  Shares,
  Telemetry,
} from "../contract/telemetry.ts";
import {
  type EpochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  rpm,
} from "../contract/units.ts";
import { findGoldshell, type GoldshellModel } from "../hardware/goldshell.ts";
import type { Held } from "../transport/answer.ts";
import { controlsOf, setpointOf, viewOf } from "./controls.ts";
import {
  type Details,
  type Devs,
  FAN_KEYS,
  type GoldshellPools,
  type Status,
  type WholeSetting,
} from "./wire.ts";

export interface Answers {
  readonly devs: Held<Devs>;
  readonly details: Held<Details> | undefined;
  readonly status: Held<Status> | undefined;
  readonly setting: Held<WholeSetting> | undefined;
  readonly pools: Held<GoldshellPools> | undefined;
}

export const FIRMWARE = "Goldshell stock";
const MEGA = 1e6;
const NOW_WINDOW = 20_000;

export function decode(answers: Answers, at: EpochMs): Omit<Telemetry, "problems"> {
  const { devs, setting } = answers;
  const identity = decodeIdentity(answers);
  const model = findGoldshell(identity.model ?? "");
  const boards = devs.value.map((_, position) => boardOf(position, answers, model));
  const now = total(boards.map((board) => board.hashrate));
  return {
    at,
    identity,
    boards,
    fans: fansOf(devs),
    pools: poolsOf(answers.pools?.value ?? []),
    setpoint: setpointOf(setting),
    controls: controlsOf(identity.modelKnown, setting),
    faults: [],
    ...present({
      algorithm: model?.algorithm,
      activity: readingOf(activityOf(devs.value), devs.source, devs.at),
      hashrate: presentOrNone({ now, average: averageOf(devs, model) }),
      temperature: presentOrNone({
        chip: hottest(boards.map((board) => board.chipTemperature)),
        board: hottest(boards.map((board) => board.boardTemperature)),
      }),
      shares: sharesOf(devs),
      uptime: uptimeOf(devs),
    }),
  };
}

export function decodeIdentity({ status, setting }: Partial<Answers>): Identity {
  const model = toText(status?.value.model);
  return {
    vendor: "Goldshell",
    firmware: FIRMWARE,
    modelKnown: model !== undefined && findGoldshell(model) !== undefined,
    ...present({
      firmwareVersion: toText(status?.value.firmware),
      model,
      mac: setting === undefined ? undefined : toMac(viewOf(setting.value).name),
      controlBoard: toText(status?.value.hardware),
    }),
  };
}

function boardOf(
  position: number,
  { devs, details }: Answers,
  model: GoldshellModel | undefined,
): Board {
  const dev = devs.value[position];
  const index = toNumber(dev?.ID) ?? position;
  const detail = details?.value.find((row, place) => (toNumber(row.ID) ?? place) === index);
  const read = reader(devs.source, devs.at);
  return {
    index,
    ...present({
      // The unit of a rate is sure where the coin is.
      hashrate:
        model === undefined
          ? undefined
          : rateReading(dev?.["MHS 20s"], { scale: MEGA, window: NOW_WINDOW }, devs),
      ...heatOf(dev, devs),
      frequency: read(megahertz, positive(dev?.clock)),
      voltage: read(millivolts, positive(dev?.voltage)),
      hardwareErrors: read((value) => value, dev?.["Hardware Errors"]),
      chips:
        details === undefined
          ? undefined
          : reader(details.source, details.at)((value) => value, detail?.["chips-nr"]),
      chipsExpected: model?.chipsPerBoard,
    }),
  };
}

/** Where there are three sensors, the last is on the board; where there are two, the second. */
function heatOf(dev: Devs[number] | undefined, devs: Held<Devs>) {
  const sensor = (raw: unknown) => {
    const value = toNumber(leading(raw));
    return value === undefined || value === 0 ? undefined : temperatureReading(value, devs);
  };
  const [first, second, third] = [dev?.["tstemp-0"], dev?.["tstemp-1"], dev?.["tstemp-2"]].map(
    sensor,
  );
  return third === undefined
    ? { chipTemperature: first, boardTemperature: second }
    : { chipTemperature: hottest([first, second]), boardTemperature: third };
}

function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}

/** Whatever the coin: work is done or it is not. */
function activityOf(devs: Devs): "hashing" | "starting" | undefined {
  const rates = devs.map((dev) => toNumber(dev["MHS 20s"]));
  if (rates.some((rate) => rate !== undefined && rate > 0)) return "hashing";
  return rates.length === 0 || rates.includes(undefined) ? undefined : "starting";
}

function fansOf(devs: Held<Devs>): Fan[] {
  const read = reader(devs.source, devs.at);
  return FAN_KEYS.flatMap((key, index) => {
    const speed = read(rpm, devs.value[0]?.[key]);
    return speed === undefined ? [] : [{ index, speed }];
  });
}

function uptimeOf(devs: Held<Devs>) {
  const seconds = positive(devs.value[0]?.["Device Elapsed"]);
  return reader(devs.source, devs.at)(milliseconds, seconds && seconds * 1000);
}

function averageOf(devs: Held<Devs>, model: GoldshellModel | undefined): RateReading | undefined {
  if (model === undefined) return undefined;
  const window = uptimeOf(devs)?.value ?? 0;
  const rates = devs.value.map((dev) => rateReading(dev["MHS av"], { scale: MEGA, window }, devs));
  return total(rates);
}

/** Only when every board tells its own. */
function total(rates: readonly (RateReading | undefined)[]): RateReading | undefined {
  const [first] = rates;
  if (first === undefined) return undefined;
  let sum = 0;
  for (const rate of rates) {
    if (rate === undefined) return undefined;
    sum += rate.value;
  }
  return Number.isFinite(sum) ? { ...first, value: hashesPerSecond(sum) } : undefined;
}

function sharesOf(devs: Held<Devs>): Shares | undefined {
  const count = (key: "Accepted" | "Rejected") => {
    const values = devs.value.flatMap((dev) => toNumber(dev[key]) ?? []);
    const sum = values.reduce((all, value) => all + value, 0);
    const known = values.length > 0 && values.length === devs.value.length;
    return reader(devs.source, devs.at)((value) => value, known ? sum : undefined);
  };
  return presentOrNone({ accepted: count("Accepted"), rejected: count("Rejected") });
}

/** `legal` tells whether the pool accepted the address, `active` whether it is the one in use. */
function poolsOf(rows: GoldshellPools): Pool[] {
  return rows.flatMap((row, index) => {
    const url = toText(row.url);
    if (url === undefined) return [];
    const active = toBoolean(row.active);
    return {
      index,
      url,
      user: toText(row.user) ?? "",
      status: active === true ? ("alive" as const) : ("unknown" as const),
      ...present({ active, priority: toNumber(row.dragid) }),
    };
  });
}

/** `62.5 C` and bare numbers. */
function leading(raw: unknown): unknown {
  return typeof raw === "string" ? /^\s*-?\d+(?:\.\d+)?/.exec(raw)?.[0] : raw;
}
