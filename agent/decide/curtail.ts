// What the site asks for: less power at once, no mining while it does not pay, and back again after.

import type { Signals } from "../../config/signals.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, describeSetting, pointOf, settingsBetween } from "../state/point.ts";
import { measure } from "../state/samples.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { askedOf } from "./asked.ts";
import { type Cap, drawnNow, isOver, isTooLoud, noiseCap, standingCap } from "./caps.ts";
import { jumpGoal } from "./jump.ts";
import { isModelled, learn } from "./learn.ts";
import { warmerThan } from "./model/reading.ts";
import { change, hold, type Policies } from "./policies.ts";
import { lossOf, paysAgain } from "./rest.ts";
import { easierSettings, isAsleep } from "./thermal.ts";

const MINUTE = 60_000;
/** A step down needs this long to show in the watts before the next one. */
const BETWEEN_STEPS = 3 * MINUTE;
/** Fans follow the heat with a lag of minutes. */
const FANS_SETTLE = 5 * MINUTE;
/** Going to sleep for money and waking again wears the machine: no shorter pauses than this. */
const LEAST_SLEEP = 30 * MINUTE;

export function curtail(
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const { telemetry, tuning } = state;
  if (telemetry === undefined || state.link.status !== "up") return undefined;
  if (policies.tuning.mode !== "act") return undefined;
  const signals = policies.signals?.(now) ?? {};
  if (isAsleep(telemetry)) {
    return tuning.asleep && stayOrWake(state, telemetry, policies, signals, now);
  }
  if (tuning.asleep !== undefined && state.write === undefined) {
    const { asleep: _over, ...awake } = tuning;
    return hold("curtail", now, awake, "awake again");
  }
  return (
    sleepFor(state, telemetry, policies, signals, now) ??
    underCap(state, telemetry, policies, signals, now)
  );
}

function stayOrWake(
  state: DeviceState,
  telemetry: Telemetry,
  { tuning: configured }: Policies,
  signals: Signals,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  const { asleep } = tuning;
  const stay = (words: string) => hold("curtail", now, tuning, `asleep: ${words}`);
  if (asleep === undefined || state.write !== undefined) return stay("waiting to see it");
  if (signals.powerShare === 0) return stay("curtailment");
  if (asleep.breakEven !== undefined && configured.objective === "profit") {
    if (!paysAgain(signals, tuning, asleep.breakEven)) return stay(asleep.reason);
    if (now - asleep.since < LEAST_SLEEP) return stay("it pays again, but slept too short");
  }
  if (telemetry.controls.sleep === undefined) return stay("this machine offers no way to wake it");
  return change(state, "curtail", now, tuning, {
    purpose: "protect",
    settings: [{ knob: "sleep", value: false }],
    reason: `wake up: the reason to sleep is over (${asleep.reason})`,
  });
}

