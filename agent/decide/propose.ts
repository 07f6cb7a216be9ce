// The next trial on the first lever that is not used up, or the end of the search.

import type { Lever, Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { activeLevers, describePoint, pointOf, settingsBetween } from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import { type Candidate, candidate } from "./levers.ts";
import { change, hold, type Policies } from "./policies.ts";

/** Starts the next trial, or settles down when every lever is used up. `among`: no other lever. */
export function propose(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
  among: readonly Lever[] = policies.tuning.levers,
): Decision {
  let { tuning } = state;
  if (policies.tuning.mode === "observe") {
    return hold(
      "tuner",
      now,
      { ...tuning, phase: "holding", since: now },
      "tuning.mode is observe",
    );
  }
  const from = pointOf(telemetry, policies.tuning.levers);
  for (const lever of activeLevers(telemetry, among)) {
    if (tuning.exhausted[lever] !== undefined) continue;
    const found = aboveFloor(candidate(lever, from, tuning, telemetry), from, tuning, policies);
    if ("end" in found) {
      tuning = { ...tuning, exhausted: { ...tuning.exhausted, [lever]: found.end } };
      continue;
    }
    return startTrial({ ...state, tuning }, telemetry, now, lever, found.point, policies);
  }
  const done: TuningState = { ...tuning, phase: "holding", since: now };
  return hold("tuner", now, done, `every lever is used up: holding ${describePoint(from)}`);
}

/** Hashrate follows frequency one to one, so a step through the floor need not be tried. */
function aboveFloor(
  found: Candidate,
  from: Point,
  tuning: TuningState,
  policies: Policies,
): Candidate {
  const { best, baseline } = tuning;
  if ("end" in found || best === undefined || baseline === undefined) return found;
  if (found.point.frequency === undefined || from.frequency === undefined) return found;
  const left = (best.rate / baseline.rate) * (found.point.frequency / from.frequency);
  if (left >= policies.tuning.hashrateFloor) return found;
  const percent = (left * 100).toFixed(1);
  return { end: `${describePoint(found.point)} would leave ${percent} % of the first hashrate` };
}

function startTrial(
  state: DeviceState,
  telemetry: Telemetry,
  now: EpochMs,
  lever: Lever,
  to: Point,
  policies: Policies,
): Decision {
  const from = pointOf(telemetry, policies.tuning.levers);
  const governed = (lever === "voltage" || lever === "frequency") && from.autotune === true;
  // The firmware's governor would move a manual point back: it goes off by itself, first.
  const target: Point = governed ? { ...from, autotune: false } : to;
  const settings: readonly Setting[] = settingsBetween(from, target, telemetry.controls);
  const reason = governed
    ? "switch the firmware's own governor off: it would move a manual point back"
    : `try ${describePoint(to)}, one step of ${lever} from ${describePoint(from)}`;
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
