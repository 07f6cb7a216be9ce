// From runs to figures: sums over units, never a mean of ratios.

import { Random } from "../sim/random.ts";
import type { JobResult } from "./job.ts";
import { TURNS } from "./meter.ts";
import type { UnitResult } from "./run.ts";
import type { Goal } from "./site.ts";
import { type Judged, judge, type Sums, type Three } from "./worth.ts";

export interface Interval {
  readonly value: number;
  /** 95 % bootstrap over units; equal to the value where there is one unit. */
  readonly low: number;
  readonly high: number;
}

export interface Score {
  readonly classId: string;
  readonly scenario: string;
  readonly method: string;
  readonly units: number;
  readonly goal: Goal;
  /** Share of what the oracle wins: of the last two hours, and of the whole run with search and dead time.
   * By the goal: of the J per hash saved, of the hashes delivered under the caps, of the money won. */
  readonly captureEnd: Interval;
  readonly captureAll: Interval;
  /** Relative, of J per hash against stock at the end; a missing hash counted at its stock cost. */
  readonly gainEnd: number;
  readonly hashrateEnd: number;
  readonly oracleGain: number;
  readonly oracleHashrate: number;
  /** Gain of the best point with all chips at one frequency, where they may run apart. */
  readonly equalGain?: number;
  /** Minutes in which a limit was broken, by limit, all units. */
  readonly violations: Readonly<Record<string, number>>;
  readonly excursionsMax: number;
  readonly excursionsMean: number;
  /** A unit, over the run. */
  readonly changes: number;
  readonly restarts: number;
  readonly deadMinutes: number;
  readonly minutesBelow: number;
  readonly asleepMinutes: number;
  /** Minutes from the end of a curtailment to 98 % of the hashrate from before: mean and most. */
  readonly back?: { readonly mean: number; readonly most: number };
  /** Currency a unit and day, over the whole run. */
  readonly moneyPerDay?: Three;
  /** J per hash relative to the oracle's, over the whole run. */
  readonly costToOracle: number;
  /** Median of the writes until 95 % of the final gain was reached for good; absent without a gain. */
  readonly evaluations?: number;
  /** Microseconds of one decision, the reading included: median and largest mean of half an hour. */
  readonly cpuMedian: number;
  readonly cpuMax: number;
}

/** Half hours at the end that count as the end. */
const END = 4;
const BUCKETS_A_DAY = (24 * 60) / TURNS;
const DRAWS = 1000;
const ALMOST = 0.95;
/** A final gain below this is none that could be approached. */
const LEAST_GAIN = 0.002;

const total = (units: readonly Sums[], of: (unit: Sums) => number): number =>
  units.reduce((sum, unit) => sum + unit.stockRate * of(unit), 0);

/** What was won of what could be won. */
export const capture = (units: readonly Sums[]): number =>
  units.reduce((sum, unit) => sum + unit.won, 0) /
  units.reduce((sum, unit) => sum + unit.winnable, 0);

/** Relative gain over stock, energy-weighted. */
export const gain = (units: readonly Sums[], of: "method" | "oracle" = "method"): number =>
  total(units, (unit) => unit.stock - unit[of]) / total(units, (unit) => unit.stock);

export function bootstrap(units: readonly Sums[], seed: number): Interval {
  const value = capture(units);
  const random = new Random(seed);
  const draws = Array.from({ length: DRAWS }, () =>
    capture(units.map(() => pick(units, random))),
  ).sort((a, b) => a - b);
  const at = (share: number) => draws[Math.min(DRAWS - 1, Math.floor(share * DRAWS))] ?? value;
  return { value, low: at(0.025), high: at(0.975) };
}

function pick(units: readonly Sums[], random: Random): Sums {
  const unit = units[Math.floor(random.uniform() * units.length)];
  if (unit === undefined) throw new Error("no units to draw from");
  return unit;
}

