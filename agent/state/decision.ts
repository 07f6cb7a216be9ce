// The outcome of one turn of thinking, kept with its reason.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Action } from "./action.ts";
import type { Explanation } from "./explanation.ts";
import type { TuningState } from "./tuning.ts";

export interface Decision {
  readonly at: EpochMs;
  /** Which policy spoke. */
  readonly policy: "recovery" | "thermal" | "curtail" | "tuner";
  /** Absent: leave the machine as it is. */
  readonly action?: Action;
  /** In words and figures, for the log and the page. */
  readonly reason: string;
  /** Why the guard did not let the action through. */
  readonly refused?: string;
  /** The heat is over: what was lowered because of it may be restored. */
  readonly cooled?: true;
  /** What it was made of; only where something new is decided. */
  readonly explanation?: Explanation;
  readonly tuning: TuningState;
  /** What is remembered when the action is refused: what was learnt stays learnt. */
  readonly ifRefused?: TuningState;
}
