// What the tuner remembers between turns. Plain data, because it is journaled.

import type { Lever } from "../../drivers/contract/controls.ts";
import type { PowerBasis } from "../../drivers/contract/telemetry.ts";
import type {
  EpochMs,
  HashesPerSecond,
  JoulesPerHash,
  Watts,
} from "../../drivers/contract/units.ts";
import type { Point } from "./action.ts";
import type { Equaliser } from "./equaliser.ts";

/** Averages over a settled stretch at one operating point. */
export interface Measured {
  readonly point: Point;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly samples: number;
  readonly power: Watts;
  readonly basis: PowerBasis;
  readonly rate: HashesPerSecond;
  readonly efficiency: JoulesPerHash;
  /** Standard error of the efficiency as a fraction of it. */
  readonly uncertainty: number;
  /** Delivered over expected hashrate; absent when the machine tells no expectation. */
  readonly ratio?: number;
  readonly chipTemperature?: number;
  /** Duty of the fastest fan, 0 to 1; absent where none is told. */
  readonly fan?: number;
  /** MHz and mV that the firmware names for the profile of the point. */
  readonly preset?: { readonly frequency: number; readonly voltage: number };
  /** The machine restarted by itself there before it could be measured: the rest is what was expected. */
  readonly crashed?: true;
  /** Passes of equalising that the machine had behind it; absent: none. */
  readonly passes?: number;
}

/** Objective, prices and caps, as far as they decide between points. */
export interface Demand {
  readonly objective: string;
  /** Energy bill over revenue at the reference point; only where money decides. */
  readonly energyShare?: number;
  /** Share of the reference power. */
  readonly powerCap?: number;
  readonly noiseMaxDecibels?: number;
}

export interface Asleep {
  readonly since: EpochMs;
  readonly reason: string;
  /** Energy share below which mining pays again; absent where the site asked for the pause. */
  readonly breakEven?: number;
  /** W from which the machine can keep a cap; absent where no cap was the reason. */
  readonly least?: number;
}

export interface HeatStop {
  /** W that it drew; absent where they were not told. */
  readonly watts?: number;
  /** Stops since it was lowered last. */
  readonly inARow: number;
}

/** A point that is being tried, and the one to return to. */
export interface Trial {
  readonly lever: Lever;
  readonly from: Point;
  readonly to: Point;
  readonly since: EpochMs;
}

export interface TuningState {
  readonly phase:
    | "waiting"
    | "baseline"
    | "choosing"
    | "trial"
    | "reverting"
    | "holding"
    | "frozen";
  readonly since: EpochMs;
  /** The machine as it was found. */
  readonly stock?: Point;
  /** Measured at the stock point, the start of every comparison. */
  readonly baseline?: Measured;
  /** The best confirmed point: the last known good. */
  readonly best?: Measured;
  /** Everything measured on this machine, one entry a point and temperature: what the model is made of. */
  readonly evidence?: readonly Measured[];
  /** Start of the present measurement; what was before it is in the evidence. */
  readonly windowFrom?: EpochMs;
  readonly trial?: Trial;
  readonly equaliser?: Equaliser;
  /** What the present point was chosen for. */
  readonly demand?: Demand;
  /** The agent put the machine to sleep, for money or because the site asked for it. */
  readonly asleep?: Asleep;
  /** All levers just before heat lowered the machine, those included that tuning may not move. */
  readonly beforeHeat?: Point;
  /** Heat stopped it, and it has not come back lower yet. */
  readonly heatStop?: HeatStop;
  /** Levers that gave nothing more from here, with the reason. */
  readonly exhausted: { readonly [Name in Lever]?: string };
  /** Fraction of the usual step a lever is down to. */
  readonly stepScale: { readonly [Name in Lever]?: number };
  /** Confirmed and failed trials so far. */
  readonly evaluations: number;
  /** Attempts in a row to restore the best point that the machine did not take. */
  readonly failedRestores?: number;
  /** `since` of the last of them. */
  readonly countedRestore?: EpochMs;
  readonly frozenUntil?: EpochMs;
}
