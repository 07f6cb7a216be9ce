// The first tuner: baseline, then one careful step at a time on one lever, kept only when it pays.
//
//   waiting -> baseline -> trial -> (better) next trial
//                 ^          |  \-> (worse)  reverting -> next trial
//                 |          v
//                 +------ holding   (all levers used up; again after retuneHours or at the edge)

import type { Lever, Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, pointOf, settingsBetween } from "../state/point.ts";
import { drift, measure } from "../state/samples.ts";
import type { TuningState } from "../state/tuning.ts";
import { activeLevers, candidate, nextScale } from "./levers.ts";
import { change, hold, type Policies } from "./policies.ts";
import { describeMeasured, ruleOnTrial } from "./trial.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Kelvin a minute; firmware rounds to whole degrees, so a stricter test never passes. */
const SETTLED_DRIFT = 0.25;

export function tune(state: DeviceState, policies: Policies, now: EpochMs): Decision {
  const telemetry = state.telemetry;
  const obstacle = obstacleTo(state, telemetry, policies);
  if (telemetry === undefined || obstacle !== undefined) {
    return hold("tuner", now, state.tuning, obstacle ?? "no reading yet");
  }
  switch (state.tuning.phase) {
    case "waiting":
      return hold(
        "tuner",
        now,
        {
          ...state.tuning,
          phase: "baseline",
          since: now,
          stock: state.tuning.stock ?? pointOf(telemetry),
        },
        `measuring the machine as it is: ${describePoint(pointOf(telemetry))}`,
      );
    case "baseline":
      return takeBaseline(state, telemetry, policies, now);
    case "trial":
      return watchTrial(state, telemetry, policies, now);
    case "reverting":
      return revert(state, telemetry, policies, now);
    case "holding":
      return watchBest(state, telemetry, policies, now);
    case "frozen":
      return hold("tuner", now, state.tuning, "frozen after repeated crashes");
  }
}

function obstacleTo(
  state: DeviceState,
  telemetry: Telemetry | undefined,
  policies: Policies,
): string | undefined {
  if (telemetry === undefined) return "no reading yet";
  if (state.link.status !== "up") return `not answering: ${state.link.code ?? "unknown"}`;
  if (state.write !== undefined) return "waiting for the last change to be seen";
  if (telemetry.activity !== undefined && telemetry.activity.value !== "hashing") {
    return `machine is ${telemetry.activity.value}`;
  }
  if (!telemetry.identity.modelKnown) return "model is unknown: reading only";
  if (activeLevers(telemetry, policies.tuning.levers).length === 0) {
    return "nothing to tune: this machine offers none of the levers allowed in tuning.levers";
  }
  if (telemetry.power === undefined)
    return "machine tells no watts: an efficiency would be a guess";
  if (telemetry.power.quality !== "ok") return "watts are not believable";
  return undefined;
}

/** Heat and averages have come to rest after the last change. */
function settled(state: DeviceState, policies: Policies, now: EpochMs): boolean {
  const rested = now - state.steadySince;
  if (rested < policies.tuning.settleMinutes * MINUTE) return false;
  // Weather may move for hours: it must not hold up the measurement for ever.
  if (rested > 3 * (policies.tuning.settleMinutes + policies.tuning.measureMinutes) * MINUTE)
    return true;
  const slope = drift(state.samples, now);
  return slope === undefined || Math.abs(slope) <= SETTLED_DRIFT;
}

function takeBaseline(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  if (!settled(state, policies, now)) return hold("tuner", now, tuning, "settling");
  const from = (state.steadySince + policies.tuning.settleMinutes * MINUTE) as EpochMs;
  const measured = measure(state, from);
  if (
    measured === undefined ||
    measured.to - measured.from < policies.tuning.measureMinutes * MINUTE
  ) {
    return hold("tuner", now, tuning, "measuring the baseline");
  }
  const next: TuningState = { ...tuning, baseline: measured, best: measured };
  const words = `baseline ${describeMeasured(measured, measured, telemetry)} over ${measured.samples} readings`;
  return propose({ ...state, tuning: next }, telemetry, policies, now, words);
}

