// From bdminer's answers to Telemetry. Pure. `stats` tells nearly everything.

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
import {
  measuredBy,
  type Origin,
  rateReading,
  scaled,
  temperatureReading,
} from "../contract/quantities.ts";
import type {
  Activity,
  Board,
  Fan,
  Identity,
  MachineFault,
  PowerReading,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, megahertz, milliseconds, rpm, watts } from "../contract/units.ts";
import { findSealminer, type SealminerModel } from "../hardware/sealminer.ts";
import type { Held } from "../transport/answer.ts";
import {
  type CgminerPool,
  type CgminerSummary,
  cgminerPools,
  summaryRates,
  summaryShares,
} from "../transport/cgminer.ts";
import { controlsOf, setpointOf } from "./controls.ts";
import { numbered, type Stats, type SystemInfo, type Version } from "./wire.ts";

export interface Answers {
  readonly stats: Held<Stats>;
  readonly summary: Held<CgminerSummary> | undefined;
  readonly pools: Held<readonly CgminerPool[]> | undefined;
  readonly version: Held<Version> | undefined;
  readonly system: Held<SystemInfo> | undefined;
  /** The pages let us in, and with them the reboot that a new limit needs. */
  readonly mayReboot: boolean;
}

export const FIRMWARE = "bdminer";
const MEGA = 1e6;
const SECOND = 1000;
/** No machine of its class has more; a broken count must not make a thousand rows. */
const MOST_BOARDS = 8;
const MOST_FANS = 16;
const SENSORS = [0, 1, 2, 3] as const;

export function decode(answers: Answers, at: EpochMs): Omit<Telemetry, "problems"> {
  const { stats, summary, pools } = answers;
  const identity = decodeIdentity(answers);
  const known = findSealminer(identity.model ?? "");
  const boards = boardsOf(stats, known);
  const row = stats.value;
  return {
    at,
    identity,
    algorithm: "sha256",
    boards,
    fans: fansOf(stats),
    pools: cgminerPools(pools?.value ?? []),
    setpoint: setpointOf(stats),
    controls: controlsOf(identity.modelKnown, stats, answers.mayReboot),
    faults: faultsOf(stats),
    ...present({
      activity: readingOf(activityOf(row), stats.source, stats.at),
      hashrate: presentOrNone(ratesOf(answers)),
      power: powerOf(stats),
      temperature: presentOrNone({
        board: hottest(boards.map((board) => board.boardTemperature)),
        inlet: hottest(boards.map((board) => board.inletTemperature)),
        outlet: hottest(boards.map((board) => board.outletTemperature)),
        psu: temperatureReading(row["PSU Temp AMB"], stats),
      }),
      shares: summary === undefined ? undefined : summaryShares(summary.value, summary),
      uptime: reader(stats.source, stats.at)(milliseconds, scaled(row.Elapsed, SECOND)),
    }),
  };
}

/** `summary` counts nonces, so its mean rises slowly; `stats` has the present rate without its noise. */
function ratesOf({ stats, summary }: Answers) {
  const rate = (raw: unknown, window: number) => rateReading(raw, { scale: MEGA, window }, stats);
  const counted = summary === undefined ? undefined : summaryRates(summary.value, summary);
  return {
    now: rate(stats.value["MHS(30s)"], 30 * SECOND),
    recent: rate(stats.value["MHS(5m)"], 300 * SECOND),
    average: counted?.average ?? rate(stats.value["MHS(Avg)"], 0),
    ideal: rate(stats.value["MHS(Ideal)"], 0),
    nameplate: rate(stats.value["MHS(Rated)"], 0),
  };
}

