// From what VNish said to one Telemetry.

import {
  hottest,
  present,
  presentOrNone,
  readingOf,
  toBoolean,
  toNumber,
} from "../contract/decoding.ts";
import { averagedOver } from "../contract/quantities.ts";
import type {
  Activity,
  PowerReading,
  RateReading,
  Reading,
  ReadProblem,
  Telemetry,
} from "../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  type HashesPerSecond,
  type Milliseconds,
  milliseconds,
  watts,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { decodeControls, stateOf } from "./controls.ts";
import { decodeBoards, decodeFans, hot, REALTIME, rateReader } from "./decode-boards.ts";
import { decodeIdentity, modelOf } from "./decode-identity.ts";
import { decodeFaults, decodePools, decodeShares } from "./decode-pools.ts";
import { type Known, minerOf, SOURCES } from "./known.ts";
import { decodeSetpoint, type Spellings } from "./setpoint.ts";

export function decode(
  known: Known,
  at: EpochMs,
  problems: readonly ReadProblem[],
  spellings: Spellings,
): Telemetry {
  const model = modelOf(known);
  return present({
    at,
    identity: decodeIdentity(known),
    algorithm: model?.algorithm,
    activity: decodeActivity(known),
    hashrate: decodeHashrate(known),
    power: decodePower(known),
    temperature: decodeTemperature(known),
    limits: decodeLimits(known, model),
    fans: decodeFans(known),
    boards: decodeBoards(known, model),
    pools: decodePools(known),
    shares: decodeShares(known),
    setpoint: decodeSetpoint(known, spellings),
    controls: decodeControls(known, model),
    faults: decodeFaults(known),
    problems,
    uptime: decodeUptime(known),
  });
}

/** Auto-tuning hashes all the while, at a rate that says nothing about the preset (S21 Pro, 1.2.7). */
const ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ["mining", "hashing"],
  ["auto-tuning", "ramping"],
  ["initializing", "starting"],
  ["starting", "starting"],
  ["restarting", "starting"],
  ["shutting-down", "stopped"],
  ["stopped", "sleeping"],
  ["failure", "stopped"],
]);

function decodeActivity(known: Known): Reading<Activity> | undefined {
  const inSummary = minerOf(known)?.miner_status?.miner_state !== undefined;
  const heard = inSummary ? known.summary : known.status;
  const state = stateOf(known);
  if (heard === undefined || state === undefined) return undefined;
  const source = inSummary ? SOURCES.summary : SOURCES.status;
  return readingOf(ACTIVITIES.get(state), source, heard.at);
}

function decodeHashrate(known: Known): Telemetry["hashrate"] {
  const miner = minerOf(known);
  const rate = rateReader(known);
  return presentOrNone({
    now: over(REALTIME, rate(miner?.hr_realtime)),
    average: over(averageWindow(known), rate(miner?.hr_average)),
    ideal: rate(miner?.hr_nominal),
    nameplate: rate(miner?.hr_stock),
  });
}

function over(
  window: Milliseconds | undefined,
  rate: Reading<HashesPerSecond> | undefined,
): RateReading | undefined {
  return averagedOver(rate, window);
}

/** Since the program started; where 4028 is silent, the time in the present state is the least it can be. */
function averageWindow(known: Known): Milliseconds | undefined {
  const seconds = known.elapsed?.answer ?? toNumber(minerOf(known)?.miner_status?.miner_state_time);
  return seconds === undefined ? undefined : milliseconds(seconds * 1000);
}

/** Where the supply does not measure, the firmware computes its watts from the settings. */
function decodePower(known: Known): PowerReading | undefined {
  const heard = known.summary;
  const miner = minerOf(known);
  const value = toNumber(miner?.power_consumption);
  if (heard === undefined || value === undefined) return undefined;
  const measured = toBoolean(miner?.psu?.psu_power_metering) === true;
  return {
    value: watts(value),
    at: heard.at,
    source: SOURCES.summary,
    quality: "ok",
    basis: measured ? "psu" : "formula",
  };
}

function decodeTemperature(known: Known): Telemetry["temperature"] {
  const miner = minerOf(known);
  const chains = miner?.chains ?? [];
  const supply = miner?.psu?.temps;
  return presentOrNone({
    chip: hottest(
      [miner?.chip_temp, ...chains.map((c) => c.chip_temp)].map((t) => hot(t?.max, known)),
    ),
    board: hottest(
      [miner?.pcb_temp, ...chains.map((c) => c.pcb_temp)].map((t) => hot(t?.max, known)),
    ),
    inlet: hottest(chains.map((chain) => hot(chain.inlet_water_temp, known))),
    outlet: hottest(chains.map((chain) => hot(chain.outlet_water_temp, known))),
    psu: hottest(
      [supply?.pfc_temp, supply?.llc1_temp, supply?.llc2_temp].map((value) => hot(value, known)),
    ),
  });
}

/** The firmware restarts a machine whose chips reach `restart_temp`; the maker may ask for less. */
function decodeLimits(known: Known, model: AntminerModel | undefined): Telemetry["limits"] {
  const restart = toNumber(known.settings?.answer.miner?.misc?.restart_temp);
  const chips = [restart, model?.limits?.chip].filter((value) => value !== undefined && value > 0);
  return presentOrNone({
    chip: chips.length === 0 ? undefined : celsius(Math.min(...(chips as number[]))),
    board: model?.limits?.board,
  });
}

function decodeUptime(known: Known): Telemetry["uptime"] {
  const heard = known.elapsed;
  return heard && readingOf(milliseconds(heard.answer * 1000), SOURCES.elapsed, heard.at);
}
