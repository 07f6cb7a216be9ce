// What each knob is set to, as the machine reads it back. Only knobs that this machine has.

import type { Setpoint, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { MetricDefinition } from "./metric-definition.ts";

interface SetpointMetric extends MetricDefinition<Telemetry> {
  readonly knob: keyof Setpoint;
}

/** Pools are left out: they carry passwords. */
export const SETPOINT_METRICS: readonly SetpointMetric[] = [
  {
    knob: "frequency",
    name: "Setpoint/Frequency",
    type: "Double",
    unit: "MHz",
    read: (t) => t.setpoint.frequency,
  },
  {
    knob: "voltage",
    name: "Setpoint/Voltage",
    type: "Double",
    unit: "mV",
    read: (t) => t.setpoint.voltage,
  },
  {
    knob: "powerLimit",
    name: "Setpoint/Power Limit",
    type: "Double",
    unit: "W",
    read: (t) => t.setpoint.powerLimit,
  },
  {
    knob: "powerPercent",
    name: "Setpoint/Power Percent",
    type: "Double",
    unit: "%",
    read: (t) => t.setpoint.powerPercent,
  },
  {
    knob: "frequencyOffset",
    name: "Setpoint/Frequency Offset",
    type: "Double",
    unit: "%",
    read: (t) => t.setpoint.frequencyOffset,
  },
  {
    knob: "temperatureOffset",
    name: "Setpoint/Temperature Offset",
    type: "Double",
    unit: "K",
    read: (t) => t.setpoint.temperatureOffset,
  },
  { knob: "profile", name: "Setpoint/Profile", type: "String", read: (t) => t.setpoint.profile },
  { knob: "mode", name: "Setpoint/Mode", type: "String", read: (t) => t.setpoint.mode },
  {
    knob: "autotune",
    name: "Setpoint/Autotune",
    type: "Boolean",
    read: (t) => t.setpoint.autotune,
  },
  /** Null while the firmware controls the fans by itself. */
  {
    knob: "fan",
    name: "Setpoint/Fan",
    type: "Double",
    unit: "%",
    read: ({ setpoint: { fan } }) =>
      fan && { ...fan, value: fan.value === "auto" ? undefined : fan.value },
  },
  {
    knob: "fan",
    name: "Setpoint/Fan Auto",
    type: "Boolean",
    read: ({ setpoint: { fan } }) => fan && { ...fan, value: fan.value === "auto" },
  },
  { knob: "sleep", name: "Setpoint/Sleep", type: "Boolean", read: (t) => t.setpoint.sleep },
  { knob: "locate", name: "Setpoint/Locate", type: "Boolean", read: (t) => t.setpoint.locate },
];