/** Starts the next trial, or settles down when every lever is used up. */
function propose(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
  because: string,
): Decision {
  let { tuning } = state;
  const from = pointOf(telemetry);
  for (const lever of activeLevers(telemetry, policies.tuning.levers)) {
    if (tuning.exhausted[lever] !== undefined) continue;
    const found = candidate(lever, from, tuning, telemetry);
    if ("end" in found) {
      tuning = { ...tuning, exhausted: { ...tuning.exhausted, [lever]: found.end } };
      continue;
    }
    return startTrial({ ...state, tuning }, telemetry, now, lever, found.point, because, policies);
  }
  const done: TuningState = { ...tuning, phase: "holding", since: now };
  return hold(
    "tuner",
    now,
    done,
    `${because}; every lever is used up, holding ${describePoint(from)}`,
  );
}

function startTrial(
  state: DeviceState,
  telemetry: Telemetry,
  now: EpochMs,
  lever: Lever,
  to: Point,
  because: string,
  policies: Policies,
): Decision {
  const from = pointOf(telemetry);
  const governed = (lever === "voltage" || lever === "frequency") && from.autotune === true;
  // The firmware's governor would move a manual point back: it goes off by itself, first.
  const target: Point = governed ? { ...from, autotune: false } : to;
  const settings: readonly Setting[] = settingsBetween(from, target, telemetry.controls);
  const reason = governed
    ? `${because}; switch the firmware's own governor off, it would move a manual point back`
    : `${because}; try ${describePoint(to)}`;
  if (policies.tuning.mode !== "act") {
    const waiting: TuningState = { ...state.tuning, phase: "holding", since: now };
    return hold(
      "tuner",
      now,
      waiting,
      `${reason} (not sent: tuning.mode is ${policies.tuning.mode})`,
    );
  }
  const trial = { lever, from, to: target, since: now };
  const tuning: TuningState = { ...state.tuning, phase: "trial", since: now, trial };
  return change(state, "tuner", now, tuning, { purpose: "tune", settings, reason });
}

function watchTrial(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { trial, ...tuning } = state.tuning;
  if (trial === undefined)
    return hold("tuner", now, { ...tuning, phase: "baseline", since: now }, "no trial");
  const outcome = state.outcome;
  if (outcome !== undefined && outcome.action.at >= trial.since && outcome.verdict !== "applied") {
    const reason = `${trial.lever}: ${outcome.verdict} (${outcome.detail})`;
    return giveUp(state, now, trial.lever, reason, true);
  }
  if (trial.to.autotune === false && trial.from.autotune === true) {
    const next: TuningState = { ...tuning, phase: "baseline", since: now };
    return propose({ ...state, tuning: next }, telemetry, policies, now, "the governor is off");
  }
  if (now - trial.since > policies.tuning.trialMinutes * MINUTE) {
    return giveUp(
      state,
      now,
      trial.lever,
      `not confirmed within ${policies.tuning.trialMinutes} minutes`,
      false,
    );
  }
  const ruling = ruleOnTrial(state, trial, policies);
  if (ruling.is === "worse") return giveUp(state, now, trial.lever, ruling.reason, false);
  if (ruling.is === "early" || !settled(state, policies, now)) {
    return hold("tuner", now, state.tuning, ruling.is === "early" ? ruling.reason : "settling");
  }
  const kept: TuningState = {
    ...tuning,
    phase: "baseline",
    since: now,
    best: ruling.measured,
    evaluations: tuning.evaluations + 1,
    ...reopened(tuning, trial.lever),
  };
  return propose({ ...state, tuning: kept }, telemetry, policies, now, `keep: ${ruling.reason}`);
}

/** At a lower frequency the chips stand less voltage, so that lever opens again; a fan goes on down. */
function reopened(tuning: TuningState, lever: Lever): Pick<TuningState, "exhausted" | "stepScale"> {
  const { voltage: _ended, ...exhausted } = tuning.exhausted;
  const { voltage: _scale, ...stepScale } = tuning.stepScale;
  if (lever === "frequency") return { exhausted, stepScale };
  if (lever !== "fan") return { exhausted: tuning.exhausted, stepScale: tuning.stepScale };
  return {
    exhausted: tuning.exhausted,
    stepScale: { ...tuning.stepScale, fan: nextScale("fan", tuning) ?? 0 },
  };
}

