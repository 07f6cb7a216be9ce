// From what GraphQL said to one Telemetry.

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
  Board,
  Fan,
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
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
  watts,
} from "../../contract/units.ts";
import { type AntminerModel, findAntminer } from "../../hardware/antminer.ts";
import { placesOf } from "../boards.ts";
import { controlsOf } from "../controls.ts";
import { powerReading } from "../power.ts";
import { decodeFaults, decodePools } from "./decode-pools.ts";
import type { Known } from "./known.ts";
import { decodeSetpoint, isStopped, offersOf } from "./setpoint.ts";
import { type Solver, sourceOf } from "./wire.ts";

/** Self-test and preheating take minutes before the first hash. */
const START = 10 * 60;
const megahashes = (value: number) => hashesPerSecond(value * 1e6);

export function decode(known: Known, at: EpochMs, problems: readonly ReadProblem[]): Telemetry {
  const model = modelOf(known);
  const boards = decodeBoards(known, model);
  const dangerous = toNumber(
    known.answers.settings?.answer.bosminer?.config?.tempControl?.dangerousTemp,
  );
  return present({
    at,
    identity: decodeIdentity(known),
    // Braiins OS mines nothing else on any machine that it runs on.
    algorithm: "sha256" as const,
    activity: decodeActivity(known),
    hashrate: decodeHashrate(known, model),
    power: decodePower(known),
    temperature: presentOrNone({
      chip: hottest(boards.map((board) => board.chipTemperature)),
      board: hottest(boards.map((board) => board.boardTemperature)),
    }),
    limits: dangerous === undefined || dangerous <= 0 ? undefined : { chip: celsius(dangerous) },
    fans: decodeFans(known),
    boards,
    pools: decodePools(known),
    setpoint: decodeSetpoint(known),
    controls: controlsOf(offersOf(known, model)),
    faults: decodeFaults(known),
    problems,
    uptime: decodeUptime(known),
  });
}

const modelText = (known: Known): string | undefined =>
  toText(known.answers.model?.answer.bosminer?.info?.modelName);

function modelOf(known: Known): AntminerModel | undefined {
  const name = modelText(known);
  return name === undefined ? undefined : findAntminer(name);
}

function decodeIdentity(known: Known): Identity {
  const bos = known.answers.system?.answer.bos;
  const more = known.answers.identity?.answer.bos;
  const version = toText(bos?.info?.version?.full);
  const model = modelOf(known);
  const plus = toBoolean(more?.info?.version?.isPlus) ?? version?.endsWith("-plus");
  return present({
    vendor: "Bitmain",
    firmware: plus === true ? "Braiins OS+" : "Braiins OS",
    firmwareVersion: version,
    model: model?.name ?? modelText(known),
    modelKnown: model !== undefined,
    serial: toText(more?.serialNumber),
    mac: toMac(more?.macAddress) ?? toMac(known.mac),
    hostname: toText(bos?.hostname),
    controlBoard: toText(more?.info?.controlBoardSocFamily),
  });
}

function decodeActivity(known: Known): Reading<Activity> | undefined {
  const heard = known.answers.system;
  return heard && readingOf(activityOf(known), sourceOf("system"), heard.at);
}

function activityOf(known: Known): Activity | undefined {
  const stopped = isStopped(known);
  if (stopped !== false) return stopped === true ? "stopped" : undefined;
  const system = known.answers.system?.answer;
  const progress = known.answers.progress?.answer.bosminer;
  const rate = toNumber(system?.bosminer?.info?.workSolver?.realHashrate?.mhs5S);
  if (rate === undefined) return undefined;
  const uptime = toNumber(progress?.uptime?.durationS) ?? toNumber(system?.bos?.uptime?.durationS);
  if (rate <= 0) return uptime !== undefined && uptime < START ? "starting" : "stopped";
  return progress?.info?.summary?.tunerStatus === "RUNNING" ? "ramping" : "hashing";
}

