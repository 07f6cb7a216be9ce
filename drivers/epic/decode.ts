// From what PowerPlay said to one Telemetry.

import type { Algorithm } from "../contract/algorithm.ts";
import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { measuredBy } from "../contract/quantities.ts";
import type {
  Activity,
  Board,
  MachineFault,
  Pool,
  PowerReading,
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
import type { AntminerModel } from "../hardware/antminer.ts";
import { decodeControls } from "./controls.ts";
import { decodeBoards, decodeFans, megahashes, positive, sensorHeat } from "./decode-boards.ts";
import { decodeIdentity, modelOf } from "./identity.ts";
import type { Known } from "./known.ts";
import { decodeSetpoint } from "./setpoint.ts";
import type { Summary } from "./wire.ts";

export interface Decoded {
  readonly at: EpochMs;
  readonly problems: readonly ReadProblem[];
  /** A password is configured. */
  readonly writable: boolean;
}

export function decode(known: Known, { at, problems, writable }: Decoded): Telemetry {
  const model = modelOf(known);
  const boards = decodeBoards(known, model);
  const summary = known.summary?.answer;
  return present({
    at,
    identity: decodeIdentity(known),
    algorithm: model?.algorithm ?? algorithmOf(summary),
    activity: known.summary && readingOf(activityOf(summary), "summary", known.summary.at),
    hashrate: decodeHashrate(known, boards, model),
    power: decodePower(known),
    temperature: presentOrNone({
      chip: hottest([...sensorHeat(known["temps/chip"], "temps/chip").values()]),
      board: hottest(boards.map((board) => board.boardTemperature)),
    }),
    limits: decodeLimits(known),
    fans: decodeFans(known.summary),
    boards,
    pools: decodePools(summary),
    shares: decodeShares(known),
    setpoint: decodeSetpoint(known),
    controls: decodeControls(known, model, writable),
    faults: decodeFaults(summary),
    problems,
    uptime: decodeUptime(known),
  });
}

function algorithmOf(summary: Summary | undefined): Algorithm | undefined {
  const text = summary?.Mining?.Algorithm?.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return text === "sha256" || text === "scrypt" ? text : undefined;
}

const ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ["Mining", "hashing"],
  ["AdjustingClockVoltage", "ramping"],
  ["Stopping", "ramping"],
  ["Idling", "sleeping"],
  ["Initializing", "starting"],
  ["Loading", "starting"],
  ["PreInitCooldown", "starting"],
  ["Rebooting", "starting"],
  ["SoftRebooting", "starting"],
  ["Testing", "starting"],
  ["UpdatingFirmware", "starting"],
]);

/** A machine that idles because something failed or its pool is gone was not sent to sleep. */
export function activityOf(summary: Summary | undefined): Activity | undefined {
  const state = summary?.Status?.["Operating State"];
  const activity = state === undefined ? undefined : ACTIVITIES.get(state);
  if (activity !== "sleeping" || summary === undefined) return activity;
  if (/stop/i.test(summary.Status?.["Last Command"] ?? "")) return "sleeping";
  const lostPool =
    toBoolean(summary.IdleOnConnectionLost) === true &&
    toBoolean(summary.Stratum?.IsPoolConnected) === false;
  return lostPool || toText(summary.Status?.["Last Error"]) !== undefined ? "stopped" : "sleeping";
}

function decodeHashrate(
  known: Known,
  boards: readonly Board[],
  model: AntminerModel | undefined,
): Telemetry["hashrate"] {
  const heard = known.summary;
  if (heard === undefined) return undefined;
  const [first, ...others] = boards.flatMap((board) => board.hashrate ?? []);
  const session = heard.answer.Session;
  const uptime = positive(session?.Uptime);
  const average = reader("summary", heard.at)(megahashes, session?.["Average MHs"]);
  return presentOrNone({
    now: first && {
      ...first,
      value: others.reduce((sum, { value }) => hashesPerSecond(sum + value), first.value),
    },
    average:
      average && uptime !== undefined
        ? { ...average, window: milliseconds(uptime * 1000) }
        : undefined,
    ideal: idealOf(boards, heard.at),
    nameplate: nameplateOf(known, model),
  });
}

