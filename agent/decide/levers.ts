// The next point to try on one lever: one careful step in the direction that saves energy.

import type { Controls, Lever, RangeKnob } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type Megahertz, millivolts, percent, watts } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { TuningState } from "../state/tuning.ts";

/** Board volts move by at most 0.1 V at a time, chip volts by 10 mV (tuning research, safety table). */
const BOARD_STEP_MV = 100;
const CHIP_STEP_MV = 10;
const CHIP_VOLTS_BELOW_MV = 2_000;
const FREQUENCY_STEP_MHZ = 25;
/** Below this the step drowns in the regulator's own tolerance (field integration for Whatsminer). */
const POWER_STEP_W = 250;
const POWER_STEP_SHARE = 0.08;
const FAN_FIRST_DUTY = 90;
const FAN_STEP_DUTY = 10;
const FAN_LEAST_DUTY = 50;
/** A smaller share of the usual step is not worth its dead time. */
const SMALLEST_SCALE = 0.5;

export type Candidate =
  | { readonly point: Point }
  /** The lever ends here, in words. */
  | { readonly end: string };

type Proposer = (from: Point, tuning: TuningState, telemetry: Telemetry) => Candidate;

export function candidate(
  lever: Lever,
  from: Point,
  tuning: TuningState,
  telemetry: Telemetry,
): Candidate {
  return PROPOSERS[lever](from, tuning, telemetry);
}

const PROPOSERS: { readonly [Name in Lever]: Proposer } = {
  voltage: (from, tuning, telemetry) => {
    const knob = telemetry.controls.voltage;
    if (knob === undefined || from.voltage === undefined) return NOT_OFFERED;
    const largest = from.voltage < CHIP_VOLTS_BELOW_MV ? CHIP_STEP_MV : BOARD_STEP_MV;
    const next = stepDown(knob, from.voltage, largest * scaleOf(tuning, "voltage"));
    return next === undefined ? LOWEST : { point: { ...from, voltage: millivolts(next) } };
  },
  frequency: (from, tuning, telemetry) => {
    const knob = telemetry.controls.frequency;
    if (knob === undefined || from.frequency === undefined) return NOT_OFFERED;
    const next = stepDown(knob, from.frequency, FREQUENCY_STEP_MHZ * scaleOf(tuning, "frequency"));
    return next === undefined ? LOWEST : { point: { ...from, frequency: next as Megahertz } };
  },
  powerLimit: (from, tuning, telemetry) => {
    const knob = telemetry.controls.powerLimit;
    if (knob === undefined || from.powerLimit === undefined) return NOT_OFFERED;
    // A limit above what the machine draws limits nothing: the first step starts at the real draw.
    const drawn = telemetry.power?.value ?? from.powerLimit;
    const start = Math.min(from.powerLimit, Math.ceil(drawn));
    const step = Math.max(POWER_STEP_W, start * POWER_STEP_SHARE) * scaleOf(tuning, "powerLimit");
    const next = stepDown(knob, start, step);
    return next === undefined ? LOWEST : { point: { ...from, powerLimit: watts(next) } };
  },
  profile: (from, _tuning, telemetry) => {
    const name = nextChoice(telemetry.controls, "profile", from.profile);
    return name === undefined ? LOWEST : { point: { ...from, profile: name } };
  },
  mode: (from, _tuning, telemetry) => {
    const name = nextChoice(telemetry.controls, "mode", from.mode);
    return name === undefined ? LOWEST : { point: { ...from, mode: name } };
  },
  fan: (from, tuning, telemetry) => {
    const knob = telemetry.controls.fan;
    if (knob === undefined || from.fan === undefined) return NOT_OFFERED;
    // From the cool side downwards, because the other way round heats a machine to learn something.
    const next = tuning.stepScale.fan ?? FAN_FIRST_DUTY;
    if (next < Math.max(FAN_LEAST_DUTY, knob.min)) return LOWEST;
    return { point: { ...from, fan: percent(next) } };
  },
};

const NOT_OFFERED: Candidate = { end: "not offered or not read back by this machine" };
const LOWEST: Candidate = { end: "the end of what this machine offers" };

const scaleOf = (tuning: TuningState, lever: Lever): number => tuning.stepScale[lever] ?? 1;

function stepDown(knob: RangeKnob<number>, from: number, step: number): number | undefined {
  const steps = Math.max(1, Math.round(step / knob.step));
  const next = from - steps * knob.step;
  // Decimal steps such as 6.25 MHz leave binary dust that would fail the read-back.
  const clean = Math.round(next * 1000) / 1000;
  return clean < knob.min ? undefined : clean;
}

/** The choice just below the present one. */
export function nextChoice(
  controls: Controls,
  lever: "profile" | "mode",
  current: string | undefined,
): string | undefined {
  const choices = controls[lever]?.choices ?? [];
  const index = choices.findIndex((choice) => choice.name === current);
  return index > 0 ? choices[index - 1]?.name : undefined;
}

/** What the lever remembers after a trial that did not pay; undefined: it is used up. */
export function nextScale(lever: Lever, tuning: TuningState): number | undefined {
  if (lever === "fan") {
    return (tuning.stepScale.fan ?? FAN_FIRST_DUTY) - FAN_STEP_DUTY;
  }
  if (lever === "profile" || lever === "mode") return undefined;
  const smaller = scaleOf(tuning, lever) / 2;
  return smaller < SMALLEST_SCALE ? undefined : smaller;
}
