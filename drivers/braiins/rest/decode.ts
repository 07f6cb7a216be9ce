// From what the REST API said to one Telemetry.

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
} from "../../contract/decoding.ts";
import { averagedOver } from "../../contract/quantities.ts";
import type {
  Activity,
  Identity,
  RateReading,
  Reading,
  ReadProblem,
  Telemetry,
} from "../../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  hashesPerSecond,
  milliseconds,
  watts,
} from "../../contract/units.ts";
import { type AntminerModel, findAntminer } from "../../hardware/antminer.ts";
import { controlsOf } from "../controls.ts";
import { powerReading } from "../power.ts";
import { decodeBoards, decodeFans } from "./decode-boards.ts";
import { decodeFaults, decodePools, decodeShares } from "./decode-pools.ts";
import type { Known } from "./known.ts";
import { offersOf } from "./offers.ts";
import { decodeSetpoint } from "./setpoint.ts";
import { LOCATION, STATUS, sourceOf, TUNER } from "./wire.ts";

/** Self-test and preheating take minutes before the first hash. */
const START = 10 * 60;
const GIGA = 1e9;

export function decode(known: Known, at: EpochMs, problems: readonly ReadProblem[]): Telemetry {
  const identity = decodeIdentity(known);
  const model = modelOf(known);
  const boards = decodeBoards(known, model);
  return present({
    at,
    identity,
    // Braiins OS mines nothing else on any machine that it runs on.
    algorithm: "sha256" as const,
    activity: decodeActivity(known),
    hashrate: decodeHashrate(known, model),
    power: decodePower(known),
    temperature: presentOrNone({
      chip: hottest([
        decodeHottest(known, LOCATION.chip),
        ...boards.map((board) => board.chipTemperature),
      ]),
      board: hottest([
        decodeHottest(known, LOCATION.board),
        ...boards.map((board) => board.boardTemperature),
      ]),
    }),
    limits: decodeLimits(known),
    fans: decodeFans(known),
    boards,
    pools: decodePools(known),
    shares: decodeShares(known),
    setpoint: decodeSetpoint(known),
    controls: controlsOf(offersOf(known, model)),
    faults: decodeFaults(known, at),
    problems,
    uptime: decodeUptime(known),
  });
}

function modelText(known: Known): string | undefined {
  const identity = known.answers.details?.answer.miner_identity;
  return toText(identity?.miner_model) ?? toText(identity?.name);
}

export function modelOf(known: Known): AntminerModel | undefined {
  const name = modelText(known);
  return name === undefined ? undefined : findAntminer(name);
}

const FAMILIES: Readonly<Record<number, string>> = {
  1: "CVITek",
  2: "BeagleBone",
  3: "Amlogic",
  4: "Xilinx",
  5: "Braiins",
};

export function decodeIdentity(known: Known): Identity {
  const details = known.answers.details?.answer;
  const model = modelOf(known);
  const plus = toBoolean(details?.bos_version?.bos_plus);
  const family = toNumber(details?.control_board_soc_family);
  return present({
    // Braiins' own and MicroBT's machines run it too.
    vendor: toNumber(details?.miner_identity?.brand) === 2 ? "MicroBT" : "Bitmain",
    firmware: plus === false ? "Braiins OS" : "Braiins OS+",
    firmwareVersion: toText(details?.bos_version?.current),
    apiVersion: apiVersion(known),
    model: model?.name ?? modelText(known),
    modelKnown: model !== undefined,
    serial: toText(details?.serial_number),
    mac: toMac(details?.mac_address),
    hostname: toText(details?.hostname),
    controlBoard: family === undefined ? undefined : FAMILIES[family],
    psu: toText(details?.psu_info?.model_name),
  });
}

function apiVersion(known: Known): string | undefined {
  const version = known.answers.version?.answer;
  const parts = [version?.major, version?.minor, version?.patch].map(toNumber);
  return parts.includes(undefined) ? undefined : parts.join(".");
}

function decodeActivity(known: Known): Reading<Activity> | undefined {
  const heard = known.answers.details;
  return heard && readingOf(activityOf(known), sourceOf("details"), heard.at);
}