function decodeHashrate(known: Known, model: AntminerModel | undefined): Telemetry["hashrate"] {
  const { system, progress } = known.answers;
  const solver = system?.answer.bosminer?.info?.workSolver;
  const longer = progress?.answer.bosminer?.info?.workSolver?.realHashrate;
  const uptime = toNumber(progress?.answer.bosminer?.uptime?.durationS);
  const read = system && reader(sourceOf("system"), system.at);
  const later = progress && reader(sourceOf("progress"), progress.at);
  return presentOrNone({
    now: windowed(read?.(megahashes, solver?.realHashrate?.mhs5S), 5_000),
    recent: windowed(later?.(megahashes, longer?.mhs5M), 300_000),
    average: windowed(
      later?.(megahashes, longer?.mhsSinceRestart),
      uptime === undefined ? undefined : uptime * 1000,
    ),
    ideal: read?.(megahashes, solver?.nominalMhs),
    nameplate: system && readingOf(model?.nameplate, "model", system.at),
  });
}

function windowed(
  reading: Omit<RateReading, "window"> | undefined,
  window: number | undefined,
): RateReading | undefined {
  return averagedOver(reading, window);
}

function decodePower(known: Known): Telemetry["power"] {
  const heard = known.answers.system;
  const raw = heard?.answer.bosminer?.info?.summary?.power?.approxConsumptionW;
  return heard && powerReading(reader(sourceOf("system"), heard.at)(watts, raw));
}

function decodeUptime(known: Known): Telemetry["uptime"] {
  const heard = known.answers.progress;
  return (
    heard &&
    reader(sourceOf("progress"), heard.at)(
      (seconds) => milliseconds(seconds * 1000),
      heard.answer.bosminer?.uptime?.durationS,
    )
  );
}

function decodeFans(known: Known): Fan[] {
  const heard = known.answers.system;
  if (heard === undefined) return [];
  const read = reader(sourceOf("system"), heard.at);
  return (heard.answer.bosminer?.info?.fans ?? []).map((fan, order) =>
    present({
      index: toNumber(fan.name) ?? order,
      speed: read(rpm, fan.rpm),
      duty: read(percent, fan.speed),
    }),
  );
}

function decodeBoards(known: Known, model: AntminerModel | undefined): Board[] {
  const heard = known.answers.boards;
  const solvers = heard?.answer.bosminer?.info?.workSolver?.childSolvers ?? [];
  if (heard === undefined) return [];
  const places = placesOf(solvers.map((solver) => solver.name));
  return solvers
    .map((solver, order) => decodeBoard(solver, places[order] ?? order, heard.at, model))
    .sort((a, b) => a.index - b.index);
}

function decodeBoard(
  solver: Solver,
  index: number,
  at: EpochMs,
  model: AntminerModel | undefined,
): Board {
  const read = reader(sourceOf("boards"), at);
  // The names differ from release to release; the words in them do not.
  const sensor = (word: RegExp) =>
    hottest(
      (solver.temperatures ?? [])
        .filter(({ name }) => word.test(name ?? ""))
        .map(({ degreesC }) => read(celsius, degreesC)),
    );
  return present({
    index,
    serial: toText(solver.hwDetails?.hbSerialNumber),
    hashrate: windowed(read(megahashes, solver.realHashrate?.mhs5S), 5_000),
    ideal: read(megahashes, solver.nominalMhs),
    chips: read(Number, solver.hwDetails?.chips),
    chipsExpected: model?.chipsPerBoard,
    chipTemperature: sensor(/chip/i),
    boardTemperature: sensor(/board/i),
    inletTemperature: sensor(/inlet/i),
    outletTemperature: sensor(/outlet/i),
    frequency: read(megahertz, solver.hwDetails?.frequencyMhz),
    voltage: read((value) => millivolts(value * 1000), solver.hwDetails?.voltageV),
  });
}
