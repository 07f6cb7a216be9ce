// What is remembered of equalising boards and chips. Plain data, because it is journaled.

import type { SettingValues } from "../../drivers/contract/controls.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";

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
