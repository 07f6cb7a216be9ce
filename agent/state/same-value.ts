// Whether a setting reads back as it was asked for.

import type { Setting } from "../../drivers/contract/controls.ts";
import { describeOffsets, offsetTable, sameOffsets } from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";

/** Pools carry passwords, and hundreds of numbers tell nobody anything. */
export function readsAs({ knob }: Setting, value: unknown): string {
  if (knob === "pools") return "other pools";
  return offsetTable(value) === undefined ? String(value) : describeOffsets(value);
}

/** What is read back is what was asked for, within what the firmware rounds. */
export function sameValue(setting: Setting, read: unknown, after: Telemetry): boolean {
  if (setting.knob === "pools") return samePools(setting.value, read);
  if (setting.knob === "boardOffsets" || setting.knob === "chipOffsets") {
    return isNearOffsets(setting.value, read, after.controls[setting.knob]?.step);
  }
  if (typeof setting.value === "number" && typeof read === "number") {
    const knob = after.controls[setting.knob];
    const step = knob !== undefined && "step" in knob ? knob.step : 0;
    return Math.abs(read - setting.value) <= Math.max(step / 2, Math.abs(setting.value) * 0.002);
  }
  return read === setting.value;
}

/** The same within what firmware with this step rounds. */
export const isNearOffsets = (a: unknown, b: unknown, step = 0): boolean =>
  sameOffsets(a, b, Math.max(step / 2, OFFSET_GRAIN));

/** MHz: a common frequency that is a mean of many is told with as much rounding. */
const OFFSET_GRAIN = 0.26;

function samePools(wanted: readonly { url: string; user: string }[], read: unknown): boolean {
  if (!Array.isArray(read)) return false;
  return wanted.every((pool, index) => {
    const other: unknown = read[index];
    return (
      typeof other === "object" &&
      other !== null &&
      "url" in other &&
      "user" in other &&
      other.url === pool.url &&
      other.user === pool.user
    );
  });
}
