// What a learnt model says of an operating point before the machine has been there.

import type { Point } from "../../state/action.ts";

export interface Forecast {
  /** Relative to the reference; mean and standard deviation. */
  readonly power: Estimate;
  /** Delivered hashrate relative to the reference. */
  readonly rate: Estimate;
  /** Probability that the machine is over its edge there, 0 to 1. */
  readonly below: number;
}

export interface Estimate {
  readonly mean: number;
  readonly deviation: number;
}

/** Shares of the reference hashrate. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** Points in order; each is made when it is asked for, because a search looks at few of them. */
export type Row = Pick<readonly Point[], "length" | "at">;

/** What is believed about one machine. Pure: made from a prior and what was measured. */
export interface Model {
  /** `warmer`: K of the hottest chip above the reference. Undefined: nothing is known of such a point. */
  forecast(point: Point, warmer: number): Forecast | undefined;
  /**
   * Points that may deliver such a share of the reference hashrate. Each row is in the order of falling
   * power and rising risk, so that its best is near the last that is allowed.
   */
  candidates(from: Point, span: Span): readonly Row[];
  /** The largest single change from `from` towards `goal` that may be tried; undefined: none is safe. */
  step(from: Point, goal: Point, warmer: number, risk: number): Point | undefined;
  /** Told watts do not follow the voltage: a formula. What less voltage saves is then physics, unproven. */
  readonly wattsAreComputed: boolean;
  /** Parameters with their deviations, in words. */
  describe(): string;
}
