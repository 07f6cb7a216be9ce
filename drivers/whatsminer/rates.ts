// Rates of btminer, whose unit depends on who answers, in hashes per second.

import { toNumber } from "../contract/decoding.ts";
import type { RateReading } from "../contract/telemetry.ts";
import { type EpochMs, hashesPerSecond, milliseconds } from "../contract/units.ts";

export const MEGA = 1e6;
export const GIGA = 1e9;
export const TERA = 1e12;

/** Undefined for what is no number, and for what overflows. */
export function scaled(raw: unknown, factor: number): number | undefined {
  return toNumber((toNumber(raw) ?? Number.NaN) * factor);
}

type Field = "MHS av" | "MHS 5s" | "MHS 1m" | "MHS 5m" | "MHS 15m" | "HS RT";
export type RateFields = Readonly<Partial<Record<Field | "Factory GHS" | "HS Factory", unknown>>>;

const FIELDS = ["MHS av", "MHS 5s", "MHS 1m", "MHS 5m", "MHS 15m", "HS RT"] as const;

/** "HS RT" equals "MHS 5m" in every capture (20210322.22.REL), so it is a 5 min mean. */
const MINUTES: { readonly [Name in Exclude<Field, "MHS av">]: number } = {
  "MHS 5s": 5 / 60,
  "MHS 1m": 1,
  "MHS 5m": 5,
  "HS RT": 5,
  "MHS 15m": 15,
};

/** GH/s the factory graded it at. */
export const factoryRate = (record: RateFields): number | undefined =>
  toNumber(record["Factory GHS"]) ?? toNumber(record["HS Factory"]);

/**
 * Hashes in one unit of the "MHS" fields. Firmware 3.x answers `edevs` in TH/s under the old names
 * (37.9 beside a Factory GHS of 56792, captured 2026-02). A value counts as TH/s when it would be less
 * than 1 % of the factory's rate in MH/s and no more than twice that rate in TH/s: a ramp passes
 * the first test in MH/s but never the second. One unit holds for all records of an answer.
 */
export function rateUnit(records: readonly RateFields[]): number {
  let seen = false;
  for (const record of records) {
    const factory = factoryRate(record);
    if (factory === undefined) continue;
    for (const field of FIELDS) {
      const value = toNumber(record[field]);
      if (value === undefined || value === 0) continue;
      const tiny = value * MEGA < 0.01 * factory * GIGA;
      const asTera = value * TERA <= 2 * factory * GIGA;
      if (!tiny || !asTera) return MEGA;
      seen = true;
    }
  }
  return seen ? TERA : MEGA;
}

/** The first of the fields that is there. */
export function rateOf(
  record: RateFields,
  fields: readonly (keyof typeof MINUTES)[],
  unit: number,
  source: string,
  at: EpochMs,
): RateReading | undefined {
  for (const field of fields) {
    const value = toNumber(record[field]);
    if (value === undefined) continue;
    return {
      value: hashesPerSecond(value * unit),
      window: milliseconds(MINUTES[field] * 60_000),
      at,
      source,
      quality: "ok",
    };
  }
  return undefined;
}
