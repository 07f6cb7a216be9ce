// States of machines for the tests of this room.

import type { DeviceState } from "../../../agent/state/device-state.ts";
import { SampleSeries } from "../../../agent/state/sample-series.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import {
  celsius,
  epochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  rpm,
  watts,
} from "../../../drivers/contract/units.ts";

export interface MachineOptions {
  readonly id?: string;
  readonly at?: number;
  readonly up?: boolean;
  readonly power?: number | undefined;
  readonly chip?: number;
  readonly boards?: number;
  readonly frequency?: number;
}

const TERA = 1e12;
export const START = 1_780_000_000_000;

export function telemetryOf(options: MachineOptions = {}): Telemetry {
  const at = epochMs(options.at ?? START);
  const ok = <Value>(value: Value) => ({ value, at, source: "summary", quality: "ok" }) as const;
  const power = "power" in options ? options.power : 3250;
  return {
    at,
    identity: { vendor: "Bitmain", firmware: "LuxOS", model: "S19k Pro", modelKnown: true },
    algorithm: "sha256",
    activity: ok("hashing"),
    hashrate: {
      now: { ...ok(hashesPerSecond(120.4 * TERA)), window: milliseconds(5000) },
      recent: { ...ok(hashesPerSecond(119.9 * TERA)), window: milliseconds(900_000) },
      ideal: ok(hashesPerSecond(121 * TERA)),
    },
    ...(power === undefined ? {} : { power: { ...ok(watts(power)), basis: "psu" } }),
    temperature: { chip: ok(celsius(options.chip ?? 62.5)), board: ok(celsius(55)) },
    fans: [{ index: 0, speed: ok(rpm(4200)) }],
    boards: Array.from({ length: options.boards ?? 3 }, (_, index) => ({
      index,
      hashrate: { ...ok(hashesPerSecond(40 * TERA)), window: milliseconds(5000) },
      chips: ok(77),
      chipTemperature: ok(celsius(60 + index)),
      frequency: ok(megahertz(545)),
      voltage: ok(millivolts(13_200)),
    })),
    pools: [
      {
        index: 0,
        url: "stratum+tcp://worker:secret@pool.example:3333",
        user: "worker",
        status: "alive",
        active: true,
      },
    ],
    shares: { accepted: ok(4812) },
    setpoint:
      options.frequency === undefined ? {} : { frequency: ok(megahertz(options.frequency)) },
    controls: {},
    faults: [],
    problems: [],
    uptime: ok(milliseconds(3_600_000)),
  };
}

export function stateOf(options: MachineOptions = {}): DeviceState {
  const at = epochMs(options.at ?? START);
  return {
    id: options.id ?? "miner-1",
    link: { status: options.up === false ? "down" : "up", since: at, failures: 0 },
    telemetry: telemetryOf(options),
    samples: SampleSeries.none,
    steadySince: at,
    tuning: { phase: "holding", since: at, exhausted: {}, stepScale: {}, evaluations: 3 },
    decision: {
      at,
      policy: "tuner",
      reason: "held for 35 s of 300 s",
      tuning: { phase: "holding", since: at, exhausted: {}, stepScale: {}, evaluations: 3 },
    },
    changes: [],
    restarts: [],
    crashes: [],
  };
}
