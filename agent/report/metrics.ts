// What is told about a machine: one line a metric, with name, type, unit and where it comes from.
//
// Rates are in hashes (Equihash: solutions) per second; efficiency is in the unit of the algorithm's own
// trade, J/TH for SHA-256, named in the birth. A value that is absent, stale or implausible is null.

import { ALGORITHMS, type Algorithm } from "../../drivers/contract/algorithm.ts";
import type { Board, Fan, Telemetry } from "../../drivers/contract/telemetry.ts";
import { efficiency, type JoulesPerHash } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { gainPercent } from "../state/samples.ts";
import { DEADBANDS, type MetricDefinition, type Read } from "./metric-definition.ts";
import type { Sample } from "./sample.ts";
import { SETPOINT_METRICS } from "./setpoint-metrics.ts";
import type { MetricValue } from "./sparkplug/datatype.ts";

const rateUnit = (algorithm: Algorithm | undefined): string | undefined =>
  algorithm === undefined ? undefined : `${ALGORITHMS[algorithm].work}/s`;

const efficiencyUnit = (algorithm: Algorithm | undefined): string | undefined =>
  algorithm === undefined ? undefined : ALGORITHMS[algorithm].efficiencyUnit;

const RATE = { type: "Double", unit: rateUnit, deadband: DEADBANDS.rate } as const;
const EFFICIENCY = {
  type: "Double",
  unit: efficiencyUnit,
  deadband: DEADBANDS.efficiency,
} as const;
const HEAT = { type: "Double", unit: "°C", deadband: DEADBANDS.temperature } as const;
const COUNT = { type: "Int64" } as const;
const TEXT = { type: "String" } as const;
const TIME = { type: "DateTime" } as const;

const plain = (value: MetricValue | undefined): Read => ({ value });

/** For lists that come without a reading of their own; as good as the whole answer. */
const listed = (value: MetricValue | undefined): Read => ({ value, quality: "ok" });

/** From the last reading; null while the machine repeats an old answer. */
const MACHINE: readonly MetricDefinition<Telemetry>[] = [
  { name: "Properties/Vendor", ...TEXT, read: (t) => plain(t.identity.vendor) },
  { name: "Properties/Model", ...TEXT, read: (t) => plain(t.identity.model) },
  { name: "Properties/Firmware", ...TEXT, read: (t) => plain(t.identity.firmware) },
  { name: "Properties/Firmware Version", ...TEXT, read: (t) => plain(t.identity.firmwareVersion) },
  { name: "Properties/Serial", ...TEXT, read: (t) => plain(t.identity.serial) },
  { name: "Properties/MAC", ...TEXT, read: (t) => plain(t.identity.mac) },
  { name: "Properties/Algorithm", ...TEXT, read: (t) => plain(t.algorithm) },
  { name: "Activity", ...TEXT, read: (t) => t.activity },
  { name: "Started", ...TIME, deadband: DEADBANDS.time, read: startOf },
  { name: "Hashrate/Now", ...RATE, read: (t) => t.hashrate?.now },
  { name: "Hashrate/Recent", ...RATE, read: (t) => t.hashrate?.recent },
  { name: "Hashrate/Average", ...RATE, read: (t) => t.hashrate?.average },
  { name: "Hashrate/Ideal", ...RATE, read: (t) => t.hashrate?.ideal },
  { name: "Hashrate/Nameplate", ...RATE, read: (t) => t.hashrate?.nameplate },
  { name: "Power", type: "Double", unit: "W", deadband: DEADBANDS.power, read: (t) => t.power },
  /** wall, psu, board, formula or unknown: whose watts these are. */
  { name: "Power Basis", ...TEXT, read: (t) => t.power && { ...t.power, value: t.power.basis } },
  { name: "Efficiency", ...EFFICIENCY, read: efficiencyOf },
  { name: "Temperature/Chip", ...HEAT, read: (t) => t.temperature?.chip },
  { name: "Temperature/Board", ...HEAT, read: (t) => t.temperature?.board },
  { name: "Temperature/Inlet", ...HEAT, read: (t) => t.temperature?.inlet },
  { name: "Temperature/Outlet", ...HEAT, read: (t) => t.temperature?.outlet },
  { name: "Temperature/PSU", ...HEAT, read: (t) => t.temperature?.psu },
  { name: "Temperature/Regulator", ...HEAT, read: (t) => t.temperature?.regulator },
  { name: "Pool/Active URL", ...TEXT, read: (t) => listed(activePool(t)) },
  /** Pools that answer. */
  { name: "Pool/Alive", type: "Int32", read: (t) => listed(alivePools(t)) },
  { name: "Shares/Accepted", ...COUNT, read: (t) => t.shares?.accepted },
  { name: "Shares/Rejected", ...COUNT, read: (t) => t.shares?.rejected },
  { name: "Shares/Stale", ...COUNT, read: (t) => t.shares?.stale },
  { name: "Shares/Last", ...TIME, read: (t) => t.shares?.lastShareAt },
  { name: "Faults/Count", type: "Int32", read: (t) => listed(t.faults.length) },
  {
    name: "Faults/Codes",
    ...TEXT,
    read: (t) => listed(t.faults.map((fault) => fault.code).join(" ")),
  },
];

