// What happens to a machine while it is tuned.

import { DeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { celsius, millivolts, watts } from "../../drivers/contract/units.ts";
import { criticalVoltage } from "../sim/physics.ts";
import { nominalUnit } from "../sim/plant-unit.ts";
import { Random } from "../sim/random.ts";
import type { MachineClass } from "./class.ts";
import type { Course } from "./run.ts";
import { DAY, hourOf, type Scenario, steady } from "./scenario.ts";
import { CURTAILMENT, MARKET_DAY, POWER_CAP, QUIET_NIGHT } from "./site-scenarios.ts";
import { NEW, steadyState } from "./steady.ts";

export const SCENARIOS: readonly Scenario[] = [
  { id: "S1", title: "cold start: 24 h at 25 °C", hours: DAY, at: steady },
  {
    id: "S2",
    title: "hot day: inlet 18 to 40 to 18 °C, two days",
    hours: 2 * DAY,
    knot: 2,
    at: (hour) => ({ ...NEW, inlet: 29 - 11 * Math.cos((2 * Math.PI * hour) / DAY) }),
  },
  {
    id: "S3",
    title: "cold night: a day at 30 °C, 6 h down to 2 °C, 6 h there",
    hours: 1.5 * DAY,
    knot: 1,
    at: (hour) => ({ ...NEW, inlet: 30 - 28 * Math.min(1, Math.max(0, (hour - DAY) / 6)) }),
  },
  {
    id: "S4",
    title: "ageing: 14 days, 0.3 mV and 0.3 % of thermal resistance a day, a chip dies on day 7",
    hours: 14 * DAY,
    knot: DAY,
    at: (hour, kind) => ({
      ...NEW,
      inlet: 25,
      drift: (0.3 * hour) / DAY,
      resistance: 1 + (0.003 * hour) / DAY,
      // Of a handful of chips one is a large part of the machine: another story than ageing.
      chipsLost: hour >= 7 * DAY && kind.spec.chipsPerBoard >= FEW_CHIPS ? 1 : 0,
    }),
  },
  POWER_CAP,
  MARKET_DAY,
  CURTAILMENT,
  {
    id: "S8",
    title: "sensor faults: frozen 30 min, chip -1 and +20 K for an hour, no answer for 10 min",
    hours: DAY,
    at: steady,
    faults: () => ({ distort: sensorFaults() }),
  },
  QUIET_NIGHT,
  {
    id: "S10",
    title: "restart penalty: every change stops mining for 7 min",
    hours: DAY,
    at: steady,
    change: (kind) =>
      kind.deadTime >= PENALTY
        ? undefined
        : { ...kind, deadTime: PENALTY, untunedDeadTime: Math.max(PENALTY, kind.untunedDeadTime) },
  },
  {
    id: "S11",
    title: "mis-binned: the nominal stock point lies 30 mV below its own cliff",
    hours: DAY,
    at: steady,
    change: misBinned,
  },
  {
    id: "S12",
    title: "lying power: watts are a formula of frequency",
    hours: DAY,
    at: steady,
    faults: (kind) => ({ distort: formulaWatts(kind) }),
  },
  {
    id: "S13",
    title: "agent killed and machine rebooted at random minutes, some in the middle of a trial",
    hours: DAY,
    at: steady,
    faults: (_kind, seed) => crashes(seed),
  },
  {
    id: "S14",
    title: "discrete only: every second preset of the class, the lower half untuned",
    hours: DAY,
    at: steady,
    change: coarsePresets,
  },
  {
    id: "S15",
    title: "chip by chip: 14 days at 25 °C, as long as equalising takes",
    hours: 14 * DAY,
    at: steady,
    change: (kind) => (kind.interface.kind === "per-chip" ? kind : undefined),
  },
];

const FEW_CHIPS = 10;
/** Seconds. */
const PENALTY = 420;

type Distort = NonNullable<Course["distort"]>;

/** Hours, from the first to before the second. */
const FAULTS = {
  frozen: [5, 5.5],
  minusOne: [9, 10],
  offset: [13, 14],
  dropped: [17, 17 + 1 / 6],
} as const;

function sensorFaults(): Distort {
  let frozen: Telemetry | undefined;
  return (told, at) => {
    const hour = hourOf(at);
    const within = ([from, to]: readonly [number, number]) => hour >= from && hour < to;
    if (within(FAULTS.dropped)) return new DeviceError("NO_REPLY", "no answer");
    if (within(FAULTS.minusOne)) return withChip(told, () => -1);
    if (within(FAULTS.offset)) return withChip(told, (value) => value + 20);
    if (!within(FAULTS.frozen)) {
      frozen = told;
      return told;
    }
    frozen ??= told;
    return { ...frozen, at, setpoint: told.setpoint };
  };
}

function withChip(told: Telemetry, change: (value: number) => number): Telemetry {
  const chip = told.temperature?.chip;
  if (chip === undefined) return told;
  return {
    ...told,
    temperature: { ...told.temperature, chip: { ...chip, value: celsius(change(chip.value)) } },
  };
}

/** The nominal machine's watts at stock, scaled by frequency alone. */
function formulaWatts(kind: MachineClass): Distort {
  const { spec } = kind;
  const nominal = steadyState(spec, nominalUnit(spec), spec.stock, 25).power;
  return (told) => {
    const frequency = told.boards[0]?.frequency?.value;
    if (told.power === undefined || frequency === undefined) return told;
    const value = watts(Math.round(nominal * (frequency / spec.stock.frequency)));
    return { ...told, power: { ...told.power, value } };
  };
}

function misBinned(kind: MachineClass): MachineClass {
  const { stock, domains, cliff } = kind.spec;
  const needed = criticalVoltage(cliff, stock.frequency, stock.chipTemperature);
  const raised = stock.voltage / 1000 / domains - needed + 0.03;
  return {
    ...kind,
    spec: { ...kind.spec, cliff: { ...cliff, voltage: cliff.voltage + raised } },
  };
}

function crashes(seed: number): { kills: number[]; reboots: number[] } {
  const random = new Random(seed ^ 0x6b696c6c);
  const hours = (count: number, from: number, to: number) =>
    Array.from({ length: count }, () => random.between(from, to));
  return {
    kills: [...hours(6, 0.2, 8), ...hours(2, 8, 24)],
    // Two: the third unexpected restart of a day freezes tuning, as the default policy has it.
    reboots: [...hours(1, 0.4, 4), ...hours(1, 8, 16)],
  };
}

function coarsePresets(kind: MachineClass): MachineClass | undefined {
  const { interface: face } = kind;
  if (face.kind !== "presets") return undefined;
  const top = face.presets.findIndex((preset) => preset.name === face.stock);
  const presets = face.presets
    .filter((_, index) => (top - index) % 2 === 0)
    .map((preset, index, all) => ({ ...preset, tuned: index >= all.length / 2 }));
  return { ...kind, interface: { ...face, presets } };
}

export function courseOf(
  scenario: Scenario,
  kind: MachineClass,
  seed: number,
  policies: Course["policies"],
): Course {
  const demands = scenario.demands?.(kind, seed);
  return {
    hours: scenario.hours,
    policies,
    ...(demands === undefined ? {} : { demands }),
    inlet: (at) => celsius(scenario.at(hourOf(at), kind).inlet),
    age: (machine, hours) => {
      if (Math.abs(hours - Math.round(hours)) > 1e-6) return;
      const now = scenario.at(hours, kind);
      machine.plant.wear.supply = now.supply;
      if (now.drift === 0 && now.resistance === 1) return;
      machine.plant.setDrift(millivolts(now.drift));
      machine.plant.wear.resistance = now.resistance;
      machine.plant.setChips(0, kind.spec.chipsPerBoard - now.chipsLost);
    },
    ...scenario.faults?.(kind, seed),
  };
}
