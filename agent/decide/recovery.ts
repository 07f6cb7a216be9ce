// After a crash, a lost machine or a lying sensor: back to what is known to be good.

import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { afterFailedTrial } from "../state/failed-trial.ts";
import type { TuningState } from "../state/tuning.ts";
import { hold, type Policies } from "./policies.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export function recovery(
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const { tuning } = state;
  if (tuning.phase === "frozen" && tuning.frozenUntil !== undefined) {
    if (now < tuning.frozenUntil) {
      return hold(
        "recovery",
        now,
        tuning,
        `no tuning until ${new Date(tuning.frozenUntil).toISOString()}: too many crashes`,
      );
    }
    const { frozenUntil: _until, best: _best, ...rest } = tuning;
    return hold(
      "recovery",
      now,
      { ...rest, phase: "waiting", since: now },
      "tuning again after the freeze",
    );
  }
  const crash = state.crashes.at(-1);
  if (crash === undefined || crash <= tuning.since) return staleSensors(state, policies, now);
  if (state.crashes.length >= policies.safety.crashesPerDay) {
    return freeze(state, policies, now);
  }
  return afterCrash(state, crash, now);
}

function freeze(state: DeviceState, policies: Policies, now: EpochMs): Decision {
  const { trial: _trial, best: _best, ...tuning } = state.tuning;
  const days = policies.safety.freezeDays;
  const next: TuningState = {
    ...tuning,
    // Without a best point, "reverting" goes back to the point the machine was found at.
    phase: "reverting",
    since: now,
    frozenUntil: (now + days * DAY) as EpochMs,
  };
  return hold(
    "recovery",
    now,
    next,
    `${state.crashes.length} unexpected restarts in a day: back to the first point, no tuning for ${days} days`,
  );
}

function afterCrash(state: DeviceState, crash: EpochMs, now: EpochMs): Decision | undefined {
  const { trial, ...tuning } = state.tuning;
  const when = new Date(crash).toISOString();
  if (trial === undefined) {
    // The machine may have forgotten its settings with the restart: look, and restore if so.
    if (tuning.best === undefined || tuning.phase !== "holding") return undefined;
    const next: TuningState = { ...tuning, phase: "reverting", since: now };
    return hold(
      "recovery",
      now,
      next,
      `unexpected restart at ${when}: checking the known good point`,
    );
  }
  const next = afterFailedTrial(state.tuning, now, "the machine restarted during the trial");
  return hold(
    "recovery",
    now,
    next,
    `unexpected restart at ${when} during a trial: back to the known good point`,
  );
}

/** The trial is given up, because what it does cannot be seen; what is known to be good is kept. */
function staleSensors(state: DeviceState, policies: Policies, now: EpochMs): Decision | undefined {
  const words = blindFor(state, policies, now);
  // Who is on the way back must arrive.
  if (words === undefined || state.tuning.phase === "reverting") return undefined;
  const { trial, ...tuning } = state.tuning;
  if (trial === undefined) return hold("recovery", now, state.tuning, words);
  const next: TuningState = {
    ...tuning,
    phase: "reverting",
    since: now,
    evaluations: tuning.evaluations + 1,
  };
  return hold("recovery", now, next, `trial is given up: ${words}`);
}

function blindFor(state: DeviceState, policies: Policies, now: EpochMs): string | undefined {
  const longest = policies.safety.sensorFrozenMinutes * MINUTE;
  const since = state.frozenSince;
  if (since !== undefined && now - since >= longest) {
    const minutes = ((now - since) / MINUTE).toFixed(0);
    return `readings repeat to the digit for ${minutes} minutes: the firmware serves an old answer`;
  }
  if (state.tuning.trial === undefined) return undefined;
  const recent = state.samples.since(epochMs(now - longest));
  const first = recent.at(0);
  const seen = recent.values("chip").length > 0;
  if (first === undefined || seen || now - first.at < longest * 0.8) return undefined;
  return "no temperature for minutes";
}
