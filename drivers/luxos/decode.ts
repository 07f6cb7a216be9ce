// From what LUXminer said to one Telemetry.

import {
  hottest,
  lookUp,
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
  Board,
  Identity,
  PowerReading,
  RateReading,
  Reading,
  ReadProblem,
  Shares,
  Telemetry,
} from "../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  epochMs,
  type HashesPerSecond,
  hashesPerSecond,
  milliseconds,
  watts,
} from "../contract/units.ts";
import { type AntminerModel, findAntminer } from "../hardware/antminer.ts";
import { decodeControls } from "./controls.ts";
import { type BoardHeat, decodeBoards, decodeFans, decodeHeat } from "./decode-boards.ts";
import { decodeFaults, decodePools } from "./decode-pools.ts";
import type { Known } from "./known.ts";
import { decodeSetpoint, isAsleep } from "./setpoint.ts";
import type { Report } from "./wire.ts";

/** A start takes minutes of self-test and ramp before the first share. */
const START = 10 * 60;

type Summary = NonNullable<Report<"summary">["SUMMARY"]>[number];
type Config = NonNullable<Report<"config">["CONFIG"]>[number];

export function decode(known: Known, at: EpochMs, problems: readonly ReadProblem[]): Telemetry {
  const identity = decodeIdentity(known);
  const model = identity.modelKnown ? modelOf(known) : undefined;
  const heat = decodeHeat(known);
  const boards = decodeBoards(known, model, heat);
  const limits = known.reports.tempctrl?.answer.TEMPCTRL?.[0];
  return present({
    at,
    identity,
    algorithm: model?.algorithm,
    activity: decodeActivity(known),
    hashrate: decodeHashrate(known, model),
    power: decodePower(known),
    temperature: decodeTemperature([...heat.values()], boards),
    limits: presentOrNone({
      board: limit(limits?.Dangerous),
      chip: limit(limits?.ChipDangerous),
    }),
    fans: decodeFans(known),
    boards,
    pools: decodePools(known),
    shares: decodeShares(known),
    setpoint: decodeSetpoint(known, model),
    controls: isLuxos(known) ? decodeControls(known, model) : {},
    faults: decodeFaults(known),
    problems,
    uptime: decodeUptime(known),
  });
}

function limit(raw: unknown) {
  const value = toNumber(raw);
  return value === undefined || value <= 0 ? undefined : celsius(value);
}

const configOf = (known: Known): Config | undefined => known.reports.config?.answer.CONFIG?.[0];
const summaryOf = (known: Known): Summary | undefined => known.reports.summary?.answer.SUMMARY?.[0];

function modelText(known: Known): string | undefined {
  return toText(configOf(known)?.Model) ?? toText(known.reports.version?.answer.VERSION?.[0]?.Type);
}

function modelOf(known: Known): AntminerModel | undefined {
  const text = modelText(known);
  return text === undefined ? undefined : findAntminer(text);
}

/** Every answer names the program that gave it: a machine may have been flashed meanwhile. */
function isLuxos(known: Known): boolean {
  const program = known.reports.summary?.answer.STATUS?.[0]?.Description ?? "";
  return program.startsWith("LUXminer") || configOf(known)?.OS === "LuxOS";
}

const CONTROL_BOARDS: Readonly<Record<string, string>> = {
  cvitek: "CVITek",
  amlogic: "Amlogic",
  beaglebone: "BeagleBone",
  bbb: "BeagleBone",
  xilinx: "Xilinx",
  zynq: "Xilinx",
};

export function decodeIdentity(known: Known): Identity {
  const config = configOf(known);
  const version = known.reports.version?.answer.VERSION?.[0];
  const model = modelOf(known);
  const board = toText(config?.ControlBoardType);
  const api = version?.API;
  return present({
    vendor: "Bitmain",
    firmware: "LuxOS",
    firmwareVersion: toText(version?.Miner) ?? toText(version?.LUXminer),
    apiVersion: api === undefined ? undefined : String(api),
    model: model?.name ?? modelText(known),
    modelKnown: model !== undefined,
    serial: toText(config?.SerialNumber),
    mac: toMac(config?.MACAddr),
    hostname: toText(config?.Hostname),
    controlBoard: board && (lookUp(CONTROL_BOARDS, board.toLowerCase()) ?? board),
    psu: toText(config?.PSULabel),
  });
}

function decodeActivity(known: Known): Reading<Activity> | undefined {
  const heard = known.reports.summary;
  return heard && readingOf(activityOf(known), "summary", heard.at);
}

