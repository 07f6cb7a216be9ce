// What the parts of the simulated Braiins OS share.

import type { BraiinsMiner } from "./braiins-miner.ts";

export interface SimulatedPool {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface Bos {
  readonly miner: BraiinsMiner;
  readonly now: number;
  readonly bootedAt: number;
  readonly locating: boolean;
  readonly pools: readonly SimulatedPool[];
  /** Celsius, uncertain as sensors are. */
  sensor(value: number): number;
}

/** What the firmware allows; the figures are assumed, the shape is its own. */
export const ALLOWED = {
  power: { default: 3031, max: 3800, min: 1000 },
  hashrate: { default: 141, max: 165, min: 65 },
  frequency: { default: 485, max: 600, min: 200 },
  voltage: { default: 12.9, max: 14.2, min: 11.5 },
} as const;

export const seconds = (from: number, to: number): number => Math.floor((to - from) / 1000);
export const timestamp = (at: number) => ({ seconds: Math.floor(at / 1000), nanos: 0 });

export const gigahash = (hashes: number) => ({ gigahash_per_second: hashes / 1e9 });
