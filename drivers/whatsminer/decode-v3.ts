// From the answers of API 3.x to Telemetry. Pure: what is known goes in, one reading comes out.

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
import { averagedOver, measuredBy } from "../contract/quantities.ts";
import type {
  Activity,
  Fan,
  Identity,
  RateReading,
  Reading,
  Telemetry,
} from "../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  epochMs,
  hashesPerSecond,
  milliseconds,
  rpm,
  watts,
} from "../contract/units.ts";
import { findWhatsminer, type WhatsminerModel } from "../hardware/whatsminer.ts";
import type { Known } from "./answers.ts";
import { type Decoded, errorCodesOf, ratePerMegahertz } from "./decode.ts";
import { temperature } from "./decode-boards.ts";
import { FIRMWARE, unquoted } from "./decode-identity.ts";
import { decodeBoardsV3, decodePoolsV3 } from "./decode-v3-boards.ts";
import { decodeSetpointV3 } from "./decode-v3-setpoint.ts";
import { faultOf } from "./faults.ts";
import { scaled, TERA } from "./rates.ts";
import type { Summary as CompatSummary } from "./wire.ts";
import type { DeviceInfo, FanSetting, MinerSetting, Status, Summary } from "./wire-v3.ts";

/** The last answer of each kind. */
export interface AnswersV3 {
  readonly info: Known<DeviceInfo>;
  /** Absent while the mining program is stopped. */
  readonly status?: Known<Status> | undefined;
  readonly setting?: Known<MinerSetting> | undefined;
  readonly fan?: Known<FanSetting> | undefined;
  /** From the port of API 2.x. */
  readonly compat?: Known<CompatSummary> | undefined;
}

export function decodeV3(answers: AnswersV3, at: EpochMs): Decoded {
  const { info, status } = answers;
  const summary = part(status, (value) => value.summary);
  const model = modelOfV3(info.value);
  const slope = ratePerMegahertz(answers.compat?.value);
  const boards = decodeBoardsV3(answers, model, slope);
  const pools = decodePoolsV3(status?.value.pools ?? []);
  return {
    at,
    identity: decodeIdentityV3(info.value),
    // btminer drives nothing but SHA-256 machines; their coin choice is BTC, BCH or BSV.
    algorithm: "sha256",
    fans: model?.fans === 0 ? [] : decodeFans(summary),
    boards,
    pools,
    setpoint: decodeSetpointV3(answers),
    faults: errorCodesOf(info.value["error-code"])
      .filter((code) => /^[1-9]\d*$/.test(code))
      .map(faultOf),
    ...present({
      activity: decodeActivityV3(answers),
      hashrate: summary === undefined ? undefined : decodeHashrate(summary, slope),
      power: decodePower(summary, info),
      temperature: decodeTemperature(summary, info, boards),
      shares: decodeShares(answers, pools),
      uptime:
        summary === undefined
          ? undefined
          : reader(summary.source, summary.at)(milliseconds, scaled(summary.value.elapsed, SECOND)),
    }),
  };
}

/** One section of an answer, with the age and source of the whole. */
function part<Whole, Section>(
  known: Known<Whole> | undefined,
  of: (value: Whole) => Section | undefined,
): Known<Section> | undefined {
  const value = known === undefined ? undefined : of(known.value);
  return known === undefined || value === undefined ? undefined : { ...known, value };
}

export function modelOfV3({ miner }: DeviceInfo): WhatsminerModel | undefined {
  const name = toText(miner?.type);
  return name === undefined ? undefined : findWhatsminer(name);
}

