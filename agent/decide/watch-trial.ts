// A trial is under way: was the setting taken, does the machine bear it, does it pay?

import type { Lever } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, isNear, pointOf } from "../state/point.ts";
import type { Measured, Trial, TuningState } from "../state/tuning.ts";
import { withEvidence } from "./evidence.ts";
import { isModelled } from "./learn.ts";
import { nextScale } from "./levers.ts";
import { hold, type Policies, startedAnew } from "./policies.ts";
import { settled } from "./settling.ts";
import { steer } from "./steer.ts";
import { overTheCliff, ruleOnTrial } from "./trial.ts";

const MINUTE = 60_000;

export function watchTrial(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { trial, ...tuning } = state.tuning;
  if (trial === undefined) {
    return hold("tuner", now, { ...tuning, phase: "baseline", since: now }, "no trial is known");
  }
  const outcome = state.outcome;
  if (outcome !== undefined && outcome.action.at >= trial.since && outcome.verdict !== "applied") {
    const reason = `${trial.lever}: ${outcome.verdict} (${outcome.detail})`;
    return giveUp(state, trial, now, reason, true);
  }
  const found = pointOf(telemetry, policies.tuning.levers);
  if (movedByOthers(trial, found, telemetry)) {
    const words = `somebody else moved the machine to ${describePoint(found)} during a trial: measuring anew`;
    return hold("tuner", now, startedAnew(tuning, now), words);
  }
  if (isGovernorOff(trial)) return governorIsOff(tuning, now);
  const longest = policies.tuning.trialMinutes;
  if (now - trial.since > longest * MINUTE) {
    return giveUp(state, trial, now, `not confirmed within ${longest} minutes`, false);
  }
  if (trial.lever !== "fan" && isModelled(telemetry, policies)) {
    const cliff = overTheCliff(state, found, policies.safety.hashRatioRevert);
    if (cliff === undefined) return steer(state, telemetry, policies, now);
    return backFromTheCliff(tuning, trial, now, cliff);
  }
  return compare(state, trial, found, policies, now);
}

/** Against the best point so far, on averages: where no model foretells what a lever does. */
function compare(
  state: DeviceState,
  trial: Trial,
  found: Point,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { trial: _ended, ...tuning } = state.tuning;
  const ruling = ruleOnTrial(state, trial, found, policies);
  if (ruling.is === "worse") return giveUp(state, trial, now, ruling.reason, false);
  if (ruling.is === "early") return hold("tuner", now, state.tuning, ruling.reason);
  if (!settled(state, policies, now)) return hold("tuner", now, state.tuning, "settling");
  const kept: TuningState = {
    ...tuning,
    phase: "choosing",
    since: now,
    best: ruling.measured,
    evaluations: tuning.evaluations + 1,
    ...reopened(tuning, trial.lever),
  };
  return hold("tuner", now, kept, `keep: ${ruling.reason}`);
}

/** Neither at the point that is tried nor at the one before it, by more than a step of the knob. */
function movedByOthers({ lever, from, to }: Trial, found: Point, { controls }: Telemetry): boolean {
  const value = found[lever];
  if (value === undefined) return false;
  return !isNear(lever, value, from[lever], controls) && !isNear(lever, value, to[lever], controls);
}

const isGovernorOff = (trial: Trial): boolean =>
  trial.from.autotune === true && trial.to.autotune === false;

/** Nothing to measure: the point is the same, only nobody else moves it any more. */
function governorIsOff(tuning: TuningState, now: EpochMs): Decision {
  const best = tuning.best;
  const next: TuningState = {
    ...tuning,
    phase: "choosing",
    since: now,
    ...(best === undefined ? {} : { best: { ...best, point: { ...best.point, autotune: false } } }),
  };
  return hold("tuner", now, next, "the firmware's governor is off");
}

/** A fan goes on down from where it paid. */
function reopened(tuning: TuningState, lever: Lever): Pick<TuningState, "stepScale"> {
  if (lever !== "fan") return { stepScale: tuning.stepScale };
  return { stepScale: { ...tuning.stepScale, fan: nextScale("fan", tuning) ?? 0 } };
}

/** The model learns where the edge is; the machine goes back to where it was well. */
function backFromTheCliff(
  tuning: TuningState,
  trial: Trial,
  now: EpochMs,
  cliff: { readonly reason: string; readonly measured: Measured },
): Decision {
  const next: TuningState = {
    ...tuning,
    phase: "reverting",
    since: now,
    evaluations: tuning.evaluations + 1,
    evidence: withEvidence(tuning.evidence ?? [], cliff.measured),
  };
  return hold("tuner", now, next, `give up ${describePoint(trial.to)}: ${cliff.reason}`);
}

/** `final`: the lever does not act at all, so that a smaller step would not act either. */
function giveUp(
  state: DeviceState,
  trial: Trial,
  now: EpochMs,
  reason: string,
  final: boolean,
): Decision {
  const { trial: _ended, ...tuning } = state.tuning;
  const { lever } = trial;
  // Past the best fan speed: more steps the same way only get worse.
  const passed = lever === "fan" && tuning.best?.point.fan !== "auto";
  const scale = final || passed ? undefined : nextScale(lever, tuning);
  const next: TuningState = {
    ...tuning,
    phase: "reverting",
    since: now,
    evaluations: tuning.evaluations + 1,
    ...(scale === undefined
      ? { exhausted: { ...tuning.exhausted, [lever]: reason } }
      : { stepScale: { ...tuning.stepScale, [lever]: scale } }),
  };
  return hold("tuner", now, next, `give up ${describePoint(trial.to)}: ${reason}`);
}
