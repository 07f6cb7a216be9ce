// Where a learnt model leads a machine: measure, learn, step. There is no end of the search: holding is
// when no step is worth it, and each further window sharpens what is known of the point that is held.

import { LEVERS, type Lever } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, pointOf, samePoint, settingsBetween } from "../state/point.ts";
import { MAX_SAMPLES } from "../state/sample-series.ts";
import { believable, measure } from "../state/samples.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { jitterOf, withEvidence } from "./evidence.ts";
import { type Aim, bestGoal, efficiencyOf, type Goal } from "./goal.ts";
import { learn } from "./learn.ts";
import type { Forecast, Model } from "./model/forecast.ts";
import { warmerThan } from "./model/reading.ts";
import { change, hold, type Policies } from "./policies.ts";
import { settled } from "./settling.ts";
import { describeMeasured } from "./trial.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/**
 * Relative deviation of a window's hashrate: more of it would move a machine to and fro for nothing.
 * 120 TH/s at difficulty 256 reach it within 5 min, 2 TH/s after 2 h.
 */
const PRECISION = 0.015;
const LONGEST_WINDOW = 3 * HOUR;
/** A step may be over the edge with this probability. */
const STEP_RISK = 0.02;
/** Where the machine is, more is tolerated before it goes back: it is watched, and each step costs. */
const HOLD_RISK = 0.25;
/** Share of the hashrate by which the floor may be missed before the machine is moved for it. */
const FLOOR_SLACK = 0.005;
/** The goal that is walked towards may be as uncertain as this; each step on the way may not. */
const GOAL_RISK = 0.3;

/** One machine at one turn. */
interface Scene {
  readonly state: DeviceState;
  readonly telemetry: Telemetry;
  readonly policies: Policies;
  readonly now: EpochMs;
  readonly here: Point;
}

/** What follows from the last window, or that it is not complete yet. */
export function steer(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  if (!settled(state, policies, now)) return hold("tuner", now, tuning, "settling");
  // Without its warmth a measurement would be taken for one at the temperature of the first.
  if (isBlind(telemetry)) {
    const blind: TuningState = { ...tuning, windowFrom: now };
    return hold("tuner", now, blind, "the chip temperature is not believable: not measured");
  }
  const here = pointOf(telemetry, policies.tuning.levers);
  const scene: Scene = { state, telemetry, policies, now, here };
  const measured = windowOf(scene);
  if (measured === undefined) {
    const doing = tuning.phase === "trial" ? "measuring" : "holding";
    return hold("tuner", now, tuning, `${doing} ${describePoint(here)}`);
  }
  const { trial: _confirmed, ...rest } = tuning;
  const learnt: TuningState = {
    ...rest,
    evidence: withEvidence(tuning.evidence ?? [], measured),
    windowFrom: now,
    evaluations: tuning.evaluations + (tuning.trial === undefined ? 0 : 1),
  };
  const model = learn(telemetry, policies, learnt);
  const warmer = warmerThan(learnt.evidence?.[0] ?? measured, measured);
  const present = model?.forecast(here, warmer);
  if (model === undefined || present === undefined) {
    return hold("tuner", now, learnt, "no model knows this point");
  }
  return choose(scene, learnt, measured, { model, warmer, present });
}

const isBlind = ({ temperature }: Telemetry): boolean =>
  temperature?.chip !== undefined && believable(temperature.chip) === undefined;

/** The measurement since the last one, once it is long enough. */
function windowOf({ state, policies, now, here }: Scene): Measured | undefined {
  const { settleMinutes, measureMinutes } = policies.tuning;
  const start = state.steadySince + settleMinutes * MINUTE;
  const from = Math.max(start, state.tuning.windowFrom ?? 0) as EpochMs;
  if (now - from < measureMinutes * MINUTE) return undefined;
  const measured = measure(state, from, here);
  if (measured === undefined || measured.samples < 3) return undefined;
  const known = state.tuning.evidence ?? [];
  const deviation = jitterOf([...known, measured]) / Math.sqrt(measured.samples);
  // The oldest reading gives way to the newest: a longer window would not hold more.
  const full = state.samples.length >= MAX_SAMPLES;
  const patient = now - from >= LONGEST_WINDOW || full;
  return deviation <= PRECISION || patient ? measured : undefined;
}

/** What is believed here and now. */
interface View {
  readonly model: Model;
  readonly warmer: number;
  readonly present: Forecast;
}

