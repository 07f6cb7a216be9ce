// What the guard asks of offsets. The envelope and a held mean are checked with every knob's range.

import type { Setting } from "../../drivers/contract/controls.ts";
import { offsetTable } from "../../drivers/contract/offsets.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { Policies } from "./policies.ts";

/** MHz from the common frequency, of board and chip together (tuning research, per-chip equaliser). */
export const LARGEST_OFFSET_MHZ = 75;

/**
 * Parts may run above the stock frequency within the clamp, because their mean may not. Undefined: no
 * objection.
 */
export function offsetsRefused(
  setting: Setting,
  { telemetry, tuning }: DeviceState,
  policies: Policies,
): string | undefined {
  if (setting.knob !== "boardOffsets" && setting.knob !== "chipOffsets") return undefined;
  if (policies.tuning.equalise === "off") return "tuning.equalise is off";
  const wanted = offsetTable(setting.value) ?? [];
  const other = setting.knob === "boardOffsets" ? "chipOffsets" : "boardOffsets";
  const present = offsetTable(telemetry?.setpoint[other]?.value) ?? [];
  const totals = wanted.flatMap((row, board) => {
    const rest = present[board] ?? [0];
    return row.flatMap((each) => rest.map((one) => each + one));
  });
  const largest = Math.max(0, ...totals.map(Math.abs));
  if (largest > LARGEST_OFFSET_MHZ + 1e-6) {
    return `an offset of ${largest.toFixed(0)} MHz is more than ${LARGEST_OFFSET_MHZ} MHz`;
  }
  const [mean, stock] = [telemetry?.setpoint.frequency?.value, tuning.stock?.frequency];
  if (mean === undefined || stock === undefined) return "the common frequency is not known";
  if (mean > stock * 1.0005 && !policies.tuning.allowAboveStock) {
    return `the mean of ${mean.toFixed(0)} MHz is above the ${stock.toFixed(0)} MHz that the machine was found at`;
  }
  return undefined;
}
