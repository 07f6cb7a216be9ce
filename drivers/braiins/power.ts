// The watts of Braiins OS.

import type { PowerReading, Reading } from "../contract/telemetry.ts";
import type { Watts } from "../contract/units.ts";

/**
 * The firmware says itself that it only approximates: no sensor is behind it. A machine that answers draws
 * something, so the 0 of a paused one is not believable.
 */
export function powerReading(reading: Reading<Watts> | undefined): PowerReading | undefined {
  if (reading === undefined) return undefined;
  const quality = reading.value > 0 ? reading.quality : "implausible";
  const { value, at, source } = reading;
  return { value, at, source, quality, basis: "formula" };
}
