// Back to the last known good point, until the machine shows it.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, pointOf, settingsBetween } from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import { change, hold, type Policies } from "./policies.ts";

const DAY = 24 * 60 * 60_000;
/** Each failed attempt doubles the pause before the next one: a restarting machine is busy for minutes. */
const FIRST_PAUSE = 60_000;
/** A machine that does not take its own old point back needs a technician, not a sixth attempt. */
const MOST_ATTEMPTS = 5;

export function revert(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const tuning = countFailure(state);
  const good = tuning.best?.point ?? tuning.stock;
  if (good === undefined) {
    return hold("tuner", now, { ...tuning, phase: "waiting", since: now }, "no known good point");
  }
  const settings = settingsBetween(
    pointOf(telemetry, policies.tuning.levers),
    good,
    telemetry.controls,
  );
  if (settings.length === 0) return arrived(tuning, now, `back at ${describePoint(good)}`);
  if ((tuning.failedRestores ?? 0) >= MOST_ATTEMPTS) {
    const { failedRestores: _all, countedRestore: _last, ...rest } = tuning;
    const frozen: TuningState = {
      ...rest,
      phase: "frozen",
      since: now,
      frozenUntil: Math.max(now + DAY, tuning.frozenUntil ?? 0) as EpochMs,
    };
    const words = `the machine did not take ${describePoint(good)} back in ${MOST_ATTEMPTS} attempts: no tuning for a day`;
    return hold("tuner", now, frozen, words);
  }
  if (tuning.failedRestores !== undefined && now - tuning.since < pauseAfter(tuning)) {
    const words = `the machine did not take ${describePoint(good)} back: ${lastWords(state)}; trying again soon`;
    return hold("tuner", now, tuning, words);
  }
  // `since` marks this attempt, so that only its own outcome is counted.
  return change(
    state,
    "tuner",
    now,
    { ...tuning, since: now },
    {
      purpose: "restore",
      settings,
      reason: `back to the last known good point: ${describePoint(good)}`,
    },
  );
}

const pauseAfter = ({ failedRestores }: TuningState): number =>
  FIRST_PAUSE * 2 ** ((failedRestores ?? 1) - 1);

/** Any attempt that is over and left the machine elsewhere failed, whatever it answered or read back. */
function countFailure(state: DeviceState): TuningState {
  const { outcome, decision, tuning } = state;
  const { at, purpose } = outcome?.action ?? {};
  const ended = purpose === "restore" && at !== undefined && at >= tuning.since;
  const refused = decision?.refused !== undefined && decision.at >= tuning.since;
  const counted = tuning.countedRestore === tuning.since;
  if (counted || !(ended || refused)) return tuning;
  return {
    ...tuning,
    failedRestores: (tuning.failedRestores ?? 0) + 1,
    countedRestore: tuning.since,
  };
}

function lastWords({ outcome, decision }: DeviceState): string {
  return decision?.refused ?? outcome?.detail ?? "no answer";
}

function arrived(tuning: TuningState, now: EpochMs, words: string): Decision {
  const { failedRestores: _none, countedRestore: _counted, ...rest } = tuning;
  if (rest.frozenUntil !== undefined) {
    return hold("tuner", now, { ...rest, phase: "frozen", since: now }, `${words}: frozen here`);
  }
  const phase = rest.baseline === undefined ? "baseline" : "choosing";
  return hold("tuner", now, { ...rest, phase, since: now }, words);
}
