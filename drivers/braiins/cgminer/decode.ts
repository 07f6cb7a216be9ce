// From what BOSminer said on 4028 to one Telemetry. Reading only: its settings lie in a file on the machine.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../../contract/decoding.ts";
import { averagedOver } from "../../contract/quantities.ts";
import type {
  Activity,
  Board,
  Fan,
  Pool,
  RateReading,
  ReadProblem,
  Setpoint,
  Telemetry,
} from "../../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  epochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
  watts,
} from "../../contract/units.ts";
import { placesOf } from "../boards.ts";
import { powerReading } from "../power.ts";
import type { Heard } from "../shapes.ts";
import type { Report, ReportName } from "./wire.ts";

export type Known = { readonly [Name in ReportName]?: Heard<Report<Name>> };

const START = 10 * 60;
const megahashes = (value: number) => hashesPerSecond(value * 1e6);

export function decode(known: Known, at: EpochMs, problems: readonly ReadProblem[]): Telemetry {
  const { summary, version } = known;
  const first = version?.answer.VERSION?.[0];
  const boards = decodeBoards(known);
  const dangerous = toNumber(known.tempctrl?.answer.TEMPCTRL?.[0]?.Dangerous);
  return present({
    at,
    identity: present({
      vendor: "Bitmain",
      firmware: first?.["BOSminer+"] === undefined ? "Braiins OS" : "Braiins OS+",
      firmwareVersion:
        toText(first?.["BOSminer+"]) ?? toText(first?.BOSminer) ?? toText(first?.BOSer),
      apiVersion: first?.API === undefined ? undefined : String(first.API),
      // Nothing on 4028 names the machine.
      modelKnown: false,
    }),
    // Braiins OS mines nothing else on any machine that it runs on.
    algorithm: "sha256" as const,
    activity: summary && readingOf(activityOf(known), "summary", summary.at),
    hashrate: decodeHashrate(known),
    power: decodePower(known),
    temperature: presentOrNone({
      chip: hottest(boards.map((board) => board.chipTemperature)),
      board: hottest(boards.map((board) => board.boardTemperature)),
    }),
    limits: dangerous === undefined || dangerous <= 0 ? undefined : { chip: celsius(dangerous) },
    fans: decodeFans(known),
    boards,
    pools: decodePools(known),
    shares: decodeShares(known),
    setpoint: decodeSetpoint(known),
    controls: {},
    faults: [],
    problems,
    uptime:
      summary &&
      reader("summary", summary.at)(
        (seconds) => milliseconds(seconds * 1000),
        summary.answer.SUMMARY?.[0]?.Elapsed,
      ),
  });
}

function activityOf(known: Known): Activity | undefined {
  const summary = known.summary?.answer.SUMMARY?.[0];
  const rate = toNumber(summary?.["MHS 5s"]) ?? toNumber(summary?.["MHS 1m"]);
  const elapsed = toNumber(summary?.Elapsed);
  if (rate === undefined) return undefined;
  if (rate <= 0) return elapsed !== undefined && elapsed < START ? "starting" : "stopped";
  const tuner = known.tunerstatus?.answer.TUNERSTATUS?.[0]?.TunerChainStatus ?? [];
  const tunes = tuner.some(({ Status }) => /^(?:testing|tuning)/i.test(Status ?? ""));
  return tunes ? "ramping" : "hashing";
}

function decodeHashrate(known: Known): Telemetry["hashrate"] {
  const heard = known.summary;
  if (heard === undefined) return undefined;
  const summary = heard.answer.SUMMARY?.[0];
  const elapsed = toNumber(summary?.Elapsed);
  const rate = (raw: unknown, window: number | undefined): RateReading | undefined => {
    const reading = reader("summary", heard.at)(megahashes, raw);
    return averagedOver(reading, window);
  };
  return presentOrNone({
    now: rate(summary?.["MHS 5s"], 5_000) ?? rate(summary?.["MHS 1m"], 60_000),
    recent: rate(summary?.["MHS 5m"], 300_000) ?? rate(summary?.["MHS 15m"], 900_000),
    average: rate(summary?.["MHS av"], elapsed === undefined ? undefined : elapsed * 1000),
    ideal: decodeIdeal(known),
  });
}

function decodeIdeal(known: Known) {
  const devs = known.devs?.answer.DEVS ?? [];
  const nominal = devs.map((dev) => toNumber(dev["Nominal MHS"]));
  if (known.devs === undefined || nominal.length === 0 || nominal.includes(undefined)) {
    return undefined;
  }
  const sum = nominal.reduce<number>((total, value) => total + (value ?? 0), 0);
  return readingOf(megahashes(sum), "devs", known.devs.at);
}