function sleepFor(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Decision | undefined {
  if (telemetry.controls.sleep === undefined || state.write !== undefined) return undefined;
  const asked = signals.powerShare === 0;
  const loss = asked ? undefined : lossOf(state, telemetry, policies, signals, now);
  if (!asked && loss === undefined) return undefined;
  const reason = loss?.reason ?? "curtailment";
  const asleep = { since: now, reason, ...(loss && { breakEven: loss.breakEven }) };
  return change(
    state,
    "curtail",
    now,
    { ...withoutTrial(state.tuning), asleep },
    { purpose: "protect", settings: [{ knob: "sleep", value: true }], reason: `sleep: ${reason}` },
  );
}

function underCap(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Decision | undefined {
  const cap = brokenCap(state, telemetry, policies, signals, now);
  if (cap === undefined) return undefined;
  const { tuning } = state;
  const last = state.changes.at(-1);
  if (state.write !== undefined || (last !== undefined && now - last < BETWEEN_STEPS)) {
    return hold("curtail", now, tuning, `above ${cap.words}: waiting for the last step to show`);
  }
  const here = pointOf(telemetry, policies.tuning.levers);
  const known = firstKnown(state, here, now);
  const to = pointUnder(cap, state, known, policies, here, now);
  const settings = settingsTowards(to, here, telemetry, policies);
  if (settings.length === 0) {
    return hold("curtail", now, tuning, `above ${cap.words}: nothing more to lower`);
  }
  const asked = askedOf(telemetry, policies, known, now);
  const next: TuningState = {
    ...movedTo(withoutTrial(known), to),
    ...(asked && { demand: asked.demand }),
  };
  return change(state, "curtail", now, next, {
    purpose: "protect",
    settings,
    reason: `above ${cap.words}: ${to === undefined ? settings.map(describeSetting).join(", ") : describePoint(to)}`,
  });
}

/** What no model fits is lowered step by step, as in heat. */
function settingsTowards(
  to: Point | undefined,
  here: Point,
  telemetry: Telemetry,
  policies: Policies,
): Setting[] {
  if (to !== undefined) return settingsBetween(here, to, telemetry.controls);
  return isModelled(telemetry, policies) ? [] : easierSettings(telemetry);
}

function brokenCap(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Cap | undefined {
  const drawn = drawnNow(state, now);
  if (drawn === undefined) return undefined;
  const found = state.tuning.evidence?.[0]?.power ?? drawn;
  const standing = standingCap(policies, signals, found);
  if (standing !== undefined && isOver(drawn, standing)) return standing;
  const loud = isTooLoud(telemetry, policies, signals);
  if (!loud || now - state.steadySince < FANS_SETTLE) return undefined;
  return noiseCap(telemetry, policies, signals);
}

/** The best proven point under the cap, by what is known; undefined where no model fits the machine. */
function pointUnder(
  cap: Cap,
  state: DeviceState,
  tuning: TuningState,
  policies: Policies,
  here: Point,
  now: EpochMs,
): Point | undefined {
  const { telemetry } = state;
  const [reference] = tuning.evidence ?? [];
  if (!telemetry || !reference || !isModelled(telemetry, policies)) return undefined;
  const asked = askedOf(telemetry, policies, tuning, now);
  const model = learn(telemetry, policies, tuning);
  if (!asked || !model) return undefined;
  const warmer = warmthNow(telemetry, reference);
  // What the model believes of the present point may be off: the cap is on what is measured.
  const drawn = drawnNow(state, now) ?? reference.power;
  const believed = model.forecast(here, warmer)?.power.mean;
  if (believed === undefined) return undefined;
  const bias = drawn / reference.power / believed;
  const powerCap = cap.watts / reference.power / Math.max(1, bias);
  const aim = { ...asked.caps, powerCap, objective: asked.objective, risk: RISK };
  const goal = jumpGoal(model, here, warmer, aim, tuning, telemetry);
  if (goal === undefined) return undefined;
  const lower = goal.forecast.power.mean < believed * LOWER;
  return lower ? goal.point : undefined;
}

/** A move that promises less is none. */
const LOWER = 0.995;
/** Within what is proven the edge is no matter of belief. */
const RISK = 0.25;

function warmthNow(telemetry: Telemetry, reference: Measured): number {
  const chip = telemetry.temperature?.chip;
  if (chip?.quality !== "ok") return 0;
  return warmerThan(reference, { ...reference, chipTemperature: chip.value });
}

/**
 * The machine as it was found is the reference of all that is learnt. Where there is no time to measure it
 * in full, the few readings there are stand in for it.
 */
function firstKnown(state: DeviceState, here: Point, now: EpochMs): TuningState {
  const { tuning } = state;
  if (tuning.evidence !== undefined) return tuning;
  const first = measure(state, state.steadySince, here);
  if (first === undefined) return tuning;
  return {
    ...tuning,
    phase: "choosing",
    since: now,
    stock: tuning.stock ?? here,
    baseline: first,
    best: first,
    evidence: [first],
    windowFrom: now,
  };
}

/** Going on the agent's own account: it is no change by somebody else. */
function movedTo(tuning: TuningState, to: Point | undefined): TuningState {
  const { best } = tuning;
  if (to === undefined || best === undefined) return tuning;
  return { ...tuning, best: { ...best, point: to } };
}

function withoutTrial(tuning: TuningState): TuningState {
  const { trial, ...rest } = tuning;
  return trial === undefined ? tuning : { ...rest, phase: "choosing" };
}
