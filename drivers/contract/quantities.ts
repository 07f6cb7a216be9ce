// Readings that need more than a number: a window for a rate, a belief for a temperature.

import { toNumber } from "./decoding.ts";
import type { RateReading, Reading } from "./telemetry.ts";
import { type Celsius, celsius, type EpochMs, hashesPerSecond, milliseconds } from "./units.ts";

/** The number times `factor`; undefined where there is none or it grows beyond all numbers. */
export function scaled(raw: unknown, factor: number): number | undefined {
  const value = toNumber(raw);
  const product = value === undefined ? undefined : value * factor;
  return product !== undefined && Number.isFinite(product) ? product : undefined;
}

/** Where an answer came from and when. */
export interface Origin {
  readonly source: string;
  readonly at: EpochMs;
}

/**
 * A rate of `scale` base units per second, averaged over `window` milliseconds. A negative one is
 * implausible.
 */
export function rateReading(
  raw: unknown,
  { scale, window }: { readonly scale: number; readonly window: number },
  { source, at }: Origin,
): RateReading | undefined {
  const rate = scaled(raw, scale);
  if (rate === undefined) return undefined;
  const quality = rate < 0 ? "implausible" : "ok";
  return { value: hashesPerSecond(rate), at, source, quality, window: milliseconds(window) };
}

/** No sensor of a machine that answers is colder or hotter than this, Celsius. */
const COLDEST = -40;
const HOTTEST = 150;

export function temperatureReading(
  raw: unknown,
  { source, at }: Origin,
): Reading<Celsius> | undefined {
  const value = toNumber(raw);
  if (value === undefined) return undefined;
  const quality = value > COLDEST && value < HOTTEST ? "ok" : "implausible";
  return { value: celsius(value), at, source, quality };
}