/** From what the agent thinks and did. */
const AGENT: readonly MetricDefinition<DeviceState>[] = [
  { name: "Crashes", type: "Int32", read: (s) => plain(s.crashes.length) },
  { name: "Tuning/Phase", ...TEXT, read: (s) => ({ value: s.tuning.phase, at: s.tuning.since }) },
  /** What the last thinking ended in: the purpose of an action, `refused`, or `none`. */
  { name: "Tuning/Decision", ...TEXT, read: (s) => decided(s, verdictOf(s)) },
  { name: "Tuning/Policy", ...TEXT, read: (s) => decided(s, s.decision?.policy) },
  {
    name: "Tuning/Reason",
    ...TEXT,
    deadband: DEADBANDS.words,
    read: (s) => decided(s, s.decision?.reason),
  },
  /** Energy saved per hash against the machine as it was found, in percent; positive is better. */
  { name: "Tuning/Gain", type: "Double", unit: "%", deadband: DEADBANDS.gain, read: gainOf },
  {
    name: "Tuning/Baseline Efficiency",
    ...EFFICIENCY,
    read: (s) => scaled(s.tuning.baseline?.efficiency, s.telemetry?.algorithm),
  },
  {
    name: "Tuning/Best Efficiency",
    ...EFFICIENCY,
    read: (s) => scaled(s.tuning.best?.efficiency, s.telemetry?.algorithm),
  },
  { name: "Tuning/Evaluations", type: "Int32", read: (s) => plain(s.tuning.evaluations) },
  /** applied, ignored, rejected or unknown: what became of the last write. */
  {
    name: "Write/Verdict",
    ...TEXT,
    read: (s) => s.outcome && { value: s.outcome.verdict, at: s.outcome.at },
  },
  {
    name: "Write/Detail",
    ...TEXT,
    read: (s) => s.outcome && { value: s.outcome.detail, at: s.outcome.at },
  },
];

const BOARD: readonly MetricDefinition<Board>[] = [
  { name: "Serial", ...TEXT, read: (b) => plain(b.serial) },
  { name: "Enabled", type: "Boolean", read: (b) => plain(b.enabled) },
  { name: "Hashrate", ...RATE, read: (b) => b.hashrate },
  { name: "Ideal Hashrate", ...RATE, read: (b) => b.ideal },
  { name: "Chips", type: "Int32", read: (b) => b.chips },
  { name: "Chips Expected", type: "Int32", read: (b) => plain(b.chipsExpected) },
  { name: "Chip Temperature", ...HEAT, read: (b) => b.chipTemperature },
  { name: "Board Temperature", ...HEAT, read: (b) => b.boardTemperature },
  { name: "Inlet Temperature", ...HEAT, read: (b) => b.inletTemperature },
  { name: "Outlet Temperature", ...HEAT, read: (b) => b.outletTemperature },
  { name: "Frequency", type: "Double", unit: "MHz", read: (b) => b.frequency },
  {
    name: "Voltage",
    type: "Double",
    unit: "mV",
    deadband: { absolute: 10 },
    read: (b) => b.voltage,
  },
  { name: "Hardware Errors", ...COUNT, read: (b) => b.hardwareErrors },
];

