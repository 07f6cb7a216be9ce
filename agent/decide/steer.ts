// Where a learnt model leads a machine: measure, learn, step. There is no end of the search: holding is
// when no step is worth it, and each further window sharpens what is known of the point that is held.

import { LEVERS, type Lever } from "../../drivers/contract/controls.ts";
import { present } from "../../drivers/contract/decoding.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point, Purpose } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, pointOf, samePoint, settingsBetween } from "../state/point.ts";
import type { Demand, Measured, TuningState } from "../state/tuning.ts";
import { type Asked, askedOf } from "./asked.ts";
import { withMeasured } from "./evidence.ts";
import { explain } from "./explain.ts";
import { jumpGoal } from "./jump.ts";
import type { Model } from "./model/forecast.ts";
import { aimOf, HOLD_RISK, isSafe, type Next, nextStep, sizeOf, worthFor } from "./next-step.ts";
import { isOther } from "./objective.ts";
import { change, hold, type Policies } from "./policies.ts";
import { isBlind, type Scene, type View, viewOf, windowOf } from "./scene.ts";
import { settled } from "./settling.ts";
import { describeMeasured } from "./trial.ts";

/** What follows from the last window, from another demand, or that neither is there yet. */
export function steer(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  const here = pointOf(telemetry, policies.tuning.levers);
  const scene: Scene = { state, telemetry, policies, now, here };
  const isSettled = settled(state, policies, now);
  const look = isSettled ? windowOf(scene) : undefined;
  const early = look?.sharp === false ? decidedEarly(scene, look.measured) : undefined;
  if (early !== undefined) return early;
  const measured = look?.sharp === true ? look.measured : undefined;
  const learnt = measured === undefined ? tuning : learntFrom(tuning, measured, now);
  const asked = askedOf(telemetry, policies, learnt, now);
  const isNew = isNewDemand(tuning, asked);
  if (asked === undefined || (measured === undefined && !isNew)) {
    return waiting(scene, isSettled);
  }
  return answer(scene, { learnt, measured, asked, isNew });
}

/**
 * A window is as long as the answer needs: where the next step is safe by what is known already, waiting
 * for the last digit of this point would be wasted. To hold, or to go back, needs the whole of it.
 */
function decidedEarly(scene: Scene, measured: Measured): Decision | undefined {
  const { state, telemetry, policies, now, here } = scene;
  const learnt = learntFrom(state.tuning, measured, now);
  const asked = askedOf(telemetry, policies, learnt, now);
  if (asked === undefined || isNewDemand(state.tuning, asked)) return undefined;
  const view = viewOf(scene, learnt, asked, measured);
  if (view === undefined || !isSafe(scene, view)) return undefined;
  // Down towards the edge only: which frequency is best is a finer question.
  const next = nextStep(scene, view, true);
  const lower = (next?.point.voltage ?? Number.POSITIVE_INFINITY) < (here.voltage ?? 0);
  if (!lower || next?.point.frequency !== here.frequency) return undefined;
  const demanded: TuningState = { ...learnt, demand: asked.demand };
  const decision = conclude(scene, demanded, measured, view, { safe: true, next });
  return decision.action === undefined ? undefined : decision;
}

/** What there is to think about. */
interface News {
  readonly learnt: TuningState;
  readonly measured: Measured | undefined;
  readonly asked: Asked;
  readonly isNew: boolean;
}

function answer(scene: Scene, { learnt, measured, asked, isNew }: News): Decision {
  const { now, here, state } = scene;
  const view = viewOf(scene, learnt, asked, measured);
  if (view === undefined) return hold("tuner", now, learnt, "no model knows this point");
  const jumped = isNew ? jump(scene, learnt, view) : undefined;
  if (jumped !== undefined) return jumped;
  // The same object as long as it is the same demand: another one is worth the disk.
  const { demand: known = asked.demand } = state.tuning;
  const answered: TuningState = { ...learnt, demand: isNew ? asked.demand : known };
  if (measured !== undefined) return choose(scene, answered, measured, view);
  return hold("tuner", now, answered, `another demand, the same point: ${describePoint(here)}`);
}

function waiting({ state: { tuning }, telemetry, now, here }: Scene, isSettled: boolean): Decision {
  if (isBlind(telemetry)) {
    const words = "the chip temperature is not believable: not measured";
    return hold("tuner", now, { ...tuning, windowFrom: now }, words);
  }
  const doing = tuning.phase === "trial" ? "measuring" : "holding";
  const words = isSettled ? `${doing} ${describePoint(here)}` : "settling";
  return hold("tuner", now, tuning, words);
}

