// The units of the wire, unwrapped: {"watt": 3031}, {"hertz": 486704545.0}, {"volt": 12.94}.

import { toNumber } from "../../contract/decoding.ts";
import {
  type HashesPerSecond,
  hashesPerSecond,
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  type Watts,
  watts,
} from "../../contract/units.ts";
import type { Range } from "../targets.ts";

const MEGA = 1e6;
const GIGA = 1e9;
const TERA = 1e12;

export const wattsOf = (raw: { watt?: unknown } | undefined): Watts | undefined =>
  positive(watts, raw?.watt);
export const terahashesOf = (
  raw: { terahash_per_second?: unknown } | undefined,
): HashesPerSecond | undefined => positive(hashesPerSecond, raw?.terahash_per_second, TERA);
export const gigahashesOf = (
  raw: { gigahash_per_second?: unknown } | undefined,
): HashesPerSecond | undefined => positive(hashesPerSecond, raw?.gigahash_per_second, GIGA);
export const hertzOf = (raw: { hertz?: unknown } | undefined): Megahertz | undefined =>
  positive(megahertz, raw?.hertz, 1 / MEGA);
export const voltsOf = (raw: { volt?: unknown } | undefined): Millivolts | undefined =>
  positive(millivolts, raw?.volt, 1000);

/** 0 stands for "not set" in all of these. */
function positive<Quantity extends number>(
  make: (value: number) => Quantity,
  raw: unknown,
  factor = 1,
): Quantity | undefined {
  const value = toNumber(raw);
  return value === undefined || value <= 0
    ? undefined
    : make(Math.round(value * factor * 1e6) / 1e6);
}

export function rangeOf<Raw, Quantity extends number>(
  raw:
    | {
        readonly default?: Raw | undefined;
        readonly min?: Raw | undefined;
        readonly max?: Raw | undefined;
      }
    | undefined,
  read: (raw: Raw | undefined) => Quantity | undefined,
): Range<Quantity> | undefined {
  const [min, max, standard] = [read(raw?.min), read(raw?.max), read(raw?.default)];
  if (min === undefined || max === undefined || min >= max) return undefined;
  return standard === undefined ? { min, max } : { min, max, default: standard };
}
