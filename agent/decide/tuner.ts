// The first tuner: baseline, then one careful step at a time on one lever, kept only when it pays.
//
//   waiting -> baseline -> choosing -> trial -> better: choosing
//                 ^           |          \---> worse:  reverting -> choosing
//                 |           v
//                 +------- holding   (every lever used up; again after retuneHours)

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { activeLevers, describePoint, nearPoint, pointOf } from "../state/point.ts";
import { measure } from "../state/samples.ts";
import type { TuningState } from "../state/tuning.ts";
import { equalise } from "./equalise.ts";
import { withMeasured } from "./evidence.ts";
import { watchBest } from "./holding.ts";
import { isModelled } from "./learn.ts";
import { hold, type Policies, startedAnew } from "./policies.ts";
import { propose } from "./propose.ts";
import { revert } from "./revert.ts";
import { windowStart } from "./scene.ts";
import { settled } from "./settling.ts";
import { steer } from "./steer.ts";
import { describeMeasured } from "./trial.ts";
import { watchTrial } from "./watch-trial.ts";

const MINUTE = 60_000;

export function tune(state: DeviceState, policies: Policies, now: EpochMs): Decision {
  const telemetry = state.telemetry;
  const blocked = blockedBy(state, telemetry);
  if (telemetry === undefined || blocked !== undefined) {
    return hold("tuner", now, state.tuning, blocked ?? "no reading yet");
  }
  const { phase } = state.tuning;
  // Who is on the way somewhere must arrive, however the machine does.
  const unfit =
    phase === "trial" || phase === "reverting" ? undefined : unfitFor(telemetry, policies);
  if (unfit !== undefined) return hold("tuner", now, state.tuning, unfit);
  return (
    equalise(state, telemetry, policies, now) ?? PHASES[phase](state, telemetry, policies, now)
  );
}

type Phase = (
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
) => Decision;

const PHASES: { readonly [Name in TuningState["phase"]]: Phase } = {
  waiting: begin,
  baseline: takeBaseline,
  choosing: (...all) =>
    changedByOthers(...all) ?? (modelled(...all) ? lead(...all) : propose(...all)),
  trial: watchTrial,
  reverting: revert,
  holding: (...all) =>
    changedByOthers(...all) ?? (modelled(...all) ? lead(...all) : watchBest(...all)),
  frozen: (state, _telemetry, _policies, now) =>
    hold("tuner", now, state.tuning, "frozen after repeated crashes"),
};

const modelled = (_state: DeviceState, ...[telemetry, policies]: [Telemetry, Policies, EpochMs]) =>
  isModelled(telemetry, policies);

/**
 * The model leads all levers but the fans: what they draw and how they cool differs from site to site, so
 * that they are tried out, once there is nothing better for the model to try.
 */
function lead(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const decision = steer(state, telemetry, policies, now);
  const { tuning } = decision;
  const isHeld = tuning !== state.tuning && tuning.phase === "holding" && tuning.best !== undefined;
  const isOpen = policies.tuning.levers.includes("fan") && tuning.exhausted.fan === undefined;
  if (decision.action !== undefined || !isHeld || !isOpen) return decision;
  const fans = propose({ ...state, tuning }, telemetry, policies, now, ["fan"]);
  return fans.action === undefined ? { ...decision, tuning: fans.tuning } : fans;
}

/** What stops every phase, a revert included. */
function blockedBy(state: DeviceState, telemetry: Telemetry | undefined): string | undefined {
  if (telemetry === undefined) return "no reading yet";
  if (state.link.status !== "up") return `not answering: ${state.link.code ?? "unknown"}`;
  if (state.write !== undefined) return "waiting for the last change to be seen";
  const activity = telemetry.activity?.value;
  // Somebody put it to sleep: a setting now might wake it.
  if (activity === "sleeping" || activity === "stopped") return `machine is ${activity}`;
  return undefined;
}

function unfitFor(telemetry: Telemetry, policies: Policies): string | undefined {
  const activity = telemetry.activity?.value;
  if (activity !== undefined && activity !== "hashing") return `machine is ${activity}`;
  if (!telemetry.identity.modelKnown) return "model is unknown: reading only";
  if (activeLevers(telemetry, policies.tuning.levers).length === 0) {
    return "nothing to tune: this machine offers none of the levers in tuning.levers";
  }
  const missing = policies.tuning.levers.filter(
    (lever) => telemetry.controls[lever] !== undefined && telemetry.setpoint[lever] === undefined,
  );
  // Else half a point would be taken for the whole of it, and for somebody else's change.
  if (missing.length > 0 && telemetry.problems.length > 0) {
    return `part of the reading failed: not told is ${missing.join(", ")}`;
  }
  if (telemetry.power === undefined) return "no watts are told: an efficiency would be a guess";
  if (telemetry.power.quality !== "ok") return "the watts are not believable";
  return undefined;
}

function begin(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const found = pointOf(telemetry, policies.tuning.levers);
  const tuning: TuningState = {
    ...state.tuning,
    phase: "baseline",
    since: now,
    stock: state.tuning.stock ?? found,
  };
  return hold("tuner", now, tuning, `measuring the machine as it is: ${describePoint(found)}`);
}

function takeBaseline(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  if (!settled(state, policies, now)) return hold("tuner", now, tuning, "settling");
  const from = windowStart(state, tuning, policies);
  const measured = measure(state, from, pointOf(telemetry, policies.tuning.levers));
  const needed = policies.tuning.measureMinutes * MINUTE;
  if (measured === undefined || measured.to - measured.from < needed) {
    return hold("tuner", now, tuning, "measuring the baseline");
  }
  const baseline = tuning.baseline ?? measured;
  const next: TuningState = {
    ...withMeasured(tuning, measured, now),
    phase: "choosing",
    since: now,
    baseline,
    best: measured,
  };
  const words = `baseline ${describeMeasured(measured, baseline, telemetry)} over ${measured.samples} readings`;
  return hold("tuner", now, next, words);
}

/** An operator, another tool or a restart moved the machine: what was measured does not hold there. */
function changedByOthers(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const best = state.tuning.best;
  const found = pointOf(telemetry, policies.tuning.levers);
  if (best === undefined || nearPoint(found, best.point, telemetry.controls)) return undefined;
  const next = startedAnew(state.tuning, now);
  return hold(
    "tuner",
    now,
    next,
    `somebody else moved the machine from ${describePoint(best.point)} to ${describePoint(found)}: measuring anew`,
  );
}