/** Results of one class in one scenario. */
export function scoreOf(
  results: readonly JobResult[],
  method: string,
  seed: number,
): Score | undefined {
  const pairs = results.flatMap((result) => {
    const run = result.runs[method];
    return run === undefined ? [] : [{ result, run }];
  });
  const [first] = pairs;
  if (first === undefined) return undefined;
  const count = first.result.reference.stock.length;
  const end = pairs.map(({ result, run }) => judge(result, run, count - END, count));
  const all = pairs.map(({ result, run }) => judge(result, run, 0, count));
  const runs = pairs.map(({ run }) => run);
  const mean = (of: (run: UnitResult) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const cpu = runs.flatMap((run) => run.cpu).map((ms) => ms * 1000);
  const evaluations = median(pairs.flatMap(({ result, run }) => evaluationsTo(result, run)));
  return {
    classId: first.result.classId,
    scenario: first.result.scenario,
    method,
    units: runs.length,
    goal: first.result.goal,
    captureEnd: bootstrap(end, seed),
    captureAll: bootstrap(all, seed),
    gainEnd: gain(end),
    hashrateEnd: total(end, (unit) => unit.hashrate) / total(end, () => 1),
    oracleGain: gain(all, "oracle"),
    oracleHashrate: total(all, (unit) => unit.oracleHashrate) / total(all, () => 1),
    violations: sumRecords(runs.map((run) => run.violations)),
    excursionsMax: Math.max(...runs.map((run) => run.excursions)),
    excursionsMean: mean((run) => run.excursions),
    changes: mean((run) => run.writes.length),
    restarts: mean((run) => run.restarts),
    deadMinutes: mean((run) => run.deadMinutes),
    minutesBelow: mean((run) => run.minutesBelow),
    ...equalGainOf(pairs),
    asleepMinutes: mean((run) => run.asleepMinutes),
    costToOracle: total(all, (unit) => unit.bareCost) / total(all, () => 1),
    ...backOf(runs),
    ...moneyOf(all, count / BUCKETS_A_DAY),
    ...(evaluations === undefined ? {} : { evaluations }),
    cpuMedian: median(cpu) ?? 0,
    cpuMax: Math.max(...cpu),
  };
}

function equalGainOf(
  pairs: readonly { readonly result: JobResult; readonly run: UnitResult }[],
): Pick<Score, "equalGain"> {
  const units = pairs.flatMap(({ result, run }) => {
    const { equal, stock } = result.reference;
    if (equal === undefined) return [];
    const reference = { stock, oracle: equal };
    return [judge({ ...result, reference }, run, 0, stock.length)];
  });
  return units.length === 0 ? {} : { equalGain: gain(units, "oracle") };
}

function backOf(runs: readonly UnitResult[]): Pick<Score, "back"> {
  const minutes = runs.flatMap((run) => run.backMinutes);
  if (minutes.length === 0) return {};
  const mean = minutes.reduce((sum, each) => sum + each, 0) / minutes.length;
  return { back: { mean, most: Math.max(...minutes) } };
}

function moneyOf(units: readonly Sums[], days: number): Pick<Score, "moneyPerDay"> {
  const earned = units.flatMap((unit) => unit.money ?? []);
  if (earned.length === 0) return {};
  const mean = (of: keyof Three) =>
    earned.reduce((sum, each) => sum + each[of], 0) / earned.length / days;
  return {
    moneyPerDay: { stock: mean("stock"), oracle: mean("oracle"), method: mean("method") },
  };
}

/** Writes before the half hour from which on the gain stays above 95 % of the final one. */
function evaluationsTo(result: JobResult, run: UnitResult): number[] {
  if (result.goal !== "efficiency") return [];
  const reached = bucketsTo(result, run);
  if (reached === undefined) return [];
  return [run.writes.filter((minute) => minute <= reached * TURNS).length];
}

/** Half hours until the gain stays above 95 % of the final one; undefined without a gain. */
export function bucketsTo(result: Judged, run: Pick<UnitResult, "buckets">): number | undefined {
  const count = run.buckets.length;
  const final = gain([judge(result, run, count - END, count)]);
  if (final < LEAST_GAIN) return undefined;
  let reached = count - END;
  while (reached > 0 && gain([judge(result, run, reached - 1, reached)]) >= ALMOST * final)
    reached -= 1;
  return reached;
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function sumRecords(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const record of records)
    for (const [key, value] of Object.entries(record)) sums[key] = (sums[key] ?? 0) + value;
  return sums;
}
