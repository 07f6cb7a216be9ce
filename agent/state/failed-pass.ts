// What becomes of a pass of equalising that was not kept.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { TuningState } from "./tuning.ts";

const HOUR = 60 * 60_000;

/** The pass is given up; the next one may come after a day, doubled with each failure in a row. */
export function afterFailedPass(tuning: TuningState, now: EpochMs): TuningState {
  const { equaliser } = tuning;
  if (equaliser?.pass === undefined) return tuning;
  const { pass: _given, ...rest } = equaliser;
  const failed = (equaliser.failed ?? 0) + 1;
  const restUntil = (now + 24 * HOUR * 2 ** Math.min(4, failed - 1)) as EpochMs;
  return { ...tuning, equaliser: { ...rest, failed, restUntil } };
}

/** The same with no pass under way: whoever ends it must bring the good offsets back. */
export function withoutPass(tuning: TuningState): TuningState {
  if (tuning.equaliser?.pass === undefined) return tuning;
  const { pass: _ended, ...equaliser } = tuning.equaliser;
  return { ...tuning, equaliser };
}
