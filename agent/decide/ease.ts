// One step down, for a machine that is hot or draws too much.

import type { Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type EpochMs, watts } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { nextChoice } from "./levers.ts";

const EASE_SHARE = 0.92;
/** Milliseconds that a step down needs to show in the temperature and in the watts. */
export const BETWEEN_STEPS = 3 * 60_000;

/** A step is under way, or too young for the next one. */
export function isStepping({ write, changes }: DeviceState, now: EpochMs): boolean {
  const last = changes.at(-1);
  return write !== undefined || (last !== undefined && now - last < BETWEEN_STEPS);
}

/**
 * The gentlest knob first: fans back to the firmware, then less power. `drawn`: W of the point that is too
 * hot, because a limit above them limits nothing. Empty: nothing more to lower.
 */
export function easierSettings(
  telemetry: Telemetry,
  drawn: number | undefined = telemetry.power?.value,
): Setting[] {
  const { controls, setpoint } = telemetry;
  const fan = setpoint.fan?.value;
  if (controls.fan?.auto === true && fan !== undefined && fan !== "auto") {
    return [{ knob: "fan", value: "auto" }];
  }
  const limit = setpoint.powerLimit?.value;
  if (controls.powerLimit !== undefined && limit !== undefined) {
    const lower = Math.round(Math.min(limit, drawn ?? limit) * EASE_SHARE);
    if (lower >= controls.powerLimit.min) return [{ knob: "powerLimit", value: watts(lower) }];
  }
  const frequency = setpoint.frequency?.value;
  const knob = controls.frequency;
  if (knob !== undefined && frequency !== undefined) {
    const steps = Math.ceil((frequency * (1 - EASE_SHARE)) / knob.step);
    const lower = (frequency - steps * knob.step) as typeof frequency;
    if (lower >= knob.min) return [{ knob: "frequency", value: lower }];
  }
  const choice = nextChoice(controls, "profile", setpoint.profile?.value);
  return choice === undefined ? [] : [{ knob: "profile", value: choice }];
}
