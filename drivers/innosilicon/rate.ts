// What one unit of this firmware's "MHS" is. The word says mega; the number is MH/s on a DragonMint T1 and
// Sol/s on an A9. `Hash Rate H` is the same number in base units, so their ratio tells.

import type { Algorithm } from "../contract/algorithm.ts";
import { toNumber, toText } from "../contract/decoding.ts";
import type { Dev } from "./wire.ts";

type WindowKey = "MHS av" | "MHS 5s" | "MHS 1m" | "MHS 5m" | "MHS 15m";

const MINUTE = 60_000;
const WINDOWS: readonly {
  readonly key: WindowKey;
  readonly until: number;
  readonly length: number;
}[] = [
  { key: "MHS 5s", until: 5 * MINUTE, length: 5000 },
  { key: "MHS 1m", until: 15 * MINUTE, length: MINUTE },
  { key: "MHS 5m", until: 60 * MINUTE, length: 5 * MINUTE },
  { key: "MHS 15m", until: Infinity, length: 15 * MINUTE },
];

/** Which average `Hash Rate H` shows: the firmware takes longer ones as the uptime grows. */
export function shownWindow(dev: Dev): { readonly key: WindowKey; readonly length: number } {
  const uptime = (toNumber(dev["Device Elapsed"]) ?? 0) * 1000;
  const whole = { key: "MHS av", length: uptime } as const;
  if (dev["MHS 5m"] === undefined || dev["MHS 15m"] === undefined) return whole;
  return WINDOWS.find(({ until }) => uptime < until) ?? whole;
}

/** Base units in one unit of `MHS`; undefined when nothing tells. */
export function unitOfMhs(
  devs: readonly Dev[],
  algorithm: Algorithm | undefined,
): number | undefined {
  for (const dev of devs) {
    const shown = toNumber(dev[shownWindow(dev).key]);
    const base = toNumber(dev["Hash Rate H"]) ?? spelledOut(dev);
    if (shown === undefined || base === undefined || shown <= 0 || base <= 0) continue;
    const unit = nearestUnit(base / shown);
    if (unit !== undefined) return unit;
  }
  return algorithm === undefined ? undefined : CAPTURED[algorithm];
}

/** Where captures show it. */
const CAPTURED: { readonly [Name in Algorithm]?: number } = { sha256: 1e6, equihash: 1 };

/** The averages of the two may differ in a machine that just started: units are a thousand apart. */
function nearestUnit(ratio: number): number | undefined {
  const thousands = Math.round(Math.log10(ratio) / 3);
  return thousands >= 0 && thousands <= 4 ? 1000 ** thousands : undefined;
}

const PREFIXES = " KMGTPE";

/** `Hash Rate` with its `Unit`, in base units. */
export function spelledOut(record: { readonly "Hash Rate"?: unknown; readonly Unit?: unknown }) {
  const value = toNumber(record["Hash Rate"]);
  const unit = /^([KMGTPE]?)(?:H|SOL)/.exec(toText(record.Unit)?.toUpperCase() ?? "");
  if (value === undefined || unit === null) return undefined;
  return value * 1000 ** (unit[1] === "" ? 0 : PREFIXES.indexOf(unit[1] ?? " "));
}

/** Sum over all boards; undefined when one of them does not tell, because a part is no total. */
export function total(devs: readonly Dev[], key: keyof Dev): number | undefined {
  let sum = 0;
  for (const dev of devs) {
    const value = toNumber(dev[key]);
    if (value === undefined) return undefined;
    sum += value;
  }
  return devs.length === 0 ? undefined : sum;
}
