// FluxOS writes some quantities with their unit in one string.

import { toNumber } from "../contract/decoding.ts";

/** `58.94W`, `4052.00 RPM`, `11.53V` or a bare number; undefined for all else. */
export function amount(raw: unknown): number | undefined {
  if (typeof raw !== "string") return toNumber(raw);
  return toNumber(/^\s*(-?\d+(?:\.\d+)?)\s*[A-Za-z]*\s*$/.exec(raw)?.[1]);
}
