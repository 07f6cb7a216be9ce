// What a stretch of a run was worth, by what the run is judged for.

import type { Signals } from "../../config/signals.ts";
import type { JobResult } from "./job.ts";
import type { Bucket } from "./meter.ts";
import type { UnitResult } from "./run.ts";
import { type Goal, money } from "./site.ts";

/** What has delivered nothing has no J per hash; it is judged as if this share had been delivered. */
const LEAST_DELIVERED = 0.01;

export interface Three {
  readonly stock: number;
  readonly oracle: number;
  readonly method: number;
}

export interface Sums extends Three {
  readonly stockRate: number;
  /** Shares of the stock hashrate. */
  readonly hashrate: number;
  readonly oracleHashrate: number;
  /** By the goal of the run: what the method won and what could be won. */
  readonly won: number;
  readonly winnable: number;
  /** Currency, where prices are known. */
  readonly money?: Three;
  /** J per hash over the oracle's, none counted as missing. */
  readonly bareCost: number;
}

export type Judged = Pick<JobResult, "reference" | "floor" | "goal">;

export function sumBuckets(buckets: readonly Bucket[]): Required<Bucket> {
  const sum = (of: (bucket: Bucket) => number) =>
    buckets.reduce((total, each) => total + of(each), 0);
  return {
    energy: sum((each) => each.energy),
    hashes: sum((each) => each.hashes),
    stolen: sum((each) => each.stolen ?? 0),
  };
}

/** J per hash of all three over the same stretch; what the floor asks and was not delivered costs its stock price. */
export function judge(
  result: Judged,
  run: Pick<UnitResult, "buckets">,
  from: number,
  to: number,
): Sums {
  const stock = sumBuckets(result.reference.stock.slice(from, to));
  const oracle = sumBuckets(result.reference.oracle.slice(from, to));
  const method = sumBuckets(run.buckets.slice(from, to));
  const stockCost = stock.energy / stock.hashes;
  const cost = (used: Bucket): number => {
    const shortfall = Math.max(0, result.floor * stock.hashes - used.hashes);
    const hashes = Math.max(used.hashes, LEAST_DELIVERED * stock.hashes);
    return (used.energy + stockCost * shortfall) / hashes;
  };
  const costs = { stock: stockCost, oracle: cost(oracle), method: cost(method) };
  const earned = earnings(result, run, from, to);
  const delivered = { oracle: oracle.hashes, method: deliveredOf(result, run, from, to) };
  return {
    ...costs,
    stockRate: stock.hashes,
    hashrate: method.hashes / stock.hashes,
    oracleHashrate: oracle.hashes / stock.hashes,
    bareCost: bare(method) / bare(oracle),
    ...winnings(result.goal, stock.hashes, costs, delivered, earned),
    ...(earned === undefined ? {} : { money: earned }),
  };
}

const bare = ({ energy, hashes }: Bucket): number => energy / Math.max(1, hashes);

/** Hashes that the oracle could have had too: none above a cap, and none beyond what was wanted. */
function deliveredOf(
  { reference }: Judged,
  run: Pick<UnitResult, "buckets">,
  from: number,
  to: number,
): number {
  return run.buckets.slice(from, to).reduce((sum, { hashes, stolen = 0 }, index) => {
    const most = reference.oracle[from + index]?.hashes ?? 0;
    return sum + Math.min(most, hashes - stolen);
  }, 0);
}

function winnings(
  goal: Goal,
  stockHashes: number,
  costs: Three,
  delivered: Pick<Three, "oracle" | "method">,
  earned: Three | undefined,
): { won: number; winnable: number } {
  if (goal === "hashes") return { won: delivered.method, winnable: delivered.oracle };
  if (earned !== undefined)
    return { won: earned.method - earned.stock, winnable: earned.oracle - earned.stock };
  const saved = (cost: number) => stockHashes * (costs.stock - cost);
  return { won: saved(costs.method), winnable: saved(costs.oracle) };
}

function earnings(
  { reference }: Judged,
  run: Pick<UnitResult, "buckets">,
  from: number,
  to: number,
): Three | undefined {
  const { prices } = reference;
  if (prices === undefined) return undefined;
  const total = (buckets: readonly Bucket[]) =>
    prices
      .slice(from, to)
      .reduce((sum, price, index) => sum + earnedIn(price, buckets[from + index]), 0);
  return {
    stock: total(reference.stock),
    oracle: total(reference.oracle),
    method: total(run.buckets),
  };
}

const earnedIn = (price: Signals, used: Bucket | undefined): number =>
  used === undefined ? 0 : money(price, used);
