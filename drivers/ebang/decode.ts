// From what the machine said to a reading.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toMac,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import type {
  Activity,
  Fan,
  Identity,
  Pool,
  RateReading,
  ReadProblem,
  Setpoint,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, hashesPerSecond, milliseconds, rpm } from "../contract/units.ts";
import { type EbangModel, findEbang } from "../hardware/ebang.ts";
import type { Held } from "../transport/answer.ts";
import { decodeControls } from "./controls.ts";
import { decodeBoards, decodeHottest } from "./decode-boards.ts";
import { decodeFaults } from "./faults.ts";
import type { AdminInfo, AlarmLoop, MinerStatus, PoolValues, SystemStatus } from "./wire.ts";

export interface Answers {
  readonly status: Held<MinerStatus>;
  readonly alarms?: Held<AlarmLoop> | undefined;
  readonly system?: Held<SystemStatus> | undefined;
  readonly pools?: Held<PoolValues> | undefined;
  readonly admin?: Held<AdminInfo> | undefined;
}

const GIGA = 1e9;
const LONGEST_START = 10 * 60_000;

export function decode(
  answers: Answers,
  problems: readonly ReadProblem[],
  now: EpochMs,
): Telemetry {
  const { status, alarms, system, pools } = answers;
  const product = toText(system?.value.productname);
  const model = product === undefined ? undefined : findEbang(product);
  const read = reader("CgminerStatus", status.at);
  const boards = decodeBoards(system, alarms);
  return present({
    at: now,
    identity: decodeIdentity(answers, product, model),
    algorithm: model?.algorithm,
    activity: decodeActivity(status),
    hashrate: decodeRates(answers, model),
    temperature: presentOrNone({
      board: hottest([
        ...boards.map((board) => board.boardTemperature),
        ...decodeHottest(system, alarms),
      ]),
    }),
    fans: decodeFans(system),
    boards,
    pools: decodePools(answers),
    shares: presentOrNone({
      accepted: read(Number, status.value.accepted),
      rejected: read(Number, status.value.rejected),
    }),
    setpoint: decodeSetpoint(pools),
    controls: decodeControls(model !== undefined, pools !== undefined),
    faults: decodeFaults(alarms?.value),
    problems,
    uptime: read(milliseconds, durationOf(status.value.worktime)),
  });
}

function decodeIdentity(
  { system, admin }: Answers,
  product: string | undefined,
  model: EbangModel | undefined,
): Identity {
  return present({
    vendor: "Ebang",
    firmware: "Ebang stock",
    firmwareVersion: toText(system?.value.systemsoftwareversion),
    model: model?.name ?? product,
    modelKnown: model !== undefined,
    mac: toMac(admin?.value.macaddr),
    controlBoard: toText(system?.value.hardwareversion),
  });
}

const UNITS: { readonly [Letter in string]?: number } = {
  "": 1,
  K: 1e3,
  M: 1e6,
  G: GIGA,
  T: 1e12,
  P: 1e15,
};

/** `12.28T`, also `12.28 TH/s`, in H/s. A number alone has no unit and so no meaning. */
export function rateOf(raw: unknown): number | undefined {
  const match = /^([\d.]+)\s*([KMGTP])(?:H(?:ASH)?(?:\/S)?)?$/.exec(
    toText(raw)?.toUpperCase() ?? "",
  );
  const value = toNumber(match?.[1]);
  const unit = UNITS[match?.[2] ?? ""];
  return value === undefined || unit === undefined ? undefined : value * unit;
}

/** Milliseconds of `123:6:37`, whose hours go on beyond 24. */
export function durationOf(raw: unknown): number | undefined {
  const match = /^(\d{1,6}):(\d{1,2}):(\d{1,2})$/.exec(toText(raw) ?? "");
  if (match === null) return undefined;
  const [, hours = "", minutes = "", seconds = ""] = match;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

/** `fiveavg` is taken as five minutes, because `fivesecfigure` is the one of five seconds. */
function decodeRates(answers: Answers, model: EbangModel | undefined): Telemetry["hashrate"] {
  const { status, alarms } = answers;
  const rate = (
    value: number | undefined,
    window: number,
    from: Held<unknown> = status,
    source = "CgminerStatus",
  ): RateReading | undefined =>
    value === undefined
      ? undefined
      : {
          value: hashesPerSecond(value),
          at: from.at,
          source,
          quality: "ok",
          window: milliseconds(window),
        };
  const calculated = toNumber(alarms?.value.calValue);
  return presentOrNone({
    now:
      rate(rateOf(status.value.fivesecfigure), 5000) ??
      (alarms === undefined || calculated === undefined
        ? undefined
        : rate(calculated * GIGA, 5000, alarms, "GetAlarmLoop")),
    recent: rate(rateOf(status.value.fiveavg), 300_000),
    average: rate(rateOf(status.value.averfigure), durationOf(status.value.worktime) ?? 0),
    nameplate:
      model?.nameplate === undefined
        ? undefined
        : readingOf(model.nameplate, "model table", status.at),
  });
}

function decodeActivity({ value, at }: Held<MinerStatus>): Telemetry["activity"] {
  const rate = rateOf(value.fivesecfigure) ?? rateOf(value.fiveavg);
  if (rate === undefined) return undefined;
  const young = (durationOf(value.worktime) ?? Infinity) < LONGEST_START;
  const activity: Activity = rate > 0 ? "hashing" : young ? "starting" : "stopped";
  return readingOf(activity, "CgminerStatus", at);
}

function decodeFans(system: Held<SystemStatus> | undefined): readonly Fan[] {
  if (system === undefined) return [];
  const read = reader("getsystemstatus", system.at);
  return [system.value.devicefan, system.value.devicefan2].flatMap((raw, index) => {
    const speed = read(rpm, raw);
    return speed === undefined ? [] : [{ index, speed }];
  });
}

function entries({ value }: Held<PoolValues>): { readonly url: string; readonly user: string }[] {
  const urls = [value.Mip1, value.Mip2, value.Mip3];
  const users = [value.Mwork1, value.Mwork2, value.Mwork3];
  return urls.flatMap((raw, index) => {
    const url = toText(raw);
    return url === undefined ? [] : [{ url, user: toText(users[index]) ?? "" }];
  });
}

/** Only the pool in use is known to be alive, and only while its alarm is off. */
function decodePools({ status, alarms, pools }: Answers): readonly Pool[] {
  if (pools === undefined) return [];
  const used = toText(status.value.cgminerstatus);
  const quiet = toNumber(alarms?.value.poolAlarm) === 0;
  return entries(pools).map(({ url, user }, index) => {
    const active = used === undefined ? undefined : url === used;
    return present({
      index,
      url,
      user,
      status: active === true && quiet ? ("alive" as const) : ("unknown" as const),
      active,
      priority: index,
      difficulty: active === true ? toNumber(status.value.currentaccident) : undefined,
    });
  });
}

function decodeSetpoint(pools: Held<PoolValues> | undefined): Setpoint {
  if (pools === undefined) return {};
  const list = entries(pools).map((pool) => ({ ...pool, password: "" }));
  return present({ pools: readingOf(list, "CgminerGetVal", pools.at) });
}
