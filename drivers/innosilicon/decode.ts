// From what the machine said to a reading.

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
import { measuredBy } from "../contract/quantities.ts";
import type {
  Activity,
  Fan,
  Identity,
  PowerReading,
  RateReading,
  ReadProblem,
  Setpoint,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, hashesPerSecond, milliseconds, percent, watts } from "../contract/units.ts";
import { findInnosilicon, type InnosiliconModel } from "../hardware/innosilicon.ts";
import type { Held } from "../transport/answer.ts";
import { cgminerPools } from "../transport/cgminer.ts";
import { decodeControls, profileOf } from "./controls.ts";
import { decodeBoards, noneAlive } from "./decode-boards.ts";
import { decodeShares } from "./decode-shares.ts";
import { decodeFaults } from "./faults.ts";
import { shownWindow, spelledOut, total, unitOfMhs } from "./rate.ts";
import type {
  All,
  Dev,
  ErrorDetail,
  Overview,
  Pools,
  Stats,
  Summary,
  TuneStatus,
  TypeAnswer,
} from "./wire.ts";

export interface Answers {
  readonly summary: Held<Summary>;
  readonly all?: Held<All> | undefined;
  readonly tune?: Held<TuneStatus> | undefined;
  readonly overview?: Held<Overview> | undefined;
  readonly type?: Held<TypeAnswer> | undefined;
  readonly pools?: Held<Pools> | undefined;
  readonly error?: Held<ErrorDetail> | undefined;
  readonly stats?: Held<Stats> | undefined;
}

const MINUTE = 60_000;
/** Tuning takes half an hour; a flag that stays much longer is a chip that never gets there. */
const LONGEST_TUNING = 120 * MINUTE;
const LONGEST_START = 10 * MINUTE;
/** Units are a thousand apart, so a wrong one is far beyond this. */
const BEYOND_NAMEPLATE = 3;

export function decode(
  answers: Answers,
  overclock: boolean,
  problems: readonly ReadProblem[],
  now: EpochMs,
): Telemetry {
  const { summary, tune, pools } = answers;
  const type = typeOf(answers);
  const model = type === undefined ? undefined : findInnosilicon(type);
  const devs = summary.value.DEVS ?? [];
  const unit = unitOfMhs(devs, model?.algorithm);
  const { stats, all } = answers;
  const boards = decodeBoards({ summary, all, stats }, model, unit);
  return present({
    at: now,
    identity: decodeIdentity(answers, type, model),
    algorithm: model?.algorithm,
    activity: decodeActivity(summary),
    hashrate: decodeRates(answers, unit, model),
    power: decodePower(answers),
    temperature: presentOrNone({
      chip: hottest(boards.map((board) => board.chipTemperature)),
      board: hottest(boards.map((board) => board.boardTemperature)),
    }),
    fans: decodeFans(answers),
    boards,
    pools: cgminerPools(summary.value.POOLS ?? []),
    shares: decodeShares(summary, model?.algorithm === "sha256"),
    setpoint: decodeSetpoint(tune, pools),
    controls: decodeControls({
      modelKnown: model !== undefined,
      overclock,
      tune: tune?.value,
      poolsRead: pools?.value.pools !== undefined,
    }),
    faults: decodeFaults(answers.error?.value),
    problems,
    uptime: reader("summary", summary.at)(milliseconds, uptimeOf(devs)),
  });
}

function typeOf({ overview, all, type }: Answers): string | undefined {
  return toText(type?.value.type) ?? toText(overview?.value.type) ?? toText(all?.value.all?.type);
}

function decodeIdentity(
  { overview, all }: Answers,
  type: string | undefined,
  model: InnosiliconModel | undefined,
): Identity {
  const version = overview?.value.version;
  const bare = toText(version?.ethaddr ?? all?.value.all?.mac)?.replaceAll(/\s/g, "");
  return present({
    vendor: "Innosilicon",
    firmware: "Innosilicon stock",
    firmwareVersion:
      toText(version?.platform_v) ??
      toText(version?.build_date) ??
      toText(all?.value.all?.platform),
    model: model === undefined ? type : `Innosilicon ${model.name}`,
    modelKnown: model !== undefined,
    mac: toMac(bare),
    controlBoard: toText(version?.hwver) ?? toText(all?.value.all?.hwver),
  });
}