const sameCaps = (before: Demand | undefined, after: Demand): boolean =>
  before?.powerCap === after.powerCap && before?.noiseMaxDecibels === after.noiseMaxDecibels;

const isNewDemand = ({ demand }: TuningState, asked: Asked | undefined): boolean =>
  demand !== undefined && asked !== undefined && isOther(demand, asked.demand);

function learntFrom(tuning: TuningState, measured: Measured, now: EpochMs): TuningState {
  const { trial, ...rest } = tuning;
  const evaluations = tuning.evaluations + (trial === undefined ? 0 : 1);
  return { ...withMeasured(rest, measured, now), evaluations };
}

/** Another price, cap or quiet hour is answered at once, within what is proven: no search, no trial. */
function jump(scene: Scene, learnt: TuningState, view: View): Decision | undefined {
  const { policies, telemetry, here } = scene;
  const { model, warmer, asked } = view;
  const goal = jumpGoal(model, here, warmer, aimOf(view, HOLD_RISK), learnt, telemetry);
  if (goal === undefined || samePoint(goal.point, here)) return undefined;
  if (learnt.exhausted[leverOf(here, goal.point)] !== undefined) return undefined;
  const gain = asked.objective.gain(view.present, goal.forecast);
  if (gain < worthFor(scene, asked.objective, view.present)) return undefined;
  const what = sizeOf(asked.objective);
  const reason = `${describePoint(goal.point)} at once: ${(gain * 100).toFixed(1)} % ${what} by ${asked.words}`;
  const acts = policies.tuning.mode === "act";
  const outcome = { is: acts ? "change" : "suggestion", point: goal.point, reason } as const;
  const explanation = explain(scene, view, learnt, undefined, outcome);
  if (!acts) {
    const told: TuningState = { ...learnt, demand: asked.demand };
    const words = `${reason} (not sent: tuning.mode is ${policies.tuning.mode})`;
    return { ...hold("tuner", scene.now, told, words), ...present({ explanation }) };
  }
  const held: TuningState = { ...learnt, phase: "holding" };
  // After a curtailment the way back is no trial, and does not wait for the budget of trials.
  const purpose = sameCaps(learnt.demand, asked.demand) ? "tune" : "restore";
  const decision = startTrial(scene, held, goal.point, purpose, reason);
  const chosen: TuningState = { ...decision.tuning, demand: asked.demand };
  return { ...decision, tuning: chosen, ...present({ explanation }) };
}

function choose(scene: Scene, learnt: TuningState, measured: Measured, view: View): Decision {
  const safe = isSafe(scene, view);
  return conclude(scene, learnt, measured, view, { safe, next: nextStep(scene, view, safe) });
}

function conclude(
  scene: Scene,
  learnt: TuningState,
  measured: Measured,
  view: View,
  { safe, next }: { readonly safe: boolean; readonly next: Next | undefined },
): Decision {
  const { state, telemetry, policies, now, here } = scene;
  const held: TuningState = {
    ...learnt,
    phase: "holding",
    ...(safe ? { best: measured } : {}),
    since: learnt.phase === "holding" ? learnt.since : now,
  };
  const words = figures(measured, learnt.baseline ?? measured, telemetry, view.model);
  // A lever that failed there once, by not acting, is not moved again.
  const barred = next !== undefined && learnt.exhausted[leverOf(here, next.point)] !== undefined;
  if (next === undefined || barred) {
    // The figures once, when the trial ends; a machine that is held says the same at every turn.
    const told = state.tuning.trial === undefined ? "" : `: ${words}`;
    // Where nothing better is known, this is the best, safe or not.
    const kept: TuningState = { ...held, best: measured };
    const decision = hold("tuner", now, kept, `holding ${describePoint(here)}${told}`);
    const resting = { is: "hold", point: here, reason: `holding: ${words}` } as const;
    return {
      ...decision,
      ...present({ explanation: explain(scene, view, kept, measured, resting) }),
    };
  }
  const reason = `${next.reason}; here ${words}`;
  const acts = policies.tuning.mode === "act";
  const outcome = { is: acts ? "change" : "suggestion", point: next.point, reason } as const;
  const explanation = explain(scene, view, held, measured, outcome);
  const decision = acts
    ? startTrial(scene, held, next.point, next.purpose, reason)
    : hold("tuner", now, held, `${reason} (not sent: tuning.mode is ${policies.tuning.mode})`);
  return { ...decision, ...present({ explanation }) };
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
  purpose: Purpose,
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

const leverOf = (from: Point, to: Point): Lever =>
  LEVERS.find((lever) => from[lever] !== to[lever]) ?? "voltage";
