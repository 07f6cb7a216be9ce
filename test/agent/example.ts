// Building blocks of agent tests: a machine's telemetry without a wire.

import type { Policies } from "../../agent/decide/policies.ts";
import { safetyPolicy, tuningPolicy } from "../../config/policy.ts";
import type { Controls, SettingValues } from "../../drivers/contract/controls.ts";
import type { Activity, Setpoint, Telemetry } from "../../drivers/contract/telemetry.ts";
import {
  celsius,
  epochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
  watts,
} from "../../drivers/contract/units.ts";

export const START = epochMs(1_800_000_000_000);
export const MINUTE = 60_000;

const quick = { settles: milliseconds(60_000), restarts: false, persists: true };
const slow = { settles: milliseconds(20 * MINUTE), restarts: true, persists: true };

export const CONTROLS: Controls = {
  voltage: {
    min: millivolts(11_800),
    max: millivolts(14_500),
    step: millivolts(10),
    effect: quick,
  },
  frequency: { min: megahertz(190), max: megahertz(690), step: megahertz(5), effect: quick },
  fan: { min: percent(10), max: percent(100), step: percent(1), auto: true, effect: quick },
  sleep: { effect: slow },
};

export const LIMIT_CONTROLS: Controls = {
  powerLimit: { min: watts(1500), max: watts(3600), step: watts(1), effect: slow },
  sleep: { effect: slow },
};

export interface Example {
  readonly at: number;
  readonly power?: number;
  readonly rate?: number;
  readonly ideal?: number;
  readonly chip?: number;
  readonly activity?: Activity;
  readonly uptime?: number;
  readonly controls?: Controls;
  readonly setpoint?: {
    readonly [Name in keyof Setpoint]?: SettingValues[Name & keyof SettingValues];
  };
  readonly basis?: "psu" | "formula";
  readonly modelKnown?: boolean;
}

/** A healthy S19k Pro unless told otherwise; figures in W, TH/s, °C, ms. */
export function telemetry(example: Example): Telemetry {
  const at = epochMs(example.at);
  const ok = <Value>(value: Value) => ({ value, at, source: "test", quality: "ok" as const });
  const setpoint = example.setpoint ?? {
    voltage: millivolts(13_200),
    frequency: megahertz(540),
    fan: "auto" as const,
  };
  const rate = {
    ...ok(hashesPerSecond((example.rate ?? 111) * 1e12)),
    window: milliseconds(5_000),
  };
  return {
    at,
    identity: {
      vendor: "Bitmain",
      firmware: "LuxOS",
      model: "Antminer S19k Pro",
      modelKnown: example.modelKnown ?? true,
    },
    algorithm: "sha256",
    activity: ok(example.activity ?? "hashing"),
    hashrate: { now: rate, ideal: ok(hashesPerSecond((example.ideal ?? 111) * 1e12)) },
    power: { ...ok(watts(example.power ?? 2485)), basis: example.basis ?? "psu" },
    temperature: { chip: ok(celsius(example.chip ?? 60)) },
    fans: [{ index: 0, speed: ok(rpm(4000)), duty: ok(percent(60)) }],
    boards: [],
    pools: [],
    setpoint: Object.fromEntries(
      Object.entries(setpoint).map(([knob, value]) => [knob, ok(value)]),
    ) as Setpoint,
    controls: example.controls ?? CONTROLS,
    faults: [],
    problems: [],
    uptime: ok(milliseconds(example.uptime ?? 3_600_000 + (example.at - START))),
  };
}

/** The defaults of the configuration, with the tuner allowed to act. */
export function policies(tuning: object = {}, safety: object = {}): Policies {
  return {
    tuning: tuningPolicy.parse({ mode: "act", ...tuning }),
    safety: safetyPolicy.parse(safety),
  };
}