export function decodeIdentity(
  answers: Partial<Pick<Answers, "stats" | "version" | "system">>,
): Identity {
  const stats = answers.stats?.value;
  const system = answers.system?.value;
  const model = toText(stats?.Model) ?? toText(system?.miner_type);
  return {
    vendor: "Bitdeer",
    firmware: FIRMWARE,
    modelKnown: model !== undefined && findSealminer(model) !== undefined,
    ...present({
      firmwareVersion: toText(stats?.Firmware) ?? toText(system?.firmware_version),
      apiVersion: toText(answers.version?.value.API),
      model,
      serial: toText(stats?.["Ctrl Board SN"]) ?? toText(system?.crtl_sn),
      mac: toMac(stats?.MAC) ?? toMac(system?.macaddr),
      controlBoard: toText(stats?.["Ctrl Board"]) ?? toText(system?.ctrl_version),
      psu: toText(stats?.["PSU Model"]) ?? toText(system?.psu_model),
    }),
  };
}

function boardsOf(stats: Held<Stats>, model: SealminerModel | undefined): Board[] {
  const count = Math.min(MOST_BOARDS, toNumber(stats.value["Board Count"]) ?? 0);
  return Array.from({ length: Math.max(0, Math.trunc(count)) }, (_, index) =>
    boardOf(index, stats, model),
  );
}

function boardOf(index: number, origin: Held<Stats>, model: SealminerModel | undefined): Board {
  const value = (key: string) => numbered(origin.value, index, key);
  const read = reader(origin.source, origin.at);
  const heat = SENSORS.flatMap((sensor) => sensorOf(value(`Temp ${sensor}`), origin));
  const chips = toNumber(value("Chip Count"));
  const bad = toNumber(value("Bad Chip Count")) ?? 0;
  return {
    index,
    ...present({
      serial: toText(value("SN")),
      chips: read((each) => each, chips === undefined ? undefined : chips - bad),
      chipsExpected: model?.chipsPerBoard,
      enabled: toBoolean(value("Online")),
      hashrate: rateReading(value("MHS(Sample)"), { scale: MEGA, window: 30 * SECOND }, origin),
      ideal: rateReading(value("MHS(Ideal)"), { scale: MEGA, window: 0 }, origin),
      frequency: read(megahertz, value("Freq")),
      boardTemperature: hottest(heat),
      inletTemperature: heat.length === SENSORS.length ? heat[0] : undefined,
      outletTemperature: heat.length === SENSORS.length ? heat.at(-1) : undefined,
    }),
  };
}

/** 0 stands for a sensor that did not answer. */
function sensorOf(raw: unknown, origin: Origin) {
  return toNumber(raw) === 0 ? [] : (temperatureReading(raw, origin) ?? []);
}

function fansOf(stats: Held<Stats>): Fan[] {
  const count = Math.min(MOST_FANS, toNumber(stats.value["Fan Count"]) ?? 0);
  const read = reader(stats.source, stats.at);
  return Array.from({ length: Math.max(0, Math.trunc(count)) }, (_, index) => ({
    index,
    ...present({ speed: read(rpm, numbered(stats.value, index, "Speed")) }),
  }));
}

function powerOf(stats: Held<Stats>): PowerReading | undefined {
  const reading = reader(stats.source, stats.at)(watts, stats.value["PSU Input Power"]);
  return measuredBy("psu", reading);
}

/** Of the states only Running is known from a machine; another one is told only if nothing is hashed. */
function activityOf(stats: Stats): Activity | undefined {
  const rate = toNumber(stats["MHS(30s)"]);
  const state = toText(stats["PM State"]);
  if (state === "Running") return rate === 0 ? "starting" : "hashing";
  return rate === 0 && state !== undefined ? "stopped" : undefined;
}

function faultsOf(stats: Held<Stats>): MachineFault[] {
  const code = toText(stats.value["Error Code"]);
  const chip = toText(stats.value["Error Chip"]);
  const supply = toText(stats.value["PSU Error"]);
  return [
    ...(code === undefined
      ? []
      : [{ code, text: chip === undefined ? "miner error" : `miner error, chip ${chip}` }]),
    ...(supply === undefined || /^(0x)?0+$/.test(supply)
      ? []
      : [{ code: supply, text: "power supply error", component: "psu" }]),
  ];
}
