// The next step of a machine that a model leads, and whether it is worth it.

import { LEVERS } from "../../drivers/contract/controls.ts";
import type { Point } from "../state/action.ts";
import { describePoint, samePoint } from "../state/point.ts";
import { type Aim, bestGoal, type Goal, shortfall } from "./goal.ts";
import { jumpGoal } from "./jump.ts";
import type { Forecast } from "./model/forecast.ts";
import type { Objective } from "./objective.ts";
import type { Scene, View } from "./scene.ts";

const HOUR = 60 * 60_000;
/** A step may be over the edge with this probability. */
export const STEP_RISK = 0.02;
/** Where the machine is, more is tolerated before it goes back: it is watched, and each step costs. */
export const HOLD_RISK = 0.12;
/** As it was found it is nobody's trial: noise alone is no reason to leave, likelihood is. */
const FOUND_RISK = 0.5;
/** Share of the hashrate by which the floor may be missed before the machine is moved for it. */
const FLOOR_SLACK = 0.005;
/** The goal that is walked towards may be as uncertain as this; each step on the way may not. */
export const GOAL_RISK = 0.3;

export const aimOf = ({ asked }: View, risk: number): Aim => ({
  ...asked.caps,
  objective: asked.objective,
  risk,
});

const SIZES: { readonly [Name in Objective["name"]]: string } = {
  efficiency: "better",
  profit: "of the revenue more",
  hashrate: "more hashrate",
};
export const sizeOf = ({ name }: Objective): string => SIZES[name];

/** Neither likely over the edge nor clearly below the floor; a cap may keep the floor out of reach. */
export function isSafe({ here, state }: Scene, { present, asked }: View): boolean {
  const { below, rate } = present;
  const { objective, caps } = asked;
  const reached = caps.powerCap !== undefined || objective.floor - rate.mean <= FLOOR_SLACK;
  const asFound = samePoint(here, state.tuning.stock ?? {});
  return below <= (asFound ? FOUND_RISK : HOLD_RISK) && reached;
}

export interface Next {
  readonly point: Point;
  readonly purpose: "tune" | "protect";
  readonly reason: string;
}

/** The next step, or none that is safe and worth it. */
export function nextStep(scene: Scene, view: View, safe: boolean): Next | undefined {
  const { model, warmer, present, asked } = view;
  const goalAt = (risk: number): Goal | undefined =>
    bestGoal(model, scene.here, warmer, aimOf(view, risk));
  if (!safe) {
    const refuge = goalAt(STEP_RISK);
    if (refuge === undefined || !isRefuge(scene, view, refuge)) return undefined;
    const why = "back from the edge or above the floor";
    // What is over the edge may not go further over it on the way back: less voltage comes last.
    const risk = Math.max(STEP_RISK, present.below);
    return stepTo(scene, view, refuge, risk, { why, purpose: "protect" });
  }
  for (const risk of [GOAL_RISK, STEP_RISK]) {
    const goal = goalAt(risk);
    const gain = goal === undefined ? 0 : asked.objective.gain(present, goal.forecast);
    if (gain < worthFor(scene, asked.objective, present)) continue;
    const why = `${(gain * 100).toFixed(1)} % ${sizeOf(asked.objective)} is expected`;
    const found = stepTo(scene, view, goal, STEP_RISK, { why, purpose: "tune" });
    if (found !== undefined) return shortcut(scene, view, found, goal?.point) ?? found;
  }
  return undefined;
}

/**
 * Where no point is safe, more power than here must be clearly safer, or pay: a machine that was found over
 * its edge would be sent to and fro by the noise of what it delivers.
 */
function isRefuge(scene: Scene, view: View, { admissible, forecast }: Goal): boolean {
  const { present, asked } = view;
  if (admissible || forecast.power.mean < present.power.mean) return true;
  const aim = aimOf(view, STEP_RISK);
  const safer = shortfall(present, aim) - shortfall(forecast, aim);
  const gain = asked.objective.gain(present, forecast);
  return safer >= CLEARLY_SAFER || gain >= worthFor(scene, asked.objective, present);
}

const CLEARLY_SAFER = 0.1;

/** Within what is proven the way may be shorter: the best point there, where it gains more than the step. */
function shortcut(scene: Scene, view: View, step: Next, end: Point | undefined): Next | undefined {
  const { model, warmer, present, asked } = view;
  const { here, state, telemetry } = scene;
  const goal = jumpGoal(model, here, warmer, aimOf(view, STEP_RISK), state.tuning, telemetry);
  if (goal === undefined || end === undefined || samePoint(goal.point, here)) return undefined;
  // What lies aside of the way would have to be walked back.
  if (!isBetween(goal.point, here, end)) return undefined;
  const gain = asked.objective.gain(present, goal.forecast);
  const tried = model.forecast(step.point, warmer);
  const usual = tried === undefined ? 0 : asked.objective.gain(present, tried);
  if (gain <= Math.max(usual, worthFor(scene, asked.objective, present))) return undefined;
  const words = `${(gain * 100).toFixed(1)} % ${sizeOf(asked.objective)}`;
  return { point: goal.point, purpose: "tune", reason: `${describePoint(goal.point)}: ${words}` };
}

const isBetween = (point: Point, from: Point, to: Point): boolean =>
  (["frequency", "voltage"] as const).every((lever) => {
    const [value, a, b] = [point[lever] ?? 0, from[lever] ?? 0, to[lever] ?? 0];
    return value >= Math.min(a, b) && value <= Math.max(a, b);
  });

/** Prices move by the hour: what a change costs must come back twice within so long. */
const PRICE_DWELL = 4 * HOUR;

/** A pause costs what would have been earned meanwhile: near break-even next to nothing. */
export function worthFor(scene: Scene, objective: Objective, present: Forecast): number {
  const { minGain, retuneHours } = scene.policies.tuning;
  const pause = pauseOf(scene);
  if (objective.name !== "profit") return minGain + pause / (retuneHours * HOUR);
  const left = scene.policies.tuning.restartsPerDay - scene.state.restarts.length;
  const scarce = pause === 0 ? 0 : left <= KEPT_RESTARTS ? RARE : SCARCE;
  return minGain + scarce + (2 * pause * Math.max(0, -objective.cost(present))) / PRICE_DWELL;
}

/** For waking up from a pause that a price asks for, which is worth more than most moves. */
const KEPT_RESTARTS = 1;
const RARE = 0.08;
/** Restarts are rationed, and the next price may need one more: share of the revenue that one is worth. */
const SCARCE = 0.01;

function stepTo(
  { here }: Scene,
  { model, warmer }: View,
  goal: Goal | undefined,
  risk: number,
  { why, purpose }: { readonly why: string; readonly purpose: Next["purpose"] },
): Next | undefined {
  if (goal === undefined) return undefined;
  const point = model.step(here, goal.point, warmer, risk);
  if (point === undefined || samePoint(point, here)) return undefined;
  const to = describePoint(point);
  const end = describePoint(goal.point);
  return {
    point,
    purpose,
    reason: `try ${to}${to === end ? "" : ` on the way to ${end}`}: ${why}`,
  };
}

/** What a change costs where it restarts the machine, ms without hashes. */
export function pauseOf({ telemetry, here }: Scene): number {
  const effects = LEVERS.filter((lever) => here[lever] !== undefined).map(
    (lever) => telemetry.controls[lever]?.effect,
  );
  return Math.max(0, ...effects.map((each) => (each?.restarts === true ? each.settles : 0)));
}