function decodePower(known: Known): Telemetry["power"] {
  const heard = known.tunerstatus;
  const raw = heard?.answer.TUNERSTATUS?.[0]?.ApproximateMinerPowerConsumption;
  return heard && powerReading(reader("tunerstatus", heard.at)(watts, raw));
}

function decodeSetpoint(known: Known): Setpoint {
  const heard = known.tunerstatus;
  const limit = toNumber(heard?.answer.TUNERSTATUS?.[0]?.PowerLimit);
  const set = limit === undefined || limit <= 0 ? undefined : watts(limit);
  return present({ powerLimit: heard && readingOf(set, "tunerstatus", heard.at) });
}

function decodeBoards(known: Known): Board[] {
  const { devs, devdetails, temps } = known;
  const list = devs?.answer.DEVS ?? [];
  if (devs === undefined) return [];
  const places = placesOf(list.map((dev) => dev.ID));
  return list
    .map((dev, order) => {
      const read = reader("devs", devs.at);
      const detail = devdetails?.answer.DEVDETAILS?.find((each) => sameId(each.ID, dev.ID));
      const temp = temps?.answer.TEMPS?.find((each) => sameId(each.ID, dev.ID));
      const more = devdetails && reader("devdetails", devdetails.at);
      const heat = temps && reader("temps", temps.at);
      const rate = read(megahashes, dev["MHS 5s"]);
      return present({
        index: places[order] ?? order,
        hashrate: averagedOver(rate, 5_000),
        ideal: read(megahashes, dev["Nominal MHS"]),
        chips: more?.(Number, detail?.Chips),
        frequency: more?.(megahertz, detail?.Frequency),
        voltage: more?.((value) => millivolts(value * 1000), detail?.Voltage),
        chipTemperature: heat?.(celsius, sensed(temp?.Chip)),
        boardTemperature: heat?.(celsius, sensed(temp?.Board)),
        hardwareErrors: read(Number, dev["Hardware Errors"]),
        enabled: toBoolean(dev.Enabled),
      });
    })
    .sort((a, b) => a.index - b.index);
}

/** Boards whose sensors see no chip (S9 on releases of 2020) say 0 for it. */
function sensed(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}

const sameId = (a: unknown, b: unknown): boolean =>
  toNumber(a) !== undefined && toNumber(a) === toNumber(b);

function decodeFans(known: Known): Fan[] {
  const heard = known.fans;
  if (heard === undefined) return [];
  const read = reader("fans", heard.at);
  return (heard.answer.FANS ?? []).map((fan, order) =>
    present({
      index: toNumber(fan.FAN) ?? order,
      speed: read(rpm, fan.RPM),
      duty: read(percent, fan.Speed),
    }),
  );
}

function decodePools(known: Known): Pool[] {
  return (known.pools?.answer.POOLS ?? []).map((pool, order) =>
    present({
      index: toNumber(pool.POOL) ?? order,
      url: pool.URL ?? "",
      user: pool.User ?? "",
      status: poolStatus(pool.Status),
      active: toBoolean(pool["Stratum Active"]),
      priority: toNumber(pool.Priority),
      accepted: toNumber(pool.Accepted),
      rejected: toNumber(pool.Rejected),
      stale: toNumber(pool.Stale),
      lastShareAt: lastShare(pool["Last Share Time"]),
    }),
  );
}

function poolStatus(word: string | undefined): Pool["status"] {
  if (word === undefined) return "unknown";
  if (/^disabled$/i.test(word)) return "disabled";
  return /^alive$/i.test(word) ? "alive" : "dead";
}

function lastShare(raw: unknown): EpochMs | undefined {
  const seconds = toNumber(raw);
  return seconds === undefined || seconds <= 0 ? undefined : epochMs(seconds * 1000);
}

function decodeShares(known: Known): Telemetry["shares"] {
  const heard = known.summary;
  if (heard === undefined) return undefined;
  const summary = heard.answer.SUMMARY?.[0];
  const read = reader("summary", heard.at);
  return presentOrNone({
    accepted: read(Number, summary?.Accepted),
    rejected: read(Number, summary?.Rejected),
    stale: read(Number, summary?.Stale),
    difficultyAccepted: read(Number, summary?.["Difficulty Accepted"]),
  });
}
