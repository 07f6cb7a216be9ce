// All that is known about one machine.

import type { DeviceErrorCode } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs, Milliseconds } from "../../drivers/contract/units.ts";
import type { Action, Verdict } from "./action.ts";
import type { Decision } from "./decision.ts";
import type { Doubt } from "./doubt.ts";
import type { Explanation } from "./explanation.ts";
import type { PartCounts } from "./part-counts.ts";
import type { SampleSeries } from "./sample-series.ts";
import type { TuningState } from "./tuning.ts";

export interface Link {
  /** `unknown` until the first answer or failure. */
  readonly status: "unknown" | "up" | "down";
  readonly since: EpochMs;
  readonly code?: DeviceErrorCode;
  readonly message?: string;
  /** Failed readings in a row. */
  readonly failures: number;
  readonly latency?: Milliseconds;
}

/** A write that was sent and not yet judged. */
export interface PendingWrite {
  readonly action: Action;
  readonly sentAt: EpochMs;
  readonly deadline: EpochMs;
  readonly answer: "accepted" | "silent";
  /** The machine just before, to see the physical effect against. */
  readonly before: Telemetry;
}

export interface WriteOutcome {
  readonly action: Action;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly at: EpochMs;
}

/** What tells one machine from another at the same address; absent where it is not told. */
export interface Unit {
  readonly model?: string;
  readonly mac?: string;
  readonly serial?: string;
  /** What it runs: its name, and its version. */
  readonly firmware?: string;
  readonly firmwareVersion?: string;
}

/** What was learnt, and of whom. */
export interface Shelved {
  readonly unit: Unit;
  readonly tuning: TuningState;
}

export interface DeviceState {
  readonly id: string;
  /** Whom all of this is about. */
  readonly unit?: Unit;
  readonly link: Link;
  /** The last complete reading; its age tells whether it may be used. */
  readonly telemetry?: Telemetry;
  /** Readings since the set-point or the activity last changed, oldest first. */
  readonly samples: SampleSeries;
  /** Hours of what each board and chip delivered; absent where the machine does not tell it. */
  readonly parts?: PartCounts;
  /** When the set-point or the activity last changed. */
  readonly steadySince: EpochMs;
  /** All figures repeat to the digit since then: the firmware serves an old answer. */
  readonly frozenSince?: EpochMs;
  /** The chip temperature is not believed: it jumped, and nothing else moved. */
  readonly doubt?: Doubt;
  readonly write?: PendingWrite;
  readonly outcome?: WriteOutcome;
  readonly tuning: TuningState;
  /** Learnt of others at this address, and under other firmware; the newest first. */
  readonly shelf?: readonly Shelved[];
  readonly decision?: Decision;
  /** Why it was changed or left alone lately; the newest first. */
  readonly explained?: readonly Explanation[];
  /** Times of agent-made changes and of restarts they caused, newest last, one day long. */
  readonly changes: readonly EpochMs[];
  readonly restarts: readonly EpochMs[];
  /** Unexpected restarts of the machine. */
  readonly crashes: readonly EpochMs[];
  /** When heat last made the agent lower the machine or put it to sleep; until it is cool again. */
  readonly overheatedAt?: EpochMs;
}