function activityOf(known: Known): Activity | undefined {
  const details = known.answers.details?.answer;
  const uptime = toNumber(details?.bosminer_uptime_s);
  const young = uptime !== undefined && uptime < START;
  switch (toNumber(details?.status)) {
    case STATUS.paused:
      return "sleeping";
    case STATUS.suspended:
      return "stopped";
    case STATUS.notStarted:
      return young ? "starting" : "stopped";
    case STATUS.normal:
    case STATUS.restricted:
      return runningActivity(known, young);
    default:
      return undefined;
  }
}

/** While the tuner looks for a new target the point moves: nothing measured then holds afterwards. */
function runningActivity(known: Known, young: boolean): Activity | undefined {
  const tuner = toNumber(known.answers.tunerState?.answer.overall_tuner_state);
  if (tuner === TUNER.preheat) return "ramping";
  const rates = known.answers.stats?.answer.miner_stats?.real_hashrate;
  const rate = toNumber(rates?.last_5s?.gigahash_per_second);
  if (rate === undefined) return undefined;
  if (rate <= 0) return young ? "starting" : "stopped";
  return tuner === TUNER.tuning ? "ramping" : "hashing";
}

function decodeHashrate(known: Known, model: AntminerModel | undefined): Telemetry["hashrate"] {
  const stats = known.answers.stats;
  const details = known.answers.details;
  const real = stats?.answer.miner_stats?.real_hashrate;
  const uptime = toNumber(details?.answer.bosminer_uptime_s);
  const rate = (raw: unknown, window: number | undefined): RateReading | undefined => {
    const reading = stats && reader(sourceOf("stats"), stats.at)(gigahashes, raw);
    return averagedOver(reading, window);
  };
  return presentOrNone({
    now: rate(real?.last_5s?.gigahash_per_second, 5_000),
    recent: rate(real?.last_5m?.gigahash_per_second, 300_000),
    average: rate(real?.since_restart?.gigahash_per_second, uptime && uptime * 1000),
    ideal:
      stats &&
      reader(sourceOf("stats"), stats.at)(
        gigahashes,
        stats.answer.miner_stats?.nominal_hashrate?.gigahash_per_second,
      ),
    nameplate:
      (details &&
        reader(sourceOf("details"), details.at)(
          gigahashes,
          details.answer.sticker_hashrate?.gigahash_per_second,
        )) ??
      (details && readingOf(model?.nameplate, "model", details.at)),
  });
}

const gigahashes = (value: number) => hashesPerSecond(value * GIGA);

function decodePower(known: Known): Telemetry["power"] {
  const heard = known.answers.stats;
  const raw = heard?.answer.power_stats?.approximated_consumption?.watt;
  return heard && powerReading(reader(sourceOf("stats"), heard.at)(watts, raw));
}

/** The sensor that the fan control follows: on most machines a chip. */
function decodeHottest(known: Known, location: number) {
  const heard = known.answers.cooling;
  const sensor = heard?.answer.highest_temperature;
  if (heard === undefined || toNumber(sensor?.location) !== location) return undefined;
  return reader(sourceOf("cooling"), heard.at)(celsius, sensor?.temperature?.degree_c);
}

/** The firmware stops the machine at "dangerous", measured where its hottest sensor sits. */
function decodeLimits(known: Known): Telemetry["limits"] {
  const temperature = known.answers.configuration?.answer.temperature;
  const modes = temperature?.mode ?? temperature;
  const mode = modes?.auto ?? modes?.manual ?? modes?.immersion ?? modes?.hydro;
  const dangerous = toNumber(mode?.dangerous_temperature?.degree_c);
  if (dangerous === undefined || dangerous <= 0) return undefined;
  const location = toNumber(known.answers.cooling?.answer.highest_temperature?.location);
  return location === LOCATION.board ? { board: celsius(dangerous) } : { chip: celsius(dangerous) };
}

function decodeUptime(known: Known): Telemetry["uptime"] {
  const heard = known.answers.details;
  return (
    heard &&
    reader(sourceOf("details"), heard.at)(
      (seconds) => milliseconds(seconds * 1000),
      heard.answer.bosminer_uptime_s,
    )
  );
}
