// Readings that need more than a number: a window for a rate, a belief for a temperature.

import { toNumber } from "./decoding.ts";
import type { PowerBasis, PowerReading, RateReading, Reading } from "./telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  type HashesPerSecond,
  hashesPerSecond,
  milliseconds,
  type Watts,
} from "./units.ts";

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

/**
 * The rate as an average over `window` milliseconds; undefined without one of them. Written out field by
 * field, as in measuredBy: V8 gives each object that is made by a spread and one more field a layout of its
 * own, which takes more memory than the reading.
 */
export function averagedOver(
  rate: Reading<HashesPerSecond> | undefined,
  window: number | undefined,
): RateReading | undefined {
  if (rate === undefined || window === undefined) return undefined;
  const { value, at, source, quality } = rate;
  return { value, at, source, quality, window: milliseconds(window) };
}

/** The watts with who measured them. */
export function measuredBy(
  basis: PowerBasis,
  power: Reading<Watts> | undefined,
): PowerReading | undefined {
  if (power === undefined) return undefined;
  const { value, at, source, quality } = power;
  return { value, at, source, quality, basis };
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
