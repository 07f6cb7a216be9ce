// Why a machine was changed, or left where it is: what was seen, asked, believed and rejected. Plain data,
// because it is journaled, and made only when there is something new to tell.

import type { Algorithm } from "../../drivers/contract/algorithm.ts";
import type { PowerBasis } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "./action.ts";

export interface Seen {
  /** W. */
  readonly power?: number;
  readonly basis?: PowerBasis;
  /** Hashes per second. */
  readonly rate?: number;
  readonly algorithm?: Algorithm;
  /** Delivered over expected. */
  readonly ratio?: number;
  /** Celsius. */
  readonly chipTemperature?: number;
  /** Length of the measurement, ms; absent for a single reading. */
  readonly over?: number;
}

/** A point as the model sees it. */
export interface Option {
  readonly point: Point;
  /** Better than where the machine stands, by the objective; a fraction. */
  readonly gain: number;
  /** Probability of being over the edge. */
  readonly over: number;
  /** W, and hashes per second. */
  readonly power: number;
  readonly rate: number;
  /** Why it was not chosen. */
  readonly why?: string;
}

export interface Expected {
  readonly gain: number;
  /** 95 % of what is believed. */
  readonly low: number;
  readonly high: number;
  /** `less energy per hash`. */
  readonly of: string;
  /** Compared to where the machine stands, or as it was found. */
  readonly against: "here" | "found";
  /** What the change itself costs: ms without hashes, those hashes, and what they would have earned. */
  readonly dead: number;
  readonly hashes: number;
  readonly currency?: number;
}

export interface Explanation {
  readonly at: EpochMs;
  /** Which policy spoke. */
  readonly policy: string;
  readonly outcome: "change" | "suggestion" | "refused" | "hold";
  /** The guard's objection. */
  readonly refused?: string;
  /** The sentence of the log. */
  readonly reason: string;
  /** `12.60 V`. */
  readonly settings: readonly string[];
  readonly seen: Seen;
  readonly asked?: {
    readonly words: string;
    /** Least share of the first hashrate. */
    readonly floor: number;
    readonly signals?: Readonly<Record<string, number>>;
  };
  readonly chosen?: Option;
  readonly rejected?: readonly Option[];
  readonly expected?: Expected;
  /** The parameters of the model, each with its deviation. */
  readonly model?: string;
}
