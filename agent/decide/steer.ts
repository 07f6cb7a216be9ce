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
import { measure } from "../state/samples.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { jitterOf, withEvidence } from "./evidence.ts";
import { type Aim, bestGoal, efficiencyOf, type Goal } from "./goal.ts";
import { learn } from "./learn.ts";
import type { Model } from "./model/forecast.ts";
import { warmerThan } from "./model/physics.ts";
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

/** What follows from the last window, or that it is not complete yet. */
export function steer(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  if (!settled(state, policies, now)) return hold("tuner", now, tuning, "settling");
  const here = pointOf(telemetry, policies.tuning.levers);
  const measured = windowOf(state, here, policies, now);
  if (measured === undefined) return hold("tuner", now, tuning, waitingWords(state, here));
  const { trial: _confirmed, ...rest } = tuning;
  const learnt: TuningState = {
    ...rest,
    evidence: withEvidence(tuning.evidence ?? [], measured),
    windowFrom: now,
    evaluations: tuning.evaluations + (tuning.trial === undefined ? 0 : 1),
  };
  const model = learn(telemetry, policies, learnt);
  if (model === undefined) return hold("tuner", now, learnt, "no model fits this machine");
  return choose(state, telemetry, policies, now, here, measured, learnt, model);
}

/** The measurement since the last one, once it is long enough. */
function windowOf(
  state: DeviceState,
  here: Point,
  policies: Policies,
  now: EpochMs,
): Measured | undefined {
  const { settleMinutes, measureMinutes } = policies.tuning;
  const start = state.steadySince + settleMinutes * MINUTE;
  const from = Math.max(start, state.tuning.windowFrom ?? 0) as EpochMs;
  if (now - from < measureMinutes * MINUTE) return undefined;
  const measured = measure(state, from, here);
  if (measured === undefined || measured.samples < 3) return undefined;
  const known = state.tuning.evidence ?? [];
  const deviation = jitterOf([...known, measured]) / Math.sqrt(measured.samples);
  const patient = now - from >= LONGEST_WINDOW || isFull(state);
  return deviation <= PRECISION || patient ? measured : undefined;
}

/** The oldest reading gives way to the newest: a longer window would not hold more. */
const isFull = ({ samples }: DeviceState): boolean => samples.length >= MAX_SAMPLES;

const waitingWords = ({ tuning }: DeviceState, here: Point): string =>
  tuning.phase === "trial" ? `measuring ${describePoint(here)}` : `holding ${describePoint(here)}`;

function choose(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
  here: Point,
  measured: Measured,
  learnt: TuningState,
  model: Model,
): Decision {
  const { tuning } = state;
  const baseline = learnt.baseline ?? measured;
  const warmer = warmerThan(learnt.evidence?.[0] ?? baseline, measured);
  const present = model.forecast(here, warmer);
  if (present === undefined) return hold("tuner", now, learnt, "this point is not in the model");
  const short = policies.tuning.hashrateFloor - present.rate.mean;
  const safe = present.below <= HOLD_RISK && short <= FLOOR_SLACK;
  const held: TuningState = {
    ...learnt,
    phase: "holding",
    ...(safe ? { best: measured } : {}),
    since: learnt.phase === "holding" ? learnt.since : now,
  };
  const words = describeMeasured(measured, baseline, telemetry);
  const next = nextPoint(
    model,
    here,
    warmer,
    policies,
    efficiencyOf(present),
    safe,
    pauseOf(telemetry, here),
  );
  // A lever that failed there once, by a crash or by not acting, is not moved again.
  const barred = next !== undefined && learnt.exhausted[leverOf(here, next.point)] !== undefined;
  if (next === undefined || barred) {
    // The figures once, when the trial ends; a machine that is held says the same at every turn.
    const figures = tuning.trial === undefined ? "" : `: ${words}`;
    return hold("tuner", now, held, `holding ${describePoint(here)}${figures}`);
  }
  const reason = `${next.reason}; here ${words}`;
  if (policies.tuning.mode !== "act") {
    return hold("tuner", now, held, `${reason} (not sent: tuning.mode is ${policies.tuning.mode})`);
  }
  // The firmware's governor would move a manual point back: it goes off by itself, first.
  const governed = here.autotune === true && next.point.profile === undefined;
  const to: Point = governed ? { ...here, autotune: false } : next.point;
  const settings = settingsBetween(here, to, telemetry.controls);
  const trial = { lever: leverOf(here, next.point), from: here, to, since: now };
  const trying: TuningState = { ...held, phase: "trial", since: now, trial };
  const purpose = safe ? "tune" : "protect";
  return {
    ...change(state, "tuner", now, trying, { purpose, settings, reason }),
    ifRefused: held,
  };
}

/** What a change costs where it restarts the machine, ms without hashes. */
function pauseOf({ controls }: Telemetry, here: Point): number {
  const effects = LEVERS.filter((lever) => here[lever] !== undefined).map(
    (lever) => controls[lever]?.effect,
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
function nextPoint(
  model: Model,
  here: Point,
  warmer: number,
  policies: Policies,
  present: number,
  safe: boolean,
  pause: number,
): Next | undefined {
  const { hashrateFloor } = policies.tuning;
  const minGain = policies.tuning.minGain + pause / (policies.tuning.retuneHours * HOUR);
  const aim: Aim = { hashrateFloor, risk: STEP_RISK };
  if (!safe) {
    const goal = bestGoal(model, here, warmer, aim);
    return stepTo(model, here, warmer, goal, 1, "back from the edge or above the floor");
  }
  for (const risk of [GOAL_RISK, STEP_RISK]) {
    const goal = bestGoal(model, here, warmer, { ...aim, risk });
    if (goal === undefined || 1 - goal.efficiency / present < minGain) continue;
    const percent = ((1 - goal.efficiency / present) * 100).toFixed(1);
    const found = stepTo(model, here, warmer, goal, STEP_RISK, `${percent} % better is expected`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function stepTo(
  model: Model,
  here: Point,
  warmer: number,
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