function activityOf(known: Known): Activity | undefined {
  const config = configOf(known);
  if (isAsleep(config?.CurtailMode) === true) return "sleeping";
  const devs = known.reports.devs?.answer.DEVS ?? [];
  if (devs.some((dev) => toBoolean(dev.IsRamping) === true)) return "ramping";
  const summary = summaryOf(known);
  const rate = toNumber(summary?.["GHS 5s"]);
  if (rate !== undefined && rate > 0) return "hashing";
  const elapsed = toNumber(summary?.Elapsed);
  if (rate === undefined || elapsed === undefined) return undefined;
  if (toBoolean(config?.IsPowerSupplyOn) === false && elapsed >= START) return "stopped";
  return elapsed < START ? "starting" : "stopped";
}

function decodeHashrate(known: Known, model: AntminerModel | undefined): Telemetry["hashrate"] {
  const heard = known.reports.summary;
  const summary = summaryOf(known);
  if (heard === undefined || summary === undefined) return undefined;
  const config = known.reports.config;
  const elapsed = toNumber(summary.Elapsed);
  const rate = (ghs: unknown, window: number | undefined): RateReading | undefined => {
    const reading = reader("summary", heard.at)((value) => hashesPerSecond(value * 1e9), ghs);
    return averagedOver(reading, window);
  };
  const label = config && reader("config", config.at);
  return presentOrNone({
    now: rate(summary["GHS 5s"], 5_000),
    recent: rate(summary["GHS 5m"], 300_000),
    average: rate(summary["GHS av"], elapsed === undefined ? undefined : elapsed * 1000),
    ideal: decodeIdeal(known),
    nameplate:
      label?.((th) => hashesPerSecond(th * 1e12), configOf(known)?.NameplateTHS) ??
      (model?.nameplate && heard && readingOf(model.nameplate, "model", heard.at)),
  });
}

/** What the boards that hash should do together. */
function decodeIdeal(known: Known): Reading<HashesPerSecond> | undefined {
  const heard = known.reports.devs;
  if (heard === undefined) return undefined;
  const nominal = (heard.answer.DEVS ?? [])
    .filter((dev) => toBoolean(dev.Enabled) !== false && toBoolean(dev.IsUserShutdown) !== true)
    .map((dev) => toNumber(dev["Nominal MHS"]));
  if (nominal.length === 0 || nominal.includes(undefined)) return undefined;
  const sum = nominal.reduce<number>((total, value) => total + (value ?? 0), 0);
  return readingOf(hashesPerSecond(sum * 1e6), "devs", heard.at);
}

function decodePower(known: Known): PowerReading | undefined {
  const heard = known.reports.power;
  const power = heard?.answer.POWER?.[0];
  const reading = heard && reader("power", heard.at)(watts, power?.Watts);
  if (reading === undefined) return undefined;
  const measured = toBoolean(power?.PSU);
  const basis = measured === undefined ? "unknown" : measured ? "psu" : "formula";
  return measuredBy(basis, reading);
}

function decodeTemperature(
  heats: readonly BoardHeat[],
  boards: readonly Board[],
): Telemetry["temperature"] {
  return presentOrNone({
    chip: hottest(heats.map((heat) => heat.chip)),
    // devs repeats the hottest sensor of each board: what is left when temps fails.
    board:
      hottest(heats.map((heat) => heat.board)) ??
      hottest(boards.map((board) => board.boardTemperature)),
    inlet: hottest(heats.map((heat) => heat.waterInlet)),
    outlet: hottest(heats.map((heat) => heat.waterOutlet)),
  });
}

function decodeShares(known: Known): Shares | undefined {
  const heard = known.reports.summary;
  const summary = summaryOf(known);
  if (heard === undefined) return undefined;
  const read = reader("summary", heard.at);
  return presentOrNone({
    accepted: read(Number, summary?.Accepted),
    rejected: read(Number, summary?.Rejected),
    stale: read(Number, summary?.Stale),
    difficultyAccepted: read(Number, summary?.["Difficulty Accepted"]),
    lastShareAt: lastShare(known),
  });
}

function lastShare(known: Known): Reading<EpochMs> | undefined {
  const heard = known.reports.devs;
  if (heard === undefined) return undefined;
  const times = (heard.answer.DEVS ?? []).map((dev) => toNumber(dev["Last Share Time"]) ?? 0);
  const latest = Math.max(0, ...times);
  return latest === 0 ? undefined : readingOf(epochMs(latest * 1000), "devs", heard.at);
}

function decodeUptime(known: Known): Telemetry["uptime"] {
  const heard = known.reports.summary;
  if (heard === undefined) return undefined;
  return reader("summary", heard.at)(
    (seconds) => milliseconds(seconds * 1000),
    summaryOf(known)?.Elapsed,
  );
}