/** `final`: the lever does not act at all, so that a smaller step would not act either. */
function giveUp(
  state: DeviceState,
  now: EpochMs,
  lever: Lever,
  reason: string,
  final: boolean,
): Decision {
  const { trial: _trial, ...tuning } = state.tuning;
  const found = tuning.best?.point.fan !== "auto" && lever === "fan";
  const scale = final || found ? undefined : nextScale(lever, tuning);
  const next: TuningState = {
    ...tuning,
    phase: "reverting",
    since: now,
    evaluations: tuning.evaluations + 1,
    ...(scale === undefined
      ? { exhausted: { ...tuning.exhausted, [lever]: reason } }
      : { stepScale: { ...tuning.stepScale, [lever]: scale } }),
  };
  return hold("tuner", now, next, `give up ${describeTried(state)}: ${reason}`);
}

const describeTried = (state: DeviceState): string =>
  state.tuning.trial === undefined ? "the trial" : describePoint(state.tuning.trial.to);

function revert(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const good = state.tuning.best?.point ?? state.tuning.stock;
  if (good === undefined) {
    return hold(
      "tuner",
      now,
      { ...state.tuning, phase: "waiting", since: now },
      "no known good point",
    );
  }
  const settings = settingsBetween(pointOf(telemetry), good, telemetry.controls);
  if (settings.length > 0) {
    return change(state, "tuner", now, state.tuning, {
      purpose: "restore",
      settings,
      reason: `back to the last known good point: ${describePoint(good)}`,
    });
  }
  if (state.tuning.frozenUntil !== undefined) {
    return hold(
      "tuner",
      now,
      { ...state.tuning, phase: "frozen", since: now },
      "frozen at the first point",
    );
  }
  if (state.tuning.baseline === undefined) {
    return hold(
      "tuner",
      now,
      { ...state.tuning, phase: "baseline", since: now },
      "back at the known good point",
    );
  }
  return propose(state, telemetry, policies, now, `back at ${describePoint(good)}`);
}

function watchBest(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  const creeping = atTheEdge(state, policies, now);
  const raised = creeping === undefined ? undefined : oneStepSafer(state, telemetry);
  if (creeping !== undefined && raised !== undefined && policies.tuning.mode === "act") {
    const settings = settingsBetween(pointOf(telemetry), raised, telemetry.controls);
    const { best, ...rest } = tuning;
    const next: TuningState = {
      ...rest,
      ...(best === undefined ? {} : { best: { ...best, point: raised } }),
      since: now,
    };
    return change(state, "tuner", now, next, { purpose: "protect", settings, reason: creeping });
  }
  if (now - tuning.since > policies.tuning.retuneHours * HOUR) {
    const again: TuningState = {
      ...tuning,
      phase: "baseline",
      since: now,
      exhausted: {},
      stepScale: {},
    };
    return hold("tuner", now, again, `tuning again after ${policies.tuning.retuneHours} hours`);
  }
  return hold("tuner", now, tuning, `holding ${describePoint(pointOf(telemetry))}`);
}

/** Cold chips need more voltage: a point found on a hot afternoon may be too tight at night. */
function atTheEdge(state: DeviceState, policies: Policies, now: EpochMs): string | undefined {
  const window = policies.tuning.measureMinutes * MINUTE;
  const measured = measure(state, (now - window) as EpochMs);
  if (measured?.ratio === undefined || measured.to - measured.from < window * 0.8) return undefined;
  if (measured.ratio + 2 * measured.uncertainty >= policies.safety.hashRatioFloor) return undefined;
  return `delivers ${(measured.ratio * 100).toFixed(1)} % of the expected hashrate: one step of voltage back`;
}

function oneStepSafer(state: DeviceState, telemetry: Telemetry): Point | undefined {
  const now = pointOf(telemetry);
  const stock = state.tuning.stock?.voltage;
  const knob = telemetry.controls.voltage;
  if (
    knob === undefined ||
    stock === undefined ||
    now.voltage === undefined ||
    now.voltage >= stock
  ) {
    return undefined;
  }
  const step = Math.max(knob.step, Math.min(100, stock - now.voltage));
  return { ...now, voltage: Math.min(stock, now.voltage + step) as typeof now.voltage };
}
