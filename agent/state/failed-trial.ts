// What is remembered of a trial in which the machine, or the agent that watched it, went away.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Measured, Trial, TuningState } from "./tuning.ts";

/** Back to the last known good point; the point that was tried counts as one over the edge. */
export function afterFailedTrial(tuning: TuningState, now: EpochMs, reason: string): TuningState {
  const { trial, ...rest } = tuning;
  if (trial === undefined) return tuning;
  const next: TuningState = {
    ...rest,
    phase: "reverting",
    since: now,
    evaluations: tuning.evaluations + 1,
  };
  const crash = crashAt(trial, tuning, now);
  return crash === undefined
    ? { ...next, exhausted: { ...rest.exhausted, [trial.lever]: reason } }
    : { ...next, evidence: [...(rest.evidence ?? []), crash] };
}

/** Undefined where no model learns from it: then the lever itself is given up. */
function crashAt(trial: Trial, tuning: TuningState, now: EpochMs): Measured | undefined {
  const known = tuning.best ?? tuning.baseline;
  const { frequency, voltage, profile } = trial.to;
  const learns = profile !== undefined || (frequency !== undefined && voltage !== undefined);
  if (known === undefined || !learns) return undefined;
  const { preset: _ofKnown, ...rest } = known;
  return { ...rest, point: trial.to, from: now, to: now, samples: 1, crashed: true };
}