/** What the boards that hash should do together. */
function idealOf(boards: readonly Board[], at: EpochMs): Reading<HashesPerSecond> | undefined {
  const hashing = boards.filter((board) => board.hashrate !== undefined);
  if (hashing.length === 0) return undefined;
  let sum = 0;
  for (const { ideal } of hashing) {
    if (ideal === undefined) return undefined;
    sum += ideal.value;
  }
  return readingOf(hashesPerSecond(sum), "summary", at);
}

function nameplateOf(
  known: Known,
  model: AntminerModel | undefined,
): Reading<HashesPerSecond> | undefined {
  const heard = known.capabilities;
  if (heard === undefined) return undefined;
  const graded = positive(heard.answer["Default Hashrate"]);
  if (graded !== undefined) {
    return readingOf(hashesPerSecond(graded * 1e12), "capabilities", heard.at);
  }
  return readingOf(model?.nameplate, "model", heard.at);
}

/** Later builds tell whether the supply measures; the captured one shows no current at all. */
function decodePower(known: Known): PowerReading | undefined {
  const heard = known.summary;
  if (heard === undefined) return undefined;
  const raw = positive(heard.answer["Power Supply Stats"]?.["Input Power"]);
  const reading = reader("summary", heard.at)(watts, raw);
  const measured = toBoolean(known.capabilities?.answer["Psu Info"]?.["True Power"]);
  const basis = measured === undefined ? "unknown" : measured ? "psu" : "formula";
  return measuredBy(basis, reading);
}

/** At `Shutdown Temp` the firmware stops; it speaks of the sensors that the machine has. */
function decodeLimits(known: Known): Telemetry["limits"] {
  const raw = positive(known.summary?.answer.Misc?.["Shutdown Temp"]);
  if (raw === undefined) return undefined;
  const type = known.capabilities?.answer["Temp Sensor Info"]?.Type;
  return /chip/i.test(type ?? "") ? { chip: celsius(raw) } : { board: celsius(raw) };
}

function decodePools(summary: Summary | undefined): Pool[] {
  const active = toNumber(summary?.Stratum?.["Config Id"]);
  const connected = toBoolean(summary?.Stratum?.IsPoolConnected);
  const difficulty = positive(summary?.Session?.Difficulty);
  return (summary?.StratumConfigs ?? []).flatMap((pool, index) => {
    const url = toText(pool?.pool);
    if (url === undefined) return [];
    const inUse = active === undefined ? undefined : active === index;
    const status = inUse === true ? statusOf(connected) : "unknown";
    return [
      present({
        index,
        url,
        user: pool?.login ?? "",
        status,
        active: inUse,
        priority: index,
        difficulty: inUse === true ? difficulty : undefined,
      }),
    ];
  });
}

/** Only the pool in use is known to answer or not. */
function statusOf(connected: boolean | undefined): Pool["status"] {
  if (connected === undefined) return "unknown";
  return connected ? "alive" : "dead";
}

function decodeShares(known: Known): Shares | undefined {
  const heard = known.summary;
  const session = heard?.answer.Session;
  if (heard === undefined) return undefined;
  const read = reader("summary", heard.at);
  const last = positive(session?.["Last Accepted Share Timestamp"]);
  return presentOrNone({
    accepted: read(Number, session?.Accepted),
    rejected: read(Number, session?.Rejected),
    lastShareAt:
      last === undefined ? undefined : readingOf(epochMs(last * 1000), "summary", heard.at),
  });
}

/** The firmware has words and no codes. */
function decodeFaults(summary: Summary | undefined): MachineFault[] {
  const error = toText(summary?.Status?.["Last Error"]);
  const license = toText(summary?.["Last License Error"]);
  return [
    ...(error === undefined ? [] : [{ code: "last-error", text: error }]),
    ...(license === undefined ? [] : [{ code: "license-error", text: license }]),
  ];
}

function decodeUptime(known: Known): Telemetry["uptime"] {
  const heard = known.summary;
  if (heard === undefined) return undefined;
  const make = (seconds: number) => milliseconds(seconds * 1000);
  return reader("summary", heard.at)(make, heard.answer.Session?.Uptime);
}
