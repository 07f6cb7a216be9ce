// What each knob of the machine is set to: the read-back of every write.

import type { PoolConfig } from "../contract/controls.ts";
import { present, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Reading, Setpoint } from "../contract/telemetry.ts";
import {
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  percent,
  type Watts,
  watts,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { scaled } from "./controls.ts";
import { chain } from "./decode-boards.ts";
import type { Known } from "./known.ts";
import { boardOffsetsSet, chipOffsetsSet } from "./offsets.ts";

export function decodeSetpoint(known: Known, model: AntminerModel | undefined): Setpoint {
  const heard = known.reports.config;
  const config = heard?.answer.CONFIG?.[0];
  const told = <Value>(value: Value | undefined) => heard && readingOf(value, "config", heard.at);
  return present({
    frequency: frequencySet(known),
    boardOffsets: boardOffsetsSet(known, model),
    chipOffsets: chipOffsetsSet(known, model),
    voltage: voltageSet(known),
    powerLimit: powerTarget(known),
    profile: told(toText(config?.Profile)),
    autotune: governorSet(known),
    fan: fanSet(known),
    sleep: told(isAsleep(config?.CurtailMode)),
    locate: told(blinks(config?.RedLed)),
    pools: poolsSet(known),
  });
}

export function isAsleep(curtailMode: string | undefined): boolean | undefined {
  return curtailMode === undefined ? undefined : /sleep|idle/i.test(curtailMode);
}

const blinks = (led: string | undefined) => (led === undefined ? undefined : led === "blink");

/** Boards that hash at unlike frequencies have no common set-point: the mean tells how far off. */
function frequencySet(known: Known): Reading<Megahertz> | undefined {
  const heard = known.reports.stats;
  if (heard === undefined) return undefined;
  const found = [0, 1, 2, 3].flatMap((board) => chain(known, "freq", board) || []);
  if (found.length === 0) return undefined;
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  return readingOf(megahertz(Math.round(mean * 100) / 100), "stats", heard.at);
}

function voltageSet(known: Known): Reading<Millivolts> | undefined {
  const heard = [...known.voltages.values()];
  const [first] = heard;
  if (first === undefined) return undefined;
  const mean = heard.reduce((sum, { answer }) => sum + answer, 0) / heard.length;
  const oldest = heard.reduce((a, b) => (b.at < a.at ? b : a));
  return readingOf(millivolts(Math.round(mean)), "voltageget", oldest.at);
}

function powerTarget(known: Known): Reading<Watts> | undefined {
  const heard = known.reports.atm;
  return heard && readingOf(scaled(watts, heard.answer.ATM?.[0]?.PowerTarget), "atm", heard.at);
}

/** Either of the two: the thermal manager moves the profile, the autotuner moves chip frequencies. */
export function governorOn(known: Known): boolean | undefined {
  const atm = toBoolean(known.reports.config?.answer.CONFIG?.[0]?.IsAtmEnabled);
  const tuner = toBoolean(known.reports.autotunerget?.answer.AUTOTUNER?.[0]?.Enabled);
  return atm === undefined ? undefined : atm || tuner === true;
}

function governorSet(known: Known): Reading<boolean> | undefined {
  const heard = known.reports.config;
  if (heard === undefined) return undefined;
  const tuning = known.reports.autotunerget;
  // As old as the older of the two: the tuner is asked more seldom.
  const at = tuning !== undefined && tuning.at < heard.at ? tuning.at : heard.at;
  return readingOf(governorOn(known), "config", at);
}

/** tempctrl tells who chooses the duty, fans which it is. */
function fanSet(known: Known): Setpoint["fan"] {
  const mode = known.reports.tempctrl?.answer.TEMPCTRL?.[0]?.Mode;
  const heard = known.reports.fans;
  if (heard === undefined || mode === undefined) return undefined;
  if (mode !== "Manual") return readingOf("auto", "tempctrl", heard.at);
  const duty = toNumber(heard.answer.FANS?.[0]?.Speed);
  return readingOf(duty === undefined ? undefined : percent(duty), "fans", heard.at);
}

/** The API never tells passwords. */
function poolsSet(known: Known): Reading<readonly PoolConfig[]> | undefined {
  const heard = known.reports.pools;
  if (heard === undefined) return undefined;
  const pools = [...(heard.answer.POOLS ?? [])]
    .sort((a, b) => (toNumber(a.POOL) ?? 0) - (toNumber(b.POOL) ?? 0))
    .map((pool) => ({ url: pool.URL ?? "", user: pool.User ?? "", password: "" }));
  return readingOf(pools, "pools", heard.at);
}
