// Back to the last known good point, until the machine shows it.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describePoint, pointOf, settingsBetween } from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import { change, hold, type Policies } from "./policies.ts";

const DAY = 24 * 60 * 60_000;
/** A machine that does not take its own old point back needs a technician, not a fourth attempt. */
const MOST_ATTEMPTS = 3;

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
    const frozen: TuningState = {
      ...tuning,
      phase: "frozen",
      since: now,
      failedRestores: 0,
      frozenUntil: (now + DAY) as EpochMs,
    };
    const words = `the machine did not take ${describePoint(good)} back in ${MOST_ATTEMPTS} attempts: no tuning for a day`;
    return hold("tuner", now, frozen, words);
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

function countFailure(state: DeviceState): TuningState {
  const { outcome, tuning } = state;
  const failed =
    outcome !== undefined &&
    outcome.action.purpose === "restore" &&
    outcome.action.at >= tuning.since &&
    outcome.verdict !== "applied";
  return failed ? { ...tuning, failedRestores: (tuning.failedRestores ?? 0) + 1 } : tuning;
}

function arrived(tuning: TuningState, now: EpochMs, words: string): Decision {
  const { failedRestores: _none, ...rest } = tuning;
  if (rest.frozenUntil !== undefined) {
    return hold("tuner", now, { ...rest, phase: "frozen", since: now }, `${words}: frozen here`);
  }
  const phase = rest.baseline === undefined ? "baseline" : "choosing";
  return hold("tuner", now, { ...rest, phase, since: now }, words);
}