export function decodeIdentityV3(info: DeviceInfo): Identity {
  const { miner, system, power, network } = info;
  const board = [system?.platform, system?.["control-board-version"]];
  return {
    vendor: "MicroBT",
    firmware: FIRMWARE,
    modelKnown: modelOfV3(info) !== undefined,
    ...present({
      firmwareVersion: unquoted(system?.fwversion),
      apiVersion: toText(system?.api),
      model: toText(miner?.type),
      serial: toText(miner?.["miner-sn"]),
      mac: toMac(network?.mac),
      hostname: toText(network?.hostname),
      controlBoard: toText(board.map(toText).filter(Boolean).join(" ")),
      psu: toText(power?.model) ?? toText(power?.type),
    }),
  };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** `slope`: H/s per MHz, which API 2.x tells. */
function decodeHashrate(
  { value, source, at }: Known<Summary>,
  slope: number | undefined,
): Telemetry["hashrate"] {
  const read = reader(source, at);
  const rate = (raw: unknown, window: number | undefined): RateReading | undefined => {
    const reading = read(hashesPerSecond, scaled(raw, TERA));
    return averagedOver(reading, window);
  };
  const factory = toNumber(value["factory-hash"]);
  const frequency = toNumber(value["freq-avg"]);
  // That the real-time rate is a mean of 5 min, as in API 1.x and 2.x, is assumed.
  const realtime = rate(value["hash-realtime"], 5 * MINUTE);
  const quarter = rate(value["hash-15min"], 15 * MINUTE);
  return presentOrNone({
    now: rate(value["hash-1min"], MINUTE) ?? realtime ?? quarter,
    recent: realtime ?? quarter ?? rate(value["hash-1min"], MINUTE),
    average: rate(value["hash-average"], scaled(value.elapsed, SECOND)),
    ideal: slope && frequency ? read(hashesPerSecond, scaled(frequency, slope)) : undefined,
    nameplate: factory ? read(hashesPerSecond, scaled(factory, TERA)) : undefined,
  });
}

/** The supply measures its own input; the newest of the three figures first. */
function decodePower(
  summary: Known<Summary> | undefined,
  info: Known<DeviceInfo>,
): Telemetry["power"] {
  const fromSummary = summary && reader(summary.source, summary.at);
  const reading =
    fromSummary?.(watts, summary?.value["power-realtime"]) ??
    fromSummary?.(watts, summary?.value["power-5min"]) ??
    reader(info.source, info.at)(watts, info.value.power?.pin);
  return measuredBy("psu", reading);
}

function decodeTemperature(
  summary: Known<Summary> | undefined,
  info: Known<DeviceInfo>,
  boards: Telemetry["boards"],
): Telemetry["temperature"] {
  const read = summary && reader(summary.source, summary.at);
  const chip = read && temperature(read, summary?.value["chip-temp-max"]);
  return presentOrNone({
    chip: hottest([chip, ...boards.map((each) => each.chipTemperature)]),
    board: hottest(boardTemperatures(summary)),
    inlet: read && temperature(read, summary?.value["environment-temperature"]),
    psu: reader(info.source, info.at)(celsius, info.value.power?.temp0),
  });
}

/** One a board, in the order of their slots. */
export function boardTemperatures(
  summary: Known<Summary> | undefined,
): ReturnType<typeof temperature>[] {
  if (summary === undefined) return [];
  const raw = summary.value["board-temperature"];
  const read = reader(summary.source, summary.at);
  return (Array.isArray(raw) ? raw : [raw]).map((value) => temperature(read, value));
}

function decodeFans(summary: Known<Summary> | undefined): Fan[] {
  if (summary === undefined) return [];
  const read = reader(summary.source, summary.at);
  return [summary.value["fan-speed-in"], summary.value["fan-speed-out"]].flatMap((raw, index) => {
    const speed = read(rpm, raw);
    return speed === undefined ? [] : { index, speed };
  });
}

/** API 3.x counts no shares; it only tells when the last one was. */
function decodeShares(
  { status, compat }: AnswersV3,
  pools: Telemetry["pools"],
): Telemetry["shares"] {
  const last = Math.max(0, ...pools.map((pool) => pool.lastShareAt ?? 0));
  const counted = compat && reader(compat.source, compat.at);
  return presentOrNone({
    accepted: counted?.(Number, compat?.value.Accepted),
    rejected: counted?.(Number, compat?.value.Rejected),
    stale: counted?.(Number, compat?.value.Stale),
    difficultyAccepted: counted?.(Number, compat?.value["Difficulty Accepted"]),
    lastShareAt:
      status === undefined || last === 0
        ? undefined
        : reader(status.source, status.at)(epochMs, last),
  });
}

/** `working` is "false" while the mining program is stopped; nobody tells who stopped it. */
export function decodeActivityV3({ info, status }: AnswersV3): Reading<Activity> | undefined {
  const working = toBoolean(info.value.miner?.working);
  if (working === false) return readingOf<Activity>("sleeping", info.source, info.at);
  const summary = status?.value.summary;
  if (status === undefined || summary === undefined) {
    // The program is there and has nothing to tell yet.
    return working === true ? readingOf<Activity>("starting", info.source, info.at) : undefined;
  }
  return readingOf(miningActivity(summary), status.source, status.at);
}

function miningActivity(summary: Summary): Activity | undefined {
  const frequency = toNumber(summary["freq-avg"]);
  const rate = toNumber(summary["hash-1min"]) ?? toNumber(summary["hash-realtime"]);
  const stable = toBoolean(summary["up-freq-finish"]);
  if (stable === true) return "hashing";
  if (frequency === 0 || (frequency === undefined && rate === 0)) return "starting";
  if (stable === false) return "ramping";
  return rate !== undefined && rate > 0 ? "hashing" : undefined;
}
