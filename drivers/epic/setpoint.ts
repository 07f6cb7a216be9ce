// What each knob is set to: the read-back of every write. All of it stands in one summary.

import type { PoolConfig } from "../contract/controls.ts";
import { present, readingOf, toBoolean, toNumber } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import {
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  percent,
  watts,
} from "../contract/units.ts";
import { positive } from "./decode-boards.ts";
import type { Known } from "./known.ts";
import { offsetsSet } from "./offsets.ts";
import { NO_PRESET, NO_TARGET, presets } from "./points.ts";
import { nameOf, tunerState } from "./tuner.ts";
import type { Summary } from "./wire.ts";

export function decodeSetpoint(known: Known): Setpoint {
  const heard = known.summary;
  if (heard === undefined) return {};
  const summary = heard.answer;
  const told = <Value>(value: Value | undefined) => readingOf(value, "summary", heard.at);
  const tuner = tunerState(summary);
  const target = tuner?.running === true ? tuner.target : undefined;
  return present({
    frequency: told(targetClock(summary)),
    voltage: told(targetVoltage(summary)),
    ...offsetsSet(known),
    powerLimit: told(target?.unit === "W" ? watts(target.target) : undefined),
    profile: told(presetInForce(known)),
    mode: told(tuner && (target === undefined ? NO_TARGET : nameOf(target))),
    autotune: told(tuner?.running),
    fan: told(fanSet(summary)),
    sleep: told(isIdle(summary)),
    locate: told(toBoolean(summary.Misc?.["Locate Miner State"])),
    pools: told(poolsSet(summary)),
  });
}

/** MHz asked of each board that is on; the chips' own grid makes 487.5 of 485. */
export function targetClocks(summary: Summary): Megahertz[] {
  return (summary.HwConfig?.["Boards Target Clock"] ?? []).flatMap((board) => {
    const clock = positive(board?.Data);
    return clock === undefined ? [] : [megahertz(clock)];
  });
}

/** Boards that differ have no common set-point: the mean tells how far off. */
export function targetClock(summary: Summary): Megahertz | undefined {
  const clocks = targetClocks(summary);
  if (clocks.length === 0) return undefined;
  const mean = clocks.reduce((sum, clock) => sum + clock, 0) / clocks.length;
  return megahertz(Math.round(mean * 100) / 100);
}

export function targetVoltage(summary: Summary): Millivolts | undefined {
  const volts = positive(summary["Power Supply Stats"]?.["Target Voltage"]);
  return volts === undefined ? undefined : millivolts(Math.round(volts));
}

function presetInForce(known: Known): string | undefined {
  const summary = known.summary?.answer;
  const choices = presets(known.capabilities?.answer);
  const clock = summary && targetClock(summary);
  const volts = summary && targetVoltage(summary);
  if (choices.length === 0 || clock === undefined || volts === undefined) return undefined;
  const match = choices.find(
    ({ frequency, voltage }) => Math.abs(frequency - clock) < 0.5 && voltage === volts,
  );
  return match?.name ?? NO_PRESET;
}

function fanSet(summary: Summary) {
  const mode = summary.Fans?.["Fan Mode"];
  if (mode?.Auto !== undefined) return "auto" as const;
  const duty = toNumber(mode?.Manual);
  return duty === undefined ? undefined : percent(duty);
}

/** Stopped by an order or by itself: either way it waits for `Autostart`. */
export function isIdle(summary: Summary): boolean | undefined {
  const state = summary.Status?.["Operating State"];
  return state === undefined ? undefined : state === "Idling" || state === "Stopping";
}

/** The machine tells the pools' passwords to everybody; they end here. */
function poolsSet(summary: Summary): readonly PoolConfig[] | undefined {
  return summary.StratumConfigs?.flatMap((pool) =>
    pool?.pool === undefined ? [] : [{ url: pool.pool, user: pool.login ?? "", password: "" }],
  );
}
