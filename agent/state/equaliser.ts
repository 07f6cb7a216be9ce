// What is remembered of equalising boards and chips. Plain data, because it is journaled.

import type { SettingValues } from "../../drivers/contract/controls.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { TuningState } from "./tuning.ts";

export type Offsets = {
  readonly [Name in "boardOffsets" | "chipOffsets"]?: SettingValues[Name];
};

/** A pass that is under way: what it set, and what it is measured against. */
export interface Pass {
  readonly to: Offsets;
  readonly since: EpochMs;
  /** Delivered over expected hashrate just before, and its standard deviation. */
  readonly ratio: number;
  readonly deviation: number;
}

export interface Equaliser {
  /** As the machine was found. */
  readonly found: Offsets;
  /** The last known good ones. */
  readonly good: Offsets;
  /** Confirmed passes: evidence of before says less of the edge of today. */
  readonly passes: number;
  readonly pass?: Pass;
  /** When the last pass was kept. */
  readonly keptAt?: EpochMs;
  /** Chips far below the others at the last look, as `board/chip` from 0. */
  readonly weak?: readonly string[];
  /** Attempts in a row to bring the good ones back. */
  readonly restores?: number;
  /** Failed passes in a row, and until when there is no other. */
  readonly failed?: number;
  readonly restUntil?: EpochMs;
}

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