/** Milliseconds since the youngest board started. */
function uptimeOf(devs: readonly Dev[]): number | undefined {
  const seconds = devs.flatMap((dev) => toNumber(dev["Device Elapsed"]) ?? []);
  return seconds.length === 0 ? undefined : Math.min(...seconds) * 1000;
}

function decodeActivity({ value, at }: Held<Summary>): Telemetry["activity"] {
  const devs = value.DEVS ?? [];
  const uptime = uptimeOf(devs);
  const rate = total(devs, "MHS 5s") ?? total(devs, "MHS av");
  let activity: Activity | undefined;
  if (rate === undefined) activity = undefined;
  else if (rate > 0 && noneAlive(devs) !== true) {
    const tuning = toBoolean(value.tuning) === true && (uptime ?? 0) < LONGEST_TUNING;
    activity = tuning ? "ramping" : "hashing";
  } else activity = (uptime ?? Infinity) < LONGEST_START ? "starting" : "stopped";
  return readingOf(activity, "summary", at);
}

function decodeRates(
  { summary, all }: Answers,
  unit: number | undefined,
  model: InnosiliconModel | undefined,
): Telemetry["hashrate"] {
  const devs = summary.value.DEVS ?? [];
  const most = model?.nameplate === undefined ? Infinity : model.nameplate * BEYOND_NAMEPLATE;
  const rate = (
    value: number | undefined,
    window: number,
    from: Held<unknown> = summary,
    source = "summary",
  ): RateReading | undefined =>
    value === undefined
      ? undefined
      : {
          value: hashesPerSecond(value),
          at: from.at,
          source,
          quality: value > most ? "implausible" : "ok",
          window: milliseconds(window),
        };
  const scaled = (key: keyof Dev) => {
    const sum = total(devs, key);
    return sum === undefined || unit === undefined ? undefined : sum * unit;
  };
  const shown = devs[0] === undefined ? 0 : shownWindow(devs[0]).length;
  const plain = toNumber(all?.value.all?.total_hash?.["Hash Rate H"]);
  return presentOrNone({
    now: rate(scaled("MHS 5s"), 5000),
    recent:
      rate(total(devs, "Hash Rate H"), shown) ??
      (all === undefined ? undefined : rate(plain, shown, all, "getAll")) ??
      rate(spelledOut(summary.value.TotalHash ?? {}), shown),
    average: rate(scaled("MHS av"), uptimeOf(devs) ?? 0),
    nameplate:
      model?.nameplate === undefined
        ? undefined
        : readingOf(model.nameplate, "model table", summary.at),
  });
}

/** Whether the supply measures these watts is told nowhere. */
function decodePower({ all, stats }: Answers): PowerReading | undefined {
  const page = all && reader("getAll", all.at)(watts, positive(all.value.all?.power));
  const record = stats?.value.STATS?.find((each) => positive(each.power) !== undefined);
  const reading = page ?? (stats && reader("stats", stats.at)(watts, record?.power));
  return measuredBy("unknown", reading);
}

/** 0 W of a machine that answers is a supply that was not asked. */
function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}

/** One duty for all fans; their speeds are told nowhere. 0 is what this firmware prints for unknown. */
function decodeFans({ summary, all, stats }: Answers): readonly Fan[] {
  const { HARDWARE: hardware, DEVS: devs = [] } = summary.value;
  const told = [hardware?.["Fan duty"], ...devs.map((dev) => dev.DUTY)].find(positive);
  const record = stats?.value.STATS?.find((each) => positive(each["Fan duty"]) !== undefined);
  const duty =
    reader("summary", summary.at)(percent, told) ??
    (all && reader("getAll", all.at)(percent, positive(all.value.all?.fansSpeed))) ??
    (stats && reader("stats", stats.at)(percent, record?.["Fan duty"]));
  return duty === undefined ? [] : [{ index: 0, duty }];
}

function decodeSetpoint(tune: Answers["tune"], pools: Answers["pools"]): Setpoint {
  const list = pools?.value.pools?.flatMap(({ url, user }) => {
    const known = toText(url);
    return known === undefined ? [] : [{ url: known, user: toText(user) ?? "", password: "" }];
  });
  return present({
    profile: tune && readingOf(profileOf(tune.value), "getAutoTuneStatus", tune.at),
    pools: pools && readingOf(list, "pools", pools.at),
  });
}
