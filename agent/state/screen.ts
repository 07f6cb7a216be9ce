// Readings that cannot be true, whatever machine tells them. Drivers know their firmware's placeholders;
// this is what physics alone rules out.

import type { Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Celsius } from "../../drivers/contract/units.ts";

/** A chip that hashes is warmer than the air or coolant that carries its heat away; sensors differ by this, K. */
const SENSOR_TOLERANCE = 3;

/** The same telemetry with an impossible chip temperature marked as such; it then decides nothing. */
export function screened(telemetry: Telemetry): Telemetry {
  const { chip, inlet } = telemetry.temperature ?? {};
  const hashing = telemetry.activity === undefined || telemetry.activity.value === "hashing";
  if (chip === undefined || chip.quality !== "ok" || !hashing) return telemetry;
  const air = inlet?.quality === "ok" ? inlet.value - SENSOR_TOLERANCE : 0;
  return chip.value > Math.max(0, air) ? telemetry : withoutChip(telemetry);
}

/** The same telemetry with its chip temperature marked as one that decides nothing. */
export function withoutChip(telemetry: Telemetry): Telemetry {
  const chip = telemetry.temperature?.chip;
  if (chip === undefined) return telemetry;
  const marked: Reading<Celsius> = { ...chip, quality: "implausible" };
  return { ...telemetry, temperature: { ...telemetry.temperature, chip: marked } };
}