const FAN: readonly MetricDefinition<Fan>[] = [
  { name: "Speed", type: "Double", unit: "rpm", deadband: DEADBANDS.speed, read: (f) => f.speed },
  { name: "Duty", type: "Double", unit: "%", deadband: DEADBANDS.duty, read: (f) => f.duty },
];

/** All metrics of a machine that has been read at least once; empty before that. */
export function samplesOf(state: DeviceState): Sample[] {
  const { telemetry } = state;
  if (telemetry === undefined) return [];
  const samples: Sample[] = [];
  const add = <Source>(
    definitions: readonly MetricDefinition<Source>[],
    source: Source,
    folder = "",
  ) => {
    for (const definition of definitions) {
      samples.push(sampleOf(definition, source, folder, state, telemetry));
    }
  };
  add(MACHINE, telemetry);
  add(AGENT, state);
  for (const board of telemetry.boards) add(BOARD, board, `Board${board.index}/`);
  for (const fan of telemetry.fans) add(FAN, fan, `Fan${fan.index}/`);
  for (const metric of SETPOINT_METRICS) {
    if (telemetry.controls[metric.knob] === undefined && !telemetry.setpoint[metric.knob]) continue;
    add([metric], telemetry);
  }
  return samples;
}

function sampleOf<Source>(
  definition: MetricDefinition<Source>,
  source: Source,
  folder: string,
  state: DeviceState,
  telemetry: Telemetry,
): Sample {
  const { name, type, unit, deadband } = definition;
  const read = definition.read(source, state);
  const label = typeof unit === "function" ? unit(telemetry.algorithm) : unit;
  return {
    name: folder + name,
    type,
    ...(label === undefined ? {} : { unit: label }),
    ...(deadband === undefined ? {} : { deadband }),
    value: isUsable(read, state) ? read?.value : undefined,
    at: read?.at ?? telemetry.at,
  };
}

function isUsable(read: Read | undefined, state: DeviceState): boolean {
  if (read?.quality === undefined) return true;
  return read.quality === "ok" && state.frozenSince === undefined;
}

function startOf(telemetry: Telemetry): Read | undefined {
  const { uptime } = telemetry;
  return uptime && { ...uptime, value: uptime.at - uptime.value };
}

function efficiencyOf(telemetry: Telemetry): Read | undefined {
  const { power, algorithm } = telemetry;
  const rate = telemetry.hashrate?.recent ?? telemetry.hashrate?.now;
  if (power?.quality !== "ok" || rate?.quality !== "ok") return undefined;
  const value = scaled(efficiency(power.value, rate.value), algorithm)?.value;
  return { ...power, value };
}

function scaled(
  value: JoulesPerHash | undefined,
  algorithm: Algorithm | undefined,
): Read | undefined {
  if (value === undefined || algorithm === undefined) return undefined;
  return { value: value * ALGORITHMS[algorithm].scale };
}

function gainOf(state: DeviceState): Read | undefined {
  const { baseline, best } = state.tuning;
  if (baseline === undefined || best === undefined) return undefined;
  return { value: -gainPercent(best.efficiency, baseline.efficiency) };
}

const decided = (state: DeviceState, value: string | undefined): Read => ({
  value,
  at: state.decision?.at,
});

function verdictOf(state: DeviceState): string | undefined {
  const { decision } = state;
  if (decision === undefined) return undefined;
  if (decision.refused !== undefined) return "refused";
  return decision.action?.purpose ?? "none";
}

/** A machine whose pools were not read does not have none. */
function alivePools(telemetry: Telemetry): number | undefined {
  if (telemetry.pools.length === 0) return undefined;
  return telemetry.pools.filter((pool) => pool.status === "alive").length;
}

/** Without a user part: some pools are written with the worker's password in the address. */
function activePool(telemetry: Telemetry): string | undefined {
  const pool = telemetry.pools.find((candidate) => candidate.active === true);
  return pool?.url.replace(/^([a-z0-9+]+:\/\/)?[^/@]*@/i, "$1");
}
