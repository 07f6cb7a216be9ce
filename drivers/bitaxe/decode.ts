// From what the board said to one Telemetry.

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
  Identity,
  MachineFault,
  PowerReading,
  Reading,
  ReadProblem,
  Telemetry,
} from "../contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  type Milliseconds,
  milliseconds,
  watts,
} from "../contract/units.ts";
import type { BitaxeModel } from "../hardware/bitaxe.ts";
import { decodeControls, decodeSetpoint, isAsleep, isProtecting } from "./controls.ts";
import { decodeBoard, decodeFans } from "./decode-board.ts";
import { decodePools, decodeShares } from "./decode-pools.ts";
import { decodeHashrate } from "./decode-rate.ts";
import { type Firmware, firmwareOf, modelOf } from "./firmware.ts";
import type { Heard } from "./heard.ts";
import { type AsicFacts, type Info, PATHS } from "./wire.ts";

/** Seconds; chips and pool connection are up long before. */
const START = 90;
/** Celsius. 127 is what the sensor says of a broken diode; a false 127 of a regulator is on record. */
const BELIEVABLE_HEAT = 125;

export function decode(heard: Heard, now: EpochMs, problems: readonly ReadProblem[]): Telemetry {
  const { info, at, asic } = heard;
  const firmware = firmwareOf(info);
  const model = modelOf(info, asic);
  const activity = activityOf(info);
  const temperature = decodeTemperature(info, at);
  const hashrate = decodeHashrate(heard, firmware, model, activity);
  return present({
    at: now,
    identity: decodeIdentity(info, asic),
    // Every chip that these firmwares drive computes SHA-256.
    algorithm: "sha256" as const,
    activity: readingOf(activity, PATHS.info, at),
    hashrate,
    power: decodePower(info, at),
    temperature,
    limits: decodeLimits(info, model),
    fans: decodeFans(info, at, model),
    boards: [decodeBoard(heard, model, { hashrate, chip: temperature?.chip })],
    pools: decodePools(info),
    shares: decodeShares(info, at),
    setpoint: decodeSetpoint(info, at),
    controls: decodeControls(info, firmware, model),
    faults: decodeFaults(info),
    problems,
    uptime: decodeUptime(info, at),
  });
}

export function decodeIdentity(info: Info, asic: AsicFacts | undefined): Identity {
  const firmware: Firmware = firmwareOf(info);
  const model = modelOf(info, asic);
  return present({
    vendor: model?.vendor ?? (firmware.fork === "ESP-Miner" ? "Bitaxe" : "NerdAxe"),
    firmware: firmware.fork,
    firmwareVersion: toText(info.version),
    apiVersion: toText(info.axeOSVersion),
    model: model?.name ?? toText(info.deviceModel) ?? toText(asic?.deviceModel),
    modelKnown: model !== undefined,
    mac: toMac(info.macAddr),
    hostname: toText(info.hostname),
    controlBoard: toText(info.boardVersion),
  });
}

function activityOf(info: Info): Activity | undefined {
  if (isAsleep(info) === true) return "sleeping";
  if (isProtecting(info)) return "stopped";
  const rate = toNumber(info.hashRate);
  if (rate === undefined) return undefined;
  if (rate > 0) return "hashing";
  return (toNumber(info.uptimeSeconds) ?? START) < START ? "starting" : "stopped";
}

/** A board that answers draws power: 0 is a meter that was not read. */
function decodePower(info: Info, at: EpochMs): PowerReading | undefined {
  const reading = reader(PATHS.info, at)(watts, info.power);
  return reading === undefined || reading.value <= 0 ? undefined : measuredBy("board", reading);
}

function decodeTemperature(info: Info, at: EpochMs): Telemetry["temperature"] {
  const chips = [heat(info.temp, at), heat(info.temp2, at)];
  return presentOrNone({
    chip: hottest(chips) ?? chips.find((reading) => reading !== undefined),
    regulator: heat(info.vrTemp, at),
  });
}

/** Absent for the -1 and 0 of a sensor that is not there or whose chip is off. */
function heat(raw: unknown, at: EpochMs): Reading<Celsius> | undefined {
  const value = toNumber(raw);
  if (value === undefined || value <= 0) return undefined;
  const quality = value > BELIEVABLE_HEAT ? "implausible" : "ok";
  return { value: celsius(value), at, source: PATHS.info, quality };
}

/** A NerdAxe stops where its owner set it, which counts when it is lower. */
function decodeLimits(info: Info, model: BitaxeModel | undefined): Telemetry["limits"] {
  if (model === undefined) return undefined;
  const set = toNumber(info.overheat_temp);
  const chip = set === undefined || set <= 0 ? model.limits.chip : celsius(set);
  return {
    chip: chip < model.limits.chip ? chip : model.limits.chip,
    regulator: model.limits.regulator,
  };
}

function decodeFaults(info: Info): MachineFault[] {
  const faults: MachineFault[] = [];
  if (toBoolean(info.overheat_mode) === true) {
    faults.push({ code: "overheat_mode", text: "the firmware stopped the chips: too hot" });
  }
  for (const code of ["power_fault", "hardware_fault"] as const) {
    const text = toText(info[code]);
    if (text !== undefined) faults.push({ code, text });
  }
  return faults;
}

function decodeUptime(info: Info, at: EpochMs): Reading<Milliseconds> | undefined {
  const seconds = toNumber(info.uptimeSeconds);
  return reader(PATHS.info, at)(milliseconds, seconds === undefined ? undefined : seconds * 1000);
}
