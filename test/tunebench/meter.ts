// What a run used and delivered, and which limits it broke: from the truth, not from the readings.

import type { Policies } from "../../config/policy.ts";
import type { PlantTruth } from "../sim/plant.ts";
import type { BenchMachine } from "./machine.ts";

export const MINUTE = 60_000;
/** Minutes, and so polls, of one bucket. */
export const TURNS = 30;
/** Delivered / ideal below this is an edge excursion. */
export const EDGE = 0.97;
/** It has ended when the ratio is so far above the edge: a machine that rests on it has not crossed it twice. */
const CLEAR = 0.005;
/** Minutes after a start of mining: cold chips are slow on any point, and that is the restart's doing. */
const WARM_UP = 10;
/** Half a percent is within what the weather does to a machine at its floor. */
const FLOOR_GRAIN = 0.995;

/** Sums over one stretch of time: J and hashes. */
export interface Bucket {
  energy: number;
  hashes: number;
  /** Of the hashes, those of minutes above a cap. */
  stolen?: number;
}

export interface Measured {
  readonly buckets: readonly Bucket[];
  /** Minutes in each of which a limit was broken, by limit. */
  readonly violations: Readonly<Record<string, number>>;
  /** Entries below the edge at a point that the method chose. */
  readonly excursions: number;
  /** Minutes since the start of each accepted write. */
  readonly writes: readonly number[];
  /** Stops of mining that a write caused. */
  readonly restarts: number;
  readonly deadMinutes: number;
  /** Minutes of mining below the hashrate floor of the policy. */
  readonly minutesBelow: number;
  /** Minutes asleep by a setting. */
  readonly asleepMinutes: number;
  /** Minutes from the end of each curtailment until 98 % of the hashrate from before. */
  readonly backMinutes: readonly number[];
}

/** `minute` counts from 1. */
export const bucketOf = (minute: number): number => Math.floor((minute - 1) / TURNS);

export function ratioOf(machine: BenchMachine): number {
  const { boards } = machine.plant.truth;
  const ideal = boards.reduce((sum, board) => sum + board.ideal, 0);
  return boards.reduce((sum, board) => sum + board.hashrate, 0) / ideal;
}

export interface Meter {
  /** `broken`: caps of the site that are broken in this minute. */
  record(minute: number, wrote: boolean, broken?: readonly string[]): void;
  result(): Omit<Measured, "backMinutes">;
}

export function createMeter(machine: BenchMachine, policies: Policies, stockRatio: number): Meter {
  const buckets: Bucket[] = [];
  const writes: number[] = [];
  const violations: Record<string, number> = {};
  // A unit that the factory sold below the edge is not the method's doing.
  const edge = createEdge(Math.min(EDGE, stockRatio - 0.005));
  const floor = policies.tuning.hashrateFloor * machine.plant.truth.hashrate;
  let deadMinutes = 0;
  let asleepMinutes = 0;
  let restarts = 0;
  let minutesBelow = 0;
  let wasHashing = true;
  let warmAt = 0;
  const count = (limits: Iterable<string>) => {
    for (const limit of limits) violations[limit] = (violations[limit] ?? 0) + 1;
  };
  const mining = (minute: number, truth: PlantTruth) => {
    if (truth.hashrate < floor * FLOOR_GRAIN) minutesBelow += 1;
    if (writes.length === 0) return;
    edge.record(ratioOf(machine), minute > warmAt);
    count(brokenLimits(truth, machine, policies));
  };
  return {
    record: (minute, wrote, broken = []) => {
      const { truth } = machine.plant;
      if (wrote) writes.push(minute);
      const bucket = bucketAt(buckets, bucketOf(minute));
      bucket.energy += (truth.wallPower * MINUTE) / 1000;
      bucket.hashes += (truth.hashrate * MINUTE) / 1000;
      count(broken);
      if (broken.length > 0)
        bucket.stolen = (bucket.stolen ?? 0) + (truth.hashrate * MINUTE) / 1000;
      if (machine.asleep) asleepMinutes += 1;
      if (wrote && !truth.hashing && wasHashing) restarts += 1;
      wasHashing = truth.hashing;
      if (truth.hashing) mining(minute, truth);
      else {
        deadMinutes += 1;
        warmAt = minute + WARM_UP;
      }
    },
    result: () => ({
      buckets,
      violations,
      excursions: edge.entries(),
      writes,
      restarts,
      deadMinutes,
      minutesBelow,
      asleepMinutes,
    }),
  };
}

/** Counts how often delivered / ideal came below the edge; what rests on it has come there once. */
export function createEdge(edge: number) {
  let entries = 0;
  let below = false;
  return {
    /** `warm`: cold chips are slow on any point. */
    record(ratio: number, warm: boolean): void {
      if (ratio >= edge + CLEAR) below = false;
      if (below || !warm || ratio >= edge) return;
      entries += 1;
      below = true;
    },
    entries: () => entries,
  };
}

function brokenLimits(truth: PlantTruth, machine: BenchMachine, policies: Policies): Set<string> {
  const { stock } = machine.plant.spec;
  const broken = new Set<string>();
  for (const board of truth.boards) {
    if (board.chipTemperature > policies.safety.chipMaxCelsius) broken.add("chip temperature");
    if (policies.tuning.allowAboveStock) continue;
    if (board.voltage > stock.voltage + 1) broken.add("voltage above stock");
  }
  // Boards may run apart: what counts is their mean.
  const sum = truth.boards.reduce((all, board) => all + board.frequency, 0);
  if (!policies.tuning.allowAboveStock && sum > (stock.frequency + 1) * truth.boards.length)
    broken.add("frequency above stock");
  return broken;
}

function bucketAt(buckets: Bucket[], index: number): Bucket {
  for (let next = buckets.length; next < index; next += 1) buckets.push({ energy: 0, hashes: 0 });
  const bucket = buckets[index] ?? { energy: 0, hashes: 0 };
  buckets[index] = bucket;
  return bucket;
}