function choose(scene: Scene, learnt: TuningState, measured: Measured, view: View): Decision {
  const { state, telemetry, policies, now, here } = scene;
  const safe = isSafe(view.present, policies);
  const held: TuningState = {
    ...learnt,
    phase: "holding",
    ...(safe ? { best: measured } : {}),
    since: learnt.phase === "holding" ? learnt.since : now,
  };
  const words = figures(measured, learnt.baseline ?? measured, telemetry, view.model);
  const next = nextPoint(scene, view, safe);
  // A lever that failed there once, by not acting, is not moved again.
  const barred = next !== undefined && learnt.exhausted[leverOf(here, next.point)] !== undefined;
  if (next === undefined || barred) {
    // The figures once, when the trial ends; a machine that is held says the same at every turn.
    const told = state.tuning.trial === undefined ? "" : `: ${words}`;
    return hold("tuner", now, held, `holding ${describePoint(here)}${told}`);
  }
  const reason = `${next.reason}; here ${words}`;
  if (policies.tuning.mode !== "act") {
    return hold("tuner", now, held, `${reason} (not sent: tuning.mode is ${policies.tuning.mode})`);
  }
  return startTrial(scene, held, next.point, safe ? "tune" : "protect", reason);
}

/** Neither likely over the edge nor clearly below the floor. */
function isSafe({ below, rate }: Forecast, { tuning }: Policies): boolean {
  return below <= HOLD_RISK && tuning.hashrateFloor - rate.mean <= FLOOR_SLACK;
}

function figures(
  measured: Measured,
  baseline: Measured,
  telemetry: Telemetry,
  model: Model,
): string {
  const words = describeMeasured(measured, baseline, telemetry);
  return model.wattsAreComputed
    ? `${words}; these watts do not follow the voltage, so that its saving is expected, not measured`
    : words;
}

function startTrial(
  { state, telemetry, now, here }: Scene,
  held: TuningState,
  point: Point,
  purpose: "tune" | "protect",
  reason: string,
): Decision {
  const lever = leverOf(here, point);
  // The firmware's governor would move a manual point back: it goes off by itself, first.
  const governed = here.autotune === true && (lever === "voltage" || lever === "frequency");
  const to: Point = governed ? { ...here, autotune: false } : point;
  const settings = settingsBetween(here, to, telemetry.controls);
  const trial = { lever, from: here, to, since: now };
  const trying: TuningState = { ...held, phase: "trial", since: now, trial };
  const decision = change(state, "tuner", now, trying, { purpose, settings, reason });
  return { ...decision, ifRefused: held };
}

/** What a change costs where it restarts the machine, ms without hashes. */
function pauseOf({ telemetry, here }: Scene): number {
  const effects = LEVERS.filter((lever) => here[lever] !== undefined).map(
    (lever) => telemetry.controls[lever]?.effect,
  );
  return Math.max(0, ...effects.map((each) => (each?.restarts === true ? each.settles : 0)));
}

const leverOf = (from: Point, to: Point): Lever =>
  LEVERS.find((lever) => from[lever] !== to[lever]) ?? "voltage";

interface Next {
  readonly point: Point;
  readonly reason: string;
}

/** The next step, or none that is safe and worth it. */
function nextPoint(scene: Scene, view: View, safe: boolean): Next | undefined {
  const { hashrateFloor, minGain, retuneHours } = scene.policies.tuning;
  const { model, warmer, present } = view;
  const goalAt = (risk: number): Goal | undefined => {
    const aim: Aim = { hashrateFloor, risk };
    return bestGoal(model, scene.here, warmer, aim);
  };
  if (!safe) {
    const why = "back from the edge or above the floor";
    return stepTo(scene, view, goalAt(STEP_RISK), 1, why);
  }
  const worthIt = minGain + pauseOf(scene) / (retuneHours * HOUR);
  for (const risk of [GOAL_RISK, STEP_RISK]) {
    const goal = goalAt(risk);
    const gain = goal === undefined ? 0 : 1 - goal.efficiency / efficiencyOf(present);
    if (gain < worthIt) continue;
    const why = `${(gain * 100).toFixed(1)} % better is expected`;
    const found = stepTo(scene, view, goal, STEP_RISK, why);
    if (found !== undefined) return found;
  }
  return undefined;
}

function stepTo(
  { here }: Scene,
  { model, warmer }: View,
  goal: Goal | undefined,
  risk: number,
  why: string,
): Next | undefined {
  if (goal === undefined) return undefined;
  const point = model.step(here, goal.point, warmer, risk);
  if (point === undefined || samePoint(point, here)) return undefined;
  const to = describePoint(point);
  const end = describePoint(goal.point);
  return { point, reason: `try ${to}${to === end ? "" : ` on the way to ${end}`}: ${why}` };
}
