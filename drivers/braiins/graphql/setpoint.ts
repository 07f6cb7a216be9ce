// What the machine is set to, and what it may be set to.

import type { PoolConfig } from "../../contract/controls.ts";
import { present, readingOf, toBoolean, toNumber } from "../../contract/decoding.ts";
import type { Setpoint } from "../../contract/telemetry.ts";
import {
  hashesPerSecond,
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  watts,
} from "../../contract/units.ts";
import type { AntminerModel } from "../../hardware/antminer.ts";
import type { Limits, Offers } from "../controls.ts";
import { profileOf, type Range, type Target } from "../targets.ts";
import type { Known } from "./known.ts";
import { sourceOf } from "./wire.ts";

const TERA = 1e12;
/** GraphQL keeps no list of what is tuned, so there is nothing else to choose from. */
const STEERING = "limit";

export const terahashes = (value: number) => hashesPerSecond(value * TERA);
const volts = (value: number) => millivolts(Math.round(value * 1e6) / 1000);

/** 0 and null stand for "not set". */
function positive<Quantity extends number>(
  make: (value: number) => Quantity,
  raw: unknown,
): Quantity | undefined {
  const value = toNumber(raw);
  return value === undefined || value <= 0 ? undefined : make(value);
}

const configOf = (known: Known) => known.answers.settings?.answer.bosminer?.config;

/** Old releases do not tell whether the tuner is on; a target is then taken for one that holds. */
const tunerIsOff = (known: Known): boolean =>
  toBoolean(configOf(known)?.autotuning?.enabled) === false;

export function targetOfTuner(known: Known): Target | undefined {
  if (tunerIsOff(known)) return undefined;
  const tuning = known.answers.tuning?.answer.bosminer?.config?.autotuning;
  if (tuning?.mode === "HASHRATE_TARGET") {
    const hashrate = positive(terahashes, tuning.hashrateTarget);
    return hashrate === undefined ? undefined : { kind: "hashrate", hashrate };
  }
  const power = positive(watts, tuning?.powerTarget);
  return power === undefined ? undefined : { kind: "power", power };
}

/** The watts that the machine goes back to when it is told to keep to watts again. */
export function storedPower(known: Known) {
  const tuning = known.answers.tuning?.answer.bosminer?.config?.autotuning;
  return positive(watts, tuning?.powerTarget) ?? limitsOf(known).power?.default;
}

export interface ManualPoint {
  readonly frequency?: Megahertz;
  readonly voltage?: Millivolts;
}

export function manualPoint(known: Known): ManualPoint | undefined {
  if (!tunerIsOff(known)) return undefined;
  const common = configOf(known)?.hashChainGlobal;
  return present({
    frequency: positive(megahertz, common?.frequency),
    voltage: positive(volts, common?.voltage),
  });
}

/** The solver is not there while the miner program is stopped. */
export function isStopped(known: Known): boolean | undefined {
  const system = known.answers.system?.answer;
  if (system?.bos === undefined) return undefined;
  return system.bosminer?.info?.workSolver === undefined;
}

export function decodeSetpoint(known: Known): Setpoint {
  const { system, tuning, settings, pools } = known.answers;
  const target = targetOfTuner(known);
  const manual = manualPoint(known);
  const tuned = <Value>(value: Value | undefined) =>
    tuning && readingOf(value, sourceOf("tuning"), tuning.at);
  const set = <Value>(value: Value | undefined) =>
    settings && readingOf(value, sourceOf("settings"), settings.at);
  const told = <Value>(value: Value | undefined) =>
    system && readingOf(value, sourceOf("system"), system.at);
  return present({
    frequency: set(manual?.frequency),
    voltage: set(manual?.voltage),
    powerLimit: tuned(target?.kind === "power" ? target.power : undefined),
    profile: tuned(target && profileOf(target, STEERING)),
    autotune: set(toBoolean(configOf(known)?.autotuning?.enabled)),
    sleep: told(isStopped(known)),
    locate: told(toBoolean(system?.answer.bos?.faultLight)),
    pools: pools && readingOf(poolsSet(known), sourceOf("pools"), pools.at),
  });
}

/** Passwords are not asked for. */
function poolsSet(known: Known): PoolConfig[] {
  const groups = known.answers.pools?.answer.bosminer?.info?.poolGroups ?? [];
  return groups.flatMap((group) =>
    (group.pools ?? []).map(({ url = "", user = "" }) => ({ url, user, password: "" })),
  );
}

export function offersOf(known: Known, model: AntminerModel | undefined): Offers {
  const { system, pools } = known.answers;
  return {
    model,
    limits: limitsOf(known),
    steering: STEERING,
    target: targetOfTuner(known),
    tuned: [],
    manual: manualPoint(known),
    switches: present({
      sleep: isStopped(known) !== undefined,
      locate: toBoolean(system?.answer.bos?.faultLight) !== undefined,
      restart: system !== undefined,
      groups: pools?.answer.bosminer?.info?.poolGroups?.length,
      poolsRestart: true,
    }),
  };
}

export function limitsOf(known: Known): Limits {
  const metadata = known.answers.limits?.answer.bosminer?.metadata;
  return present({
    power: rangeOf(watts, metadata?.autotuning?.powerTarget),
    hashrate: rangeOf(terahashes, metadata?.autotuning?.hashrateTarget),
    frequency: rangeOf(megahertz, metadata?.hashChain?.frequency),
    voltage: rangeOf(volts, metadata?.hashChain?.voltage),
  });
}

function rangeOf<Quantity extends number>(
  make: (value: number) => Quantity,
  raw: { readonly default?: unknown; readonly min?: unknown; readonly max?: unknown } | undefined,
): Range<Quantity> | undefined {
  const [min, max] = [positive(make, raw?.min), positive(make, raw?.max)];
  const standard = positive(make, raw?.default);
  if (min === undefined || max === undefined || min >= max) return undefined;
  return standard === undefined ? { min, max } : { min, max, default: standard };
}
