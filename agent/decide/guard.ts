// The last word. Whatever a policy wants, nothing unsafe leaves this room; only here is an action approved.

import type { Controls, RangeKnob, Setting } from "../../drivers/contract/controls.ts";
import { offsetsObjection } from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Action, Approved, Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describeSetting, restartsFor } from "../state/point.ts";
import { believable } from "../state/samples.ts";
import { isHeldByFans } from "./heat.ts";
import { offsetsRefused } from "./offsets-guard.ts";
import { heatLimits, type Policies } from "./policies.ts";
import { isProven, LEAST_SLOPE, proofsOf } from "./proven.ts";

const MINUTE = 60_000;
/** Older readings say nothing about the machine that would be written to. */
const FRESH = 2 * MINUTE;
/** Board volts move by at most this at a time (tuning research, safety table). */
const LARGEST_VOLTAGE_STEP_MV = 100;
/** No lower than half of the frequency the machine was found at. */
const LEAST_FREQUENCY_SHARE = 0.5;

export interface Ruled {
  /** The decision as it stands after the guard: without its action where that was refused. */
  readonly decision: Decision;
  readonly action?: Approved<Action>;
}

export function guard(
  decision: Decision,
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Ruled {
  const { action, ...rest } = decision;
  if (action === undefined) return { decision };
  const refused = objection(action, state, policies, now);
  if (refused === undefined) return { decision, action: action as Approved<Action> };
  // A refused trial was never begun: memory stays as it was. A refused way back counts as an attempt.
  const { cooled: _not, ifRefused = state.tuning, ...without } = rest;
  const tuning =
    action.purpose === "restore" && decision.policy === "tuner" ? decision.tuning : ifRefused;
  return { decision: { ...without, refused, tuning } };
}

/**
 * The ruling where the journal cannot be written: a trial that a crash would forget is not begun.
 * Protection and the way back to a known good point go on.
 */
export function withoutMemory(ruled: Ruled, state: DeviceState): Ruled {
  if (ruled.action?.purpose !== "tune") return ruled;
  const { action: _unsent, ifRefused: tuning = state.tuning, ...rest } = ruled.decision;
  return { decision: { ...rest, refused: "the journal cannot be written", tuning } };
}

function objection(
  action: Action,
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): string | undefined {
  const telemetry = state.telemetry;
  if (telemetry === undefined || state.link.status !== "up") return "the machine does not answer";
  if (now - telemetry.at > FRESH) return "the last reading is too old";
  for (const setting of action.settings) {
    const outside = outsideEnvelope(setting, telemetry.controls);
    if (outside !== undefined) return outside;
  }
  // Protection may not wait for anything but the machine itself.
  if (action.purpose === "protect") return undefined;
  // The way back need not wait until a trial is seen: at a stop of the agent there is no later.
  const trying = state.write?.action.purpose === "tune";
  if (action.purpose === "restore" && (state.write === undefined || trying)) return undefined;
  if (state.write !== undefined) return "the last change has not been seen yet";
  return (
    tooHot(state, telemetry, policies, now) ??
    overBudget(action, state, policies, now) ??
    beyondStock(action, state, policies)
  );
}

function outsideEnvelope(setting: Setting, controls: Controls): string | undefined {
  const knob = controls[setting.knob];
  if (knob === undefined) return `this machine does not offer ${setting.knob}`;
  if ("parts" in knob) {
    const wrong = offsetsObjection(setting.value, knob);
    return wrong === undefined ? undefined : `${describeSetting(setting)}: ${wrong}`;
  }
  if (typeof setting.value === "number" && "min" in knob) {
    const range: RangeKnob<number> = knob;
    if (!Number.isFinite(setting.value) || setting.value < range.min || setting.value > range.max) {
      return `${describeSetting(setting)} is outside of ${range.min} to ${range.max}`;
    }
  }
  if (typeof setting.value === "string" && "choices" in knob) {
    const known = knob.choices.some((choice) => choice.name === setting.value);
    if (!known) return `${setting.knob} has no choice "${setting.value}"`;
  }
  return undefined;
}

function tooHot(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): string | undefined {
  const limits = heatLimits(telemetry, policies.safety);
  const chip = believable(telemetry.temperature?.chip);
  const board = believable(telemetry.temperature?.board);
  const regulator = believable(telemetry.temperature?.regulator);
  const inlet = believable(telemetry.temperature?.inlet);
  if (chip === undefined && board === undefined) return "no temperature is known";
  const isHot = chip !== undefined && chip >= limits.chipSoft;
  if (isHot && !isHeldByFans(state, telemetry, limits, now)) return `chip at ${chip.toFixed(0)} °C`;
  if (board !== undefined && board >= limits.board - 3) return `board at ${board.toFixed(0)} °C`;
  if (
    regulator !== undefined &&
    limits.regulator !== undefined &&
    regulator >= limits.regulator - 3
  ) {
    return `regulator at ${regulator.toFixed(0)} °C`;
  }
  if (inlet !== undefined && inlet >= policies.safety.inletMaxCelsius) {
    return `inlet at ${inlet.toFixed(0)} °C`;
  }
  return undefined;
}

function overBudget(
  action: Action,
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): string | undefined {
  if (action.purpose !== "tune") return undefined;
  const { changesPerDay, restartsPerDay, minutesBetweenChanges } = policies.tuning;
  const together = isKnownGround(action, state) || isOneStep(action, state);
  if (action.settings.length > 1 && !together) return "a trial changes one thing at a time";
  const last = state.changes.at(-1);
  if (last !== undefined && now - last < minutesBetweenChanges * MINUTE) {
    return `less than ${minutesBetweenChanges} minutes since the last change`;
  }
  if (state.changes.length >= changesPerDay) return `${changesPerDay} changes today already`;
  const restarts = restartsFor(action.settings, state.telemetry?.controls);
  if (restarts && state.restarts.length >= restartsPerDay) {
    return `${restartsPerDay} restarts today already`;
  }
  return undefined;
}

function beyondStock(action: Action, state: DeviceState, policies: Policies): string | undefined {
  const stock: Point = state.tuning.stock ?? {};
  const known = isKnownGround(action, state) || isOneStep(action, state);
  for (const setting of action.settings) {
    const found =
      (known ? undefined : tooLargeAStep(setting, state.telemetry?.setpoint.voltage?.value)) ??
      tooLow(setting, stock) ??
      offsetsRefused(setting, state, policies) ??
      (policies.tuning.allowAboveStock ? undefined : aboveStock(setting, stock)) ??
      abovePowerCap(setting, policies.safety.powerMaxWatts);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The machine has borne a harder point: nothing is tried there, so nothing needs to be done in steps. */
function isKnownGround({ settings }: Action, { telemetry, tuning }: DeviceState): boolean {
  const { frequency, voltage } = telemetry?.setpoint ?? {};
  const wished = Object.fromEntries(settings.map(({ knob, value }) => [knob, value])) as Point;
  const to: Point = {
    ...(frequency === undefined ? {} : { frequency: frequency.value }),
    ...(voltage === undefined ? {} : { voltage: voltage.value }),
    ...wished,
  };
  if (to.frequency === undefined || to.voltage === undefined) return false;
  const proofs = proofsOf(tuning, believable(telemetry?.temperature?.chip));
  return isProven(to, proofs, tuning.stock ?? {});
}

/** Chip volts are below this, board volts above it; and how far they move at a time. */
const CHIP_VOLTS_BELOW_MV = 2_000;
const LARGEST_CHIP_STEP_MV = 10;

/**
 * Where each change stops mining, frequency and voltage go down together. With the frequency falls the
 * voltage that the chips need, by a share that the flattest machine shows; only what goes beyond it comes
 * nearer to the edge, and that is held to the step of one knob.
 */
function isOneStep({ settings }: Action, { telemetry }: DeviceState): boolean {
  const frequency = settings.find((each) => each.knob === "frequency")?.value;
  const voltage = settings.find((each) => each.knob === "voltage")?.value;
  const from = telemetry?.setpoint;
  if (settings.length !== 2 || frequency === undefined || voltage === undefined) return false;
  if (from?.frequency === undefined || from.voltage === undefined) return false;
  const stops = settings.every(({ knob }) => telemetry?.controls[knob]?.effect.restarts === true);
  const slower = 1 - frequency / from.frequency.value;
  const [old, lower] = [from.voltage.value, from.voltage.value - voltage];
  if (!stops || slower <= 0 || lower <= 0) return false;
  const most = old < CHIP_VOLTS_BELOW_MV ? LARGEST_CHIP_STEP_MV : LARGEST_VOLTAGE_STEP_MV;
  return lower - LEAST_SLOPE * slower * old <= most + 0.5;
}

function tooLargeAStep(setting: Setting, now: number | undefined): string | undefined {
  if (setting.knob !== "voltage" || now === undefined) return undefined;
  const step = Math.abs(setting.value - now);
  if (step <= LARGEST_VOLTAGE_STEP_MV + 0.5) return undefined;
  return `a voltage step of ${step.toFixed(0)} mV is more than ${LARGEST_VOLTAGE_STEP_MV} mV`;
}

function tooLow(setting: Setting, stock: Point): string | undefined {
  if (setting.knob !== "frequency" || stock.frequency === undefined) return undefined;
  const least = stock.frequency * LEAST_FREQUENCY_SHARE;
  if (setting.value >= least) return undefined;
  return `${setting.value} MHz is below ${least.toFixed(0)} MHz, half of what was found`;
}

function abovePowerCap(setting: Setting, cap: number | undefined): string | undefined {
  if (setting.knob !== "powerLimit" || cap === undefined || setting.value <= cap) return undefined;
  return `${setting.value} W is above safety.powerMaxWatts ${cap} W`;
}

function aboveStock(setting: Setting, stock: Point): string | undefined {
  if (setting.knob !== "voltage" && setting.knob !== "frequency" && setting.knob !== "powerLimit") {
    return undefined;
  }
  const found = stock[setting.knob];
  if (found === undefined || setting.value <= found) return undefined;
  return `${describeSetting(setting)} is above what the machine was found at; tuning.allowAboveStock is off`;
}
