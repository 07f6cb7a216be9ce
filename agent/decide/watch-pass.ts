// A pass of equalising is under way: was it taken, and does the machine deliver at least what it did?

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { Pass } from "../state/equaliser.ts";
import { afterFailedPass } from "../state/failed-pass.ts";
import { pointOf } from "../state/point.ts";
import { measure } from "../state/samples.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { jitterOf, withMeasured } from "./evidence.ts";
import { hold, type Policies } from "./policies.ts";
import { settled } from "./settling.ts";
import { overTheCliff } from "./trial.ts";

const MINUTE = 60_000;
/** Of the machine's ratio: a pass must not cost more than this unseen. */
const PRECISION = 0.003;
const LONGEST = 60 * MINUTE;

export function watchPass(
  state: DeviceState,
  pass: Pass,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  const point = pointOf(telemetry, policies.tuning.levers);
  const failed =
    failure(state, pass, now, policies) ??
    overTheCliff(state, point, policies.safety.hashRatioRevert)?.reason;
  if (failed !== undefined) return giveUp(state, now, failed);
  if (!settled(state, policies, now)) return hold("tuner", now, tuning, "settling after a pass");
  const from = epochMs(state.steadySince + policies.tuning.settleMinutes * MINUTE);
  const measured = measure(state, from, point);
  const needed = policies.tuning.measureMinutes * MINUTE;
  if (measured?.ratio === undefined || measured.samples < 3 || now - from < needed) {
    return hold("tuner", now, tuning, "measuring what a pass of equalising gave");
  }
  const jitter = jitterOf([...(tuning.evidence ?? []), measured]);
  const deviation = jitter / Math.sqrt(measured.samples);
  if (deviation > PRECISION && now - from < LONGEST) {
    return hold("tuner", now, tuning, "measuring what a pass of equalising gave");
  }
  const lost = pass.ratio - measured.ratio;
  if (lost > 2 * Math.hypot(deviation, pass.deviation)) {
    return giveUp(state, now, `${words(measured.ratio)}, before it ${words(pass.ratio)}`);
  }
  return keep(state, pass, measured, now);
}

function failure(
  state: DeviceState,
  pass: Pass,
  now: EpochMs,
  policies: Policies,
): string | undefined {
  const { outcome, crashes } = state;
  if (outcome !== undefined && outcome.action.at >= pass.since && outcome.verdict !== "applied") {
    return `${outcome.verdict} (${outcome.detail})`;
  }
  if ((crashes.at(-1) ?? 0) > pass.since) return "the machine restarted";
  const longest = policies.tuning.trialMinutes;
  return now - pass.since > longest * MINUTE
    ? `not confirmed within ${longest} minutes`
    : undefined;
}

/** The next turn finds the offsets elsewhere, and restores the good ones. */
function giveUp(state: DeviceState, now: EpochMs, reason: string): Decision {
  const tuning = afterFailedPass(state.tuning, now);
  const evaluations = tuning.evaluations + 1;
  return hold("tuner", now, { ...tuning, evaluations }, `give up a pass of equalising: ${reason}`);
}

function keep(state: DeviceState, pass: Pass, measured: Measured, now: EpochMs): Decision {
  const { tuning } = state;
  const { equaliser } = tuning;
  if (equaliser === undefined) return hold("tuner", now, tuning, "no pass is known");
  const { pass: _kept, failed: _none, restUntil: _over, ...rest } = equaliser;
  const passes = equaliser.passes + 1;
  const best: Measured = { ...measured, passes };
  const next: TuningState = {
    ...withMeasured(tuning, best, now),
    equaliser: { ...rest, passes, keptAt: now, good: { ...rest.good, ...pass.to } },
    best,
    // A lever that gave nothing more may give something now.
    exhausted: {},
    stepScale: {},
    evaluations: tuning.evaluations + 1,
  };
  const gain = ((measured.ratio ?? pass.ratio) - pass.ratio) * 100;
  const told = `keep pass ${passes} of equalising: ${words(measured.ratio ?? 0)}, ${gain.toFixed(2)} points more`;
  return hold("tuner", now, next, told);
}

const words = (ratio: number): string =>
  `delivers ${(100 * ratio).toFixed(2)} % of the expected hashrate`;
