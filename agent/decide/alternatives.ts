// The points that were not chosen, and why: what a technician would have tried instead.

import { millivolts } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import { samePoint } from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import { bestGoal, type Goal } from "./goal.ts";
import type { Forecast } from "./model/forecast.ts";
import { aimOf, GOAL_RISK, isSafe, STEP_RISK, worthFor } from "./next-step.ts";
import { objectiveOf } from "./objective.ts";
import type { Outcome } from "./outcome.ts";
import type { Scene, View } from "./scene.ts";

export interface Alternative {
  readonly point: Point;
  readonly forecast: Forecast;
  /** Better than where the machine stands, by what made it tempting. */
  readonly gain: number;
  readonly why: string;
}

const MOST_REJECTED = 4;
/** A gain that is no temptation. */
const NOTHING = 1e-4;

/** At most four, none of them the chosen point. */
export function alternatives(
  scene: Scene,
  view: View,
  learnt: TuningState,
  outcome: Outcome,
): readonly Alternative[] {
  const found = [
    staying(scene, view, outcome),
    goalOf(scene, view, outcome),
    tooRisky(scene, view, outcome),
    aboveCap(scene, view),
    belowFloor(scene, view, learnt),
  ].filter((each) => each !== undefined);
  const others = found.filter(({ point }) => !samePoint(point, outcome.point));
  return others
    .filter(
      ({ point }, index) => index === others.findIndex((each) => samePoint(each.point, point)),
    )
    .slice(0, MOST_REJECTED);
}

function staying(
  { here }: Scene,
  { present, asked }: View,
  { is }: Outcome,
): Alternative | undefined {
  if (is === "hold") return undefined;
  const { objective } = asked;
  const why = isSafe(present, asked)
    ? "staying here gains nothing"
    : present.below > STEP_RISK
      ? `staying here: ${percent(present.below)} over the edge`
      : `staying here: ${percent(present.rate.mean)} of the first hashrate, floor ${percent(objective.floor)}`;
  return { point: here, forecast: present, gain: 0, why };
}

/** Where the way leads, or would lead if it were worth it. */
function goalOf(scene: Scene, view: View, outcome: Outcome): Alternative | undefined {
  const { present, asked } = view;
  const goal = goalAt(scene, view, GOAL_RISK);
  if (goal === undefined) return undefined;
  const gain = asked.objective.gain(present, goal.forecast);
  if (outcome.is !== "hold") {
    return gain > NOTHING
      ? { ...goal, gain, why: "later: on the way there each step is measured" }
      : undefined;
  }
  const needed = worthFor(scene, asked.objective, present);
  const why =
    gain < needed
      ? `not worth it: ${percent(needed, 2)} is the least for which a machine is moved`
      : `no step towards it is safe: each may be over the edge with ${percent(STEP_RISK)} at most`;
  return { ...goal, gain, why };
}

/** Where the risk begins: with less voltage than chosen, or where the edge is left out of account. */
function tooRisky(scene: Scene, view: View, outcome: Outcome): Alternative | undefined {
  const found = lessVoltage(scene, view, outcome.point) ?? goalAt(scene, view, 1);
  if (found === undefined || found.forecast.below <= STEP_RISK) return undefined;
  const gain = view.asked.objective.gain(view.present, found.forecast);
  const why = `too risky: over the edge with ${percent(found.forecast.below)}, ${percent(STEP_RISK)} is the most for a step`;
  return { point: found.point, forecast: found.forecast, gain, why };
}

/** Relative. */
const LESS_VOLTAGE = [0.01, 0.02, 0.04] as const;

function lessVoltage(
  { telemetry }: Scene,
  { model, warmer }: View,
  point: Point,
): Pick<Alternative, "point" | "forecast"> | undefined {
  const knob = telemetry.controls.voltage;
  const { voltage } = point;
  if (knob === undefined || voltage === undefined) return undefined;
  for (const share of LESS_VOLTAGE) {
    const steps = Math.max(1, Math.round((share * voltage) / knob.step));
    const lower = voltage - steps * knob.step;
    const at: Point = { ...point, voltage: millivolts(lower) };
    const forecast = lower < knob.min ? undefined : model.forecast(at, warmer);
    if (forecast !== undefined && forecast.below > STEP_RISK) return { point: at, forecast };
  }
  return undefined;
}

function belowFloor(scene: Scene, view: View, { evidence }: TuningState): Alternative | undefined {
  const { policies, now, here } = scene;
  const { model, warmer, present, asked } = view;
  const reference = evidence?.[0];
  if (asked.objective.floor <= 0 || reference === undefined) return undefined;
  const tuning = { ...policies.tuning, hashrateFloor: 0 };
  const free = objectiveOf({ ...policies, tuning }, policies.signals?.(now) ?? {}, reference);
  const goal = bestGoal(model, here, warmer, { ...aimOf(view, GOAL_RISK), objective: free });
  if (goal === undefined || goal.forecast.rate.mean >= asked.objective.floor) return undefined;
  const gain = free.gain(present, goal.forecast);
  const why = `below the floor: ${percent(goal.forecast.rate.mean)} of the first hashrate, ${percent(asked.objective.floor)} must be left`;
  return gain > NOTHING ? { ...goal, gain, why } : undefined;
}

function aboveCap(scene: Scene, view: View): Alternative | undefined {
  const { powerCap } = view.asked.caps;
  if (powerCap === undefined) return undefined;
  const { model, warmer, present, asked } = view;
  const { objective } = asked;
  const goal = bestGoal(model, scene.here, warmer, { objective, risk: GOAL_RISK });
  if (goal === undefined || goal.forecast.power.mean <= powerCap) return undefined;
  const gain = objective.gain(present, goal.forecast);
  const why = `above the cap: ${percent(goal.forecast.power.mean)} of the first watts, ${percent(powerCap)} are allowed`;
  return gain > NOTHING ? { ...goal, gain, why } : undefined;
}

const goalAt = (scene: Scene, view: View, risk: number): Goal | undefined =>
  bestGoal(view.model, scene.here, view.warmer, aimOf(view, risk));

const percent = (fraction: number, digits = 1): string => `${(fraction * 100).toFixed(digits)} %`;
