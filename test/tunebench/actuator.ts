// What the firmware of a bench machine does with a setting.

import type { Controls, Effect, Setting } from "../../drivers/contract/controls.ts";
import type { Reading, Setpoint } from "../../drivers/contract/telemetry.ts";
import { megahertz, milliseconds, millivolts, watts } from "../../drivers/contract/units.ts";
import type { Plant } from "../sim/plant.ts";
import type { Interface, MachineClass } from "./class.ts";
import { withOffsets } from "./per-chip.ts";

const MINUTE = 60_000;

export interface Actuator {
  readonly controls: Controls;
  setpoint(reading: <Value>(value: Value) => Reading<Value>): Setpoint;
  /** Why the setting is outside of the envelope; undefined when it is not. */
  problem(setting: Setting): string | undefined;
  /** Seconds for which mining stops. */
  apply(setting: Setting): number;
  /** One minute of the firmware's own control. */
  govern(): void;
  /** Back to what survives a power cut: the stock point, since nothing here is saved. */
  reset(): void;
}

export function createActuator(kind: MachineClass, plant: Plant): Actuator {
  const { interface: face } = kind;
  if (face.kind === "manual") return manual(kind, face, plant);
  if (face.kind === "per-chip") return withOffsets(manual(kind, face, plant), kind, plant);
  if (face.kind === "presets") return presets(kind, face, plant);
  return powerLimit(kind, face, plant);
}

const effectOf = (kind: MachineClass, deadTime = kind.deadTime): Effect => ({
  settles: milliseconds((deadTime + 180) * 1000),
  restarts: deadTime > 30,
  persists: false,
});

const onGrid = (value: number, step: number): number => Math.ceil(value / step) * step;

const within = (setting: Setting, min: number, max: number): string | undefined =>
  typeof setting.value === "number" && setting.value >= min && setting.value <= max
    ? undefined
    : `${setting.knob}: ${String(setting.value)} is not within ${min} to ${max}`;

function manual(
  kind: MachineClass,
  face: Extract<Interface, { kind: "manual" | "per-chip" }>,
  plant: Plant,
): Actuator {
  const { stock } = kind.spec;
  let frequency: number = stock.frequency;
  let voltage: number = stock.voltage;
  const effect = effectOf(kind);
  const range = {
    frequency: {
      min: onGrid(stock.frequency * 0.4, face.frequencyStep),
      max: stock.frequency * 1.2,
    },
    voltage: { min: onGrid(stock.voltage * 0.75, face.voltageStep), max: stock.voltage * 1.1 },
  };
  const set = () => {
    plant.setFrequency(megahertz(frequency));
    plant.setVoltage(millivolts(voltage));
  };
  return {
    controls: {
      frequency: {
        min: megahertz(range.frequency.min),
        max: megahertz(range.frequency.max),
        step: megahertz(face.frequencyStep),
        effect,
      },
      voltage: {
        min: millivolts(range.voltage.min),
        max: millivolts(range.voltage.max),
        step: millivolts(face.voltageStep),
        effect,
      },
    },
    setpoint: (reading) => ({
      frequency: reading(megahertz(frequency)),
      voltage: reading(millivolts(voltage)),
    }),
    problem: (setting) =>
      setting.knob === "frequency" || setting.knob === "voltage"
        ? within(setting, range[setting.knob].min, range[setting.knob].max)
        : `${setting.knob} is not offered`,
    apply: (setting) => {
      const quantised = (step: number) => Math.round(Number(setting.value) / step) * step;
      if (setting.knob === "frequency") frequency = quantised(face.frequencyStep);
      if (setting.knob === "voltage") voltage = quantised(face.voltageStep);
      set();
      return kind.deadTime;
    },
    govern: () => undefined,
    reset: () => {
      frequency = stock.frequency;
      voltage = stock.voltage;
      set();
    },
  };
}

function presets(
  kind: MachineClass,
  face: Extract<Interface, { kind: "presets" }>,
  plant: Plant,
): Actuator {
  const tuned = new Set(face.presets.filter((each) => each.tuned).map((each) => each.name));
  let current = face.stock;
  const find = (name: unknown) => face.presets.find((each) => each.name === name);
  const set = () => {
    const preset = find(current);
    if (preset === undefined) return;
    plant.setFrequency(megahertz(preset.frequency));
    plant.setVoltage(millivolts(preset.voltage));
  };
  set();
  return {
    get controls(): Controls {
      return {
        profile: {
          choices: face.presets.map((each) => ({
            name: each.name,
            frequency: megahertz(each.frequency),
            voltage: millivolts(each.voltage),
            tuned: tuned.has(each.name),
          })),
          effect: effectOf(kind, kind.untunedDeadTime),
        },
      };
    },
    setpoint: (reading) => ({ profile: reading(current) }),
    problem: (setting) =>
      setting.knob === "profile" && find(setting.value) !== undefined
        ? undefined
        : `${setting.knob}: ${String(setting.value)} is not a preset`,
    apply: (setting) => {
      current = String(setting.value);
      set();
      const quick = tuned.has(current);
      tuned.add(current);
      return quick ? kind.deadTime : kind.untunedDeadTime;
    },
    govern: () => undefined,
    reset: () => {
      current = face.stock;
      set();
    },
  };
}

/** As btminer does it: a limit makes the program tune up anew along its own line. */
function powerLimit(
  kind: MachineClass,
  face: Extract<Interface, { kind: "power-limit" }>,
  plant: Plant,
): Actuator {
  const { stock } = kind.spec;
  const full = Math.ceil(plant.truth.wallPower / 50) * 50 + 100;
  let limit = full;
  let frequency: number = stock.frequency;
  const voltageAt = (mhz: number) => stock.voltage + face.slope * (mhz - stock.frequency);
  const set = () => {
    plant.setFrequency(megahertz(frequency));
    plant.setVoltage(millivolts(voltageAt(frequency)));
  };
  // Newton on the wall power with the exponent of a machine of this class.
  const wanted = () => frequency * (limit / plant.truth.wallPower) ** 0.6;
  const effect = { ...effectOf(kind), settles: milliseconds(kind.deadTime * 1000 + 10 * MINUTE) };
  const [min, max] = [Math.round(full * 0.4), full];
  return {
    controls: {
      powerLimit: { min: watts(min), max: watts(max), step: watts(face.step), effect },
    },
    setpoint: (reading) => ({ powerLimit: reading(watts(limit)) }),
    problem: (setting) =>
      setting.knob === "powerLimit" ? within(setting, min, max) : `${setting.knob} is not offered`,
    apply: (setting) => {
      limit = Math.round(Number(setting.value) / face.step) * face.step;
      // It tunes up from below, so that it is not above a lower limit when it mines again.
      frequency = Math.min(frequency, wanted());
      set();
      return kind.deadTime;
    },
    govern: () => {
      const next = Math.min(stock.frequency, wanted());
      if (Math.abs(next - frequency) < 0.5) return;
      frequency += Math.max(-20, Math.min(20, next - frequency));
      set();
    },
    reset: () => {
      frequency = stock.frequency;
      limit = full;
      set();
    },
  };
}
