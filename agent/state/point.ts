// Operating points: read from a machine, compared, and turned into settings.

import {
  type Controls,
  LEVERS,
  type Lever,
  type Setting,
} from "../../drivers/contract/controls.ts";
import { describeOffsets } from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Point } from "./action.ts";

const PARTS = ["autotune", ...LEVERS] as const;
type Part = (typeof PARTS)[number];

/**
 * The levers that this machine offers and reads back, of those wanted, in the order wanted. Profiles and
 * modes override a manual point of frequency and voltage, so they exclude each other.
 */
export function activeLevers(telemetry: Telemetry, wanted: readonly Lever[]): Lever[] {
  const offered = wanted.filter(
    (lever) => telemetry.controls[lever] !== undefined && telemetry.setpoint[lever] !== undefined,
  );
  const manual = offered.includes("voltage") && offered.includes("frequency");
  return manual ? offered.filter((lever) => lever !== "profile" && lever !== "mode") : offered;
}

/** What those levers are set to now, and whether the firmware's governor is on. */
export function pointOf(telemetry: Telemetry, levers: readonly Lever[]): Point {
  const point: { [Name in Part]?: unknown } = {};
  for (const part of ["autotune", ...activeLevers(telemetry, levers)] as const) {
    const reading = telemetry.setpoint[part];
    if (telemetry.controls[part] !== undefined && reading !== undefined)
      point[part] = reading.value;
  }
  return point as Point;
}

/** The settings that bring a machine from one point to another; the governor goes off first. */
export function settingsBetween(from: Point, to: Point, controls: Controls): Setting[] {
  const settings: Setting[] = [];
  for (const part of PARTS) {
    const value = to[part];
    if (value === undefined || controls[part] === undefined || from[part] === value) continue;
    settings.push({ knob: part, value } as Setting);
  }
  // A governor that comes back must come last, or it would act on a half-set point.
  return settings.sort((a, b) => lateness(a) - lateness(b));
}

const lateness = (setting: Setting): number =>
  setting.knob === "autotune" && setting.value === true ? 1 : 0;

/** Whether the machine restarts for one of them; false where it does not say what it offers. */
export const restartsFor = (
  settings: readonly Setting[],
  controls: Controls | undefined,
): boolean => settings.some(({ knob }) => controls?.[knob]?.effect.restarts === true);

export function samePoint(a: Point, b: Point): boolean {
  return PARTS.every((part) => a[part] === b[part]);
}

/** The same within a step of each knob: firmware rounds what it is told to what it can do. */
export function nearPoint(a: Point, b: Point, controls: Controls): boolean {
  return PARTS.every((part) => isNear(part, a[part], b[part], controls));
}

export function isNear(part: Part, a: unknown, b: unknown, controls: Controls): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  const knob = controls[part];
  const step = knob !== undefined && "step" in knob ? knob.step : 0;
  return Math.abs(a - b) <= Math.max(step, Math.abs(a) * 0.002);
}

const UNITS: { readonly [Name in Part]: (value: unknown) => string } = {
  autotune: (value) => `governor ${value === true ? "on" : "off"}`,
  voltage: (value) => `${(Number(value) / 1000).toFixed(2)} V`,
  frequency: (value) => `${Number(value).toFixed(0)} MHz`,
  powerLimit: (value) => `limit ${Number(value).toFixed(0)} W`,
  profile: (value) => `profile ${value}`,
  mode: (value) => `mode ${value}`,
  fan: (value) => (value === "auto" ? "fans auto" : `fans ${Number(value).toFixed(0)} %`),
};

/** A point in words: `12.60 V, 465 MHz, fans auto`. */
export function describePoint(point: Point): string {
  const words = PARTS.filter((part) => part !== "autotune" && point[part] !== undefined).map(
    (part) => UNITS[part](point[part]),
  );
  return words.length === 0 ? "no levers" : words.join(", ");
}

/** A setting in words: `voltage 12.60 V`. */
export function describeSetting(setting: Setting): string {
  if (setting.knob in UNITS) return UNITS[setting.knob as Part](setting.value);
  if (setting.knob === "boardOffsets" || setting.knob === "chipOffsets") {
    return `${setting.knob === "boardOffsets" ? "boards" : "chips"} ${describeOffsets(setting.value)}`;
  }
  // Pools carry passwords: only their number is told.
  if (setting.knob === "pools") return `${setting.value.length} pools`;
  return `${setting.knob} ${setting.value}`;
}
