// A machine that draws, or is heard, more than it may: what it is lowered to.

import type { Signals } from "../../config/signals.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, describeSetting, pointOf, settingsBetween } from "../state/point.ts";
import { believable, measure } from "../state/samples.ts";
import type { TuningState } from "../state/tuning.ts";
import { type Asked, askedOf } from "./asked.ts";
import { type Cap, drawnNow, isCapped, isOver, isTooLoud, noiseCap, standingCap } from "./caps.ts";
import { easierSettings, isStepping } from "./ease.ts";
import { withMeasured } from "./evidence.ts";
import { jumpGoal } from "./jump.ts";
import { isModelled, learn } from "./learn.ts";
import { change, hold, type Policies } from "./policies.ts";
import { warmerNow, windowStart } from "./scene.ts";
import { sleep, withoutTrial } from "./sleep.ts";

const MINUTE = 60_000;
/** Fans follow the heat with a lag of minutes. */
const FANS_SETTLE = 5 * MINUTE;

export function underCap(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Decision | undefined {
  const cap = brokenCap(state, telemetry, policies, signals, now);
  if (cap === undefined) return undefined;
  const { tuning } = state;
  if (isStepping(state, now)) {
    return hold("curtail", now, tuning, `above ${cap.words}: waiting for the last step to show`);
  }
  const here = pointOf(telemetry, policies.tuning.levers);
  const known = taught(state, firstKnown(state, here, now), policies, here, now);
  const asked = askedOf(telemetry, policies, known, now);
  const goal = asked && goalUnder(cap, state, known, policies, here, asked, now);
  const unkept = goal !== undefined && goal.least > cap.watts * UNKEPT;
  if (unkept && cap.standing && telemetry.controls.sleep !== undefined) {
    const reason = `${cap.words}: this machine draws ${goal.least.toFixed(0)} W at least`;
    return sleep(state, { since: now, reason, least: goal.least }, now);
  }
  const to = goal?.point && ungoverned(here, goal.point);
  const settings = settingsTowards(to, goal !== undefined, here, telemetry);
  if (settings.length === 0) {
    return hold("curtail", now, tuning, `above ${cap.words}: nothing more to lower`);
  }
  const next: TuningState = {
    ...movedBy(withoutTrial(known), settings),
    ...(asked && { demand: asked.demand }),
  };
  return change(state, "curtail", now, next, {
    purpose: "protect",
    settings,
    reason: `above ${cap.words}: ${to === undefined ? settings.map(describeSetting).join(", ") : describePoint(to)}`,
  });
}

/** The firmware's governor would move a manual point back. */
function ungoverned(here: Point, to: Point): Point {
  const manual = to.frequency !== undefined && to.voltage !== undefined;
  return manual && here.autotune === true ? { ...to, autotune: false } : to;
}

/** A cap that the lowest point misses by more than this is not kept by it. */
const UNKEPT = 1.02;

/** What no model fits is lowered step by step, as in heat. */
function settingsTowards(
  to: Point | undefined,
  modelled: boolean,
  here: Point,
  telemetry: Telemetry,
): Setting[] {
  if (to !== undefined) return settingsBetween(here, to, telemetry.controls);
  return modelled ? [] : easierSettings(telemetry);
}

interface BrokenCap extends Cap {
  /** Of breaker or grid: where it cannot be kept the machine must stop; noise is borne. */
  readonly standing: boolean;
}

function brokenCap(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): BrokenCap | undefined {
  // Most machines have no cap: nothing is averaged for them at every turn.
  if (!isCapped(policies, signals)) return undefined;
  const drawn = drawnNow(state, now) ?? rampingAt(telemetry);
  if (drawn === undefined) return undefined;
  const found = state.tuning.evidence?.[0]?.power ?? drawn;
  const standing = standingCap(policies, signals, found);
  if (standing !== undefined && isOver(drawn, standing, now - state.steadySince)) {
    return { ...standing, standing: true };
  }
  const loud = isTooLoud(telemetry, policies, signals);
  if (!loud || now - state.steadySince < FANS_SETTLE) return undefined;
  const noise = noiseCap(telemetry, policies, signals);
  return noise && { ...noise, standing: false };
}

interface GoalUnder {
  /** Undefined: nothing lower than the present point. */
  readonly point?: Point;
  /** W that the machine would draw there. */
  readonly least: number;
}

/** Watts of a machine that is on its way up: it will not draw less when it has arrived. */
function rampingAt({ activity, power }: Telemetry): number | undefined {
  return activity?.value === "ramping" ? believable(power) : undefined;
}

/** The best proven point under the cap, by what is known; undefined where no model fits the machine. */
function goalUnder(
  cap: Cap,
  state: DeviceState,
  tuning: TuningState,
  policies: Policies,
  here: Point,
  asked: Asked,
  now: EpochMs,
): GoalUnder | undefined {
  const { telemetry } = state;
  const [reference] = tuning.evidence ?? [];
  if (!telemetry || !reference || !isModelled(telemetry, policies)) return undefined;
  const model = learn(telemetry, policies, tuning);
  if (model === undefined) return undefined;
  const warmer = warmerNow(reference, telemetry);
  // What the model believes of the present point may be off: the cap is on what is measured.
  const drawn = drawnNow(state, now) ?? rampingAt(telemetry) ?? reference.power;
  const believed = model.forecast(here, warmer)?.power.mean;
  if (believed === undefined) return undefined;
  const bias = drawn / reference.power / believed;
  const powerCap = (ROOM * cap.watts) / reference.power / Math.max(1, bias);
  // Without the highest limit: where the cap is below all that the knob offers, its least is the nearest.
  const aim = { powerCap, objective: asked.objective, risk: RISK };
  const goal = jumpGoal(model, here, warmer, aim, tuning, telemetry);
  if (goal === undefined) return undefined;
  const least = goal.forecast.power.mean * reference.power * bias;
  const lower = goal.forecast.power.mean < believed * LOWER;
  return { least, ...(lower && { point: goal.point }) };
}

/** A second step costs minutes above the cap. */
const ROOM = 0.99;
/** A move that promises less is none. */
const LOWER = 0.995;
/** Within what is proven the edge is no matter of belief. */
const RISK = 0.25;

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

/** Where it has settled, what it draws above the cap is a lesson: else the next step would end there again. */
function taught(
  state: DeviceState,
  tuning: TuningState,
  policies: Policies,
  here: Point,
  now: EpochMs,
): TuningState {
  if (tuning.evidence === undefined) return tuning;
  const seen = measure(state, windowStart(state, tuning, policies), here);
  if (seen === undefined || seen.samples < LEAST_LESSON) return tuning;
  return withMeasured(tuning, seen, now);
}

/** Readings. */
const LEAST_LESSON = 3;

/** Going on the agent's own account: it is no change by somebody else. */
function movedBy(tuning: TuningState, settings: readonly Setting[]): TuningState {
  const { best } = tuning;
  if (best === undefined) return tuning;
  const moved = Object.fromEntries(settings.map(({ knob, value }) => [knob, value]));
  const point = Object.fromEntries(
    Object.entries(best.point).map(([part, value]) => [part, moved[part] ?? value]),
  ) as Point;
  return { ...tuning, best: { ...best, point } };
}
