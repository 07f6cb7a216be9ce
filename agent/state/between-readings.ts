// What happened to a machine between two of its readings. Pure.

import { LEVERS } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { DeviceState } from "./device-state.ts";
import { restartsFor } from "./point.ts";

/** A program that started since the last reading has run for no longer than that, and a little. */
const RESTART_SLACK = 2 * 60_000;

export function hasChanged(before: Telemetry, after: Telemetry): boolean {
  return (
    before.activity?.value !== after.activity?.value ||
    LEVERS.some((lever) => before.setpoint[lever]?.value !== after.setpoint[lever]?.value)
  );
}

/** A machine whose program started again although nobody asked for it. */
export function crashed(state: DeviceState, telemetry: Telemetry): boolean {
  const before = state.telemetry?.uptime;
  const after = telemetry.uptime;
  if (before === undefined || after === undefined || after.value >= before.value) return false;
  // Stopped and started by somebody: curtailment is no crash.
  if (rests(state.telemetry) || rests(telemetry)) return false;
  // cgminer counts by the wall clock: a correction of that clock moves it a little back.
  const elapsed = after.at - before.at;
  if (after.value > elapsed + RESTART_SLACK) return false;
  const asked = state.write ?? state.outcome;
  const recent = asked !== undefined && telemetry.at - asked.action.at < 30 * 60_000;
  return !(recent && restartsFor(asked.action.settings, state.telemetry?.controls));
}

export const hashes = ({ activity }: Telemetry): boolean =>
  activity === undefined || activity.value === "hashing";

const rests = (telemetry: Telemetry | undefined): boolean =>
  telemetry?.activity?.value === "sleeping" || telemetry?.activity?.value === "stopped";

/** Real sensors flicker: the same rate, power and temperatures to the digit are an old answer. */
export function repeats(before: Telemetry, after: Telemetry): boolean {
  if (!hashes(after)) return false;
  const rate = after.hashrate?.now?.value;
  if (rate === undefined || rate !== before.hashrate?.now?.value) return false;
  return (
    after.power?.value === before.power?.value &&
    after.temperature?.chip?.value === before.temperature?.chip?.value &&
    after.fans[0]?.speed?.value === before.fans[0]?.speed?.value
  );
}
