// `get_miner_conf.cgi` as we understand it: the set-points it shows and whether it may be written back.

import type { PoolConfig } from "../contract/controls.ts";
import { readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Reading } from "../contract/telemetry.ts";
import {
  type EpochMs,
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  type Percent,
  percent,
} from "../contract/units.ts";
import { type Generation, workModeOf } from "./firmware.ts";
import { PAGES } from "./wire.ts";
import type { MinerConf, PoolEntry } from "./wire-config.ts";

export interface ConfigView {
  readonly raw: MinerConf;
  readonly at: EpochMs;
  readonly workMode: number | undefined;
  readonly fan: Percent | "auto" | undefined;
  /** The stored duty, in use or not. */
  readonly duty: Percent | undefined;
  readonly frequency: Megahertz | undefined;
  readonly voltage: Millivolts | undefined;
  readonly pools: readonly PoolEntry[] | undefined;
  /** Why a complete write cannot be made from it; undefined when it can. */
  readonly unfit: string | undefined;
}

/** The script has room for three, and writes "" where fewer come. */
export const POOL_SLOTS = 3;

/** Stock counts in 10 mV: "1400" is 14.00 V. */
const MILLIVOLTS_PER_STEP = 10;

export function viewConfig(
  raw: MinerConf,
  at: EpochMs,
  generation: Generation,
  fans: number | undefined,
): ConfigView {
  const duty = inPercent(raw["bitmain-fan-pwm"]);
  const fixed = toBoolean(raw["bitmain-fan-ctrl"]);
  const frequency = toNumber(raw["bitmain-freq"]);
  const steps = toNumber(raw["bitmain-voltage"]);
  const view = {
    raw,
    at,
    workMode: workModeOf(raw),
    fan: fanOf(fixed, duty, generation),
    duty,
    frequency: frequency === undefined ? undefined : megahertz(frequency),
    voltage: steps === undefined ? undefined : millivolts(steps * MILLIVOLTS_PER_STEP),
    pools: poolsOf(raw),
  };
  return { ...view, unfit: unfitness(view, generation, fans) };
}

function inPercent(raw: unknown): Percent | undefined {
  const value = toNumber(raw);
  return value === undefined || value < 0 || value > 100 ? undefined : percent(value);
}

function fanOf(
  fixed: boolean | undefined,
  duty: Percent | undefined,
  generation: Generation,
): ConfigView["fan"] {
  if (fixed === true) return duty;
  if (fixed === false) return "auto";
  // A form machine stores the switch only when it is on.
  return generation === "form" ? "auto" : undefined;
}

function poolsOf(raw: MinerConf): readonly PoolEntry[] | undefined {
  return raw.pools?.map((pool) => ({
    url: `${pool.url ?? ""}`,
    user: `${pool.user ?? ""}`,
    pass: `${pool.pass ?? ""}`,
  }));
}

/**
 * A write sends everything back, so everything must be there. Empty strings for numbers are what an
 * earlier partial write of somebody else leaves on S19 Pro.
 */
function unfitness(
  view: Omit<ConfigView, "unfit">,
  generation: Generation,
  fans: number | undefined,
): string | undefined {
  if (view.pools === undefined) return "it has no pools";
  if (view.pools.length > POOL_SLOTS) return `it has ${view.pools.length} pools`;
  if (generation === "form") {
    return toText(view.raw["bitmain-freq"]) === undefined && view.frequency === undefined
      ? "it has no bitmain-freq"
      : undefined;
  }
  if (view.workMode === undefined) return "it has no work mode";
  if (fans === 0) return undefined;
  return view.fan === undefined || view.duty === undefined ? "it has no fan setting" : undefined;
}

const SOURCE = PAGES.conf.replace("/cgi-bin/", "");

/** A set-point that this configuration shows. */
export const shown = <Value>(view: ConfigView, value: Value | undefined) =>
  readingOf(value, SOURCE, view.at);

/** Empty slots left out. */
export function shownPools(view: ConfigView): Reading<readonly PoolConfig[]> | undefined {
  const used = view.pools
    ?.filter((pool) => pool.url !== "")
    .map(({ url, user, pass }) => ({
      url: toText(url) ?? "",
      user: toText(user) ?? "",
      password: pass,
    }));
  return shown(view, used);
}
