// The model of a machine that offers only a power limit: its firmware chooses frequency and voltage.
//
//   (limit / onset - a) / (1 - a) = x v^2,  v = 1 - e (1 - x) / 2,  x = rate / rate_ref
//
// below the limit at which it begins to act. a: fans, controller and conversion, which no limit lowers. v: the
// voltage falls with the frequency along the firmware's line, so that slow chips gain ever less. e is how fast
// the energy per hash of the chips grows with the hashrate at full speed: with a = 0.05 that of the whole
// grows by 0.31, the median of ten models, which show 0.15 to 0.65.

import type { RangeKnob } from "../../../drivers/contract/controls.ts";
import { watts } from "../../../drivers/contract/units.ts";
import type { Point } from "../../state/action.ts";
import type { Measured } from "../../state/tuning.ts";
import type { Estimate, Forecast, Model, Row } from "./forecast.ts";

export interface LimitPrior {
  /** The limit from which the machine is slowed, over the watts it told before: meters differ from limits. */
  readonly onset: readonly [number, number];
  /** e: mean and deviation. */
  readonly elasticity: readonly [number, number];
  /** What is believed with this share of the weight instead. */
  readonly doubt?: { readonly share: number; readonly prior: LimitPrior };
}

const GRAIN = 0.03;
const ELASTICITIES = Array.from({ length: 33 }, (_, index) => index * GRAIN);
const ONSETS = Array.from({ length: 25 }, (_, index) => 0.88 + index * 0.01);
/** a: of kW machines. */
const FIXED = 0.05;
/** Of the law itself, relative. */
const LAW_DEVIATION = 0.004;
/** Candidates are this far apart, relative. */
const STEP = 0.004;

interface Cell {
  readonly onset: number;
  readonly elasticity: number;
  readonly weight: number;
}

export class LimitModel implements Model {
  /** No voltage is known, so that nothing can be said of it. */
  readonly wattsAreComputed = false;
  readonly #reference: Measured;
  readonly #knob: RangeKnob<number>;
  readonly #cells: readonly Cell[];
  /** The same limits are weighed several times for one decision. */
  readonly #forecasts = new Map<number, Forecast>();

  private constructor(reference: Measured, knob: RangeKnob<number>, cells: readonly Cell[]) {
    this.#reference = reference;
    this.#knob = knob;
    this.#cells = cells;
  }

  static from(
    prior: LimitPrior,
    reference: Measured,
    evidence: readonly Measured[],
    knob: RangeKnob<number>,
  ): LimitModel {
    return new LimitModel(reference, knob, weigh(prior, reference, evidence));
  }

  /** Mean and deviation of each parameter. */
  static estimates(prior: LimitPrior, reference: Measured, evidence: readonly Measured[]) {
    return parametersIn(weigh(prior, reference, evidence));
  }

  /** The hashrate tells what a limit does; told watts may be a formula. */
  forecast(point: Point): Forecast | undefined {
    const limit = point.powerLimit;
    if (limit === undefined) return undefined;
    const known = this.#forecasts.get(limit) ?? this.#forecastAt(limit);
    this.#forecasts.set(limit, known);
    return known;
  }

  #forecastAt(limit: number): Forecast {
    const share = limit / this.#reference.power;
    return {
      power: meanOf(this.#cells, (cell) => Math.min(1, share / cell.onset)),
      rate: meanOf(this.#cells, (cell) => rateAt(share, cell.onset, cell.elasticity)),
      below: 0,
    };
  }

  /** Each a row of its own: no limit is over an edge, so that the lowest says nothing of the best. */
  candidates(from: Point): readonly Row[] {
    const { min, max, step } = this.#knob;
    const rows: Point[][] = [];
    const most = Math.min(max, this.#reference.point.powerLimit ?? max);
    for (let limit: number = most; limit >= min; limit -= Math.max(step, limit * STEP)) {
      rows.push([{ ...from, powerLimit: watts(Math.round(limit / step) * step) }]);
    }
    return rows;
  }

  step(_from: Point, goal: Point): Point {
    return goal;
  }

  describe(): string {
    const { elasticity, onset } = parametersIn(this.#cells);
    return (
      `J/TH of the chips grow with the hashrate to the power of ${elasticity.mean.toFixed(2)} ± ${elasticity.deviation.toFixed(2)}, ` +
      `limits act from ${(onset.mean * this.#reference.power).toFixed(0)} W`
    );
  }
}

const parametersIn = (cells: readonly Cell[]) => ({
  onset: meanOf(cells, (cell) => cell.onset),
  elasticity: meanOf(cells, (cell) => cell.elasticity),
});

function meanOf(cells: readonly Cell[], quantity: (cell: Cell) => number): Estimate {
  let [mean, square] = [0, 0];
  for (const cell of cells) {
    const value = quantity(cell);
    mean += cell.weight * value;
    square += cell.weight * value * value;
  }
  return { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)) };
}

function rateAt(share: number, onset: number, elasticity: number): number {
  const left = (Math.min(1, share / onset) - FIXED) / (1 - FIXED);
  if (left <= 0) return 0;
  const line = LINES[Math.round(elasticity / GRAIN)] ?? [];
  const at = left * RESOLUTION;
  const low = Math.min(RESOLUTION - 1, Math.floor(at));
  const [a = 0, b = 1] = [line[low], line[low + 1]];
  return a + (b - a) * (at - low);
}

/** x over x v^2, for each elasticity: the law has no short inverse. */
const RESOLUTION = 200;
const LINES = ELASTICITIES.map((elasticity) => {
  const line = new Float64Array(RESOLUTION + 1);
  for (let index = 1; index <= RESOLUTION; index += 1) {
    line[index] = inverse(index / RESOLUTION, elasticity, line[index - 1] ?? 0);
  }
  return line;
});

/** x of x v^2; Newton's steps from below, where the law is convex, end within rounding after a few. */
function inverse(power: number, elasticity: number, from: number): number {
  let x = from;
  for (let round = 0; round < 12; round += 1) {
    const v = 1 - (elasticity * (1 - x)) / 2;
    x += (power - x * v * v) / (v * (v + elasticity * x));
  }
  return x;
}

/** Logarithm of what is believed of a cell beforehand, up to a constant. */
function logPrior({ onset, elasticity, doubt }: LimitPrior, at: readonly [number, number]): number {
  const log =
    -0.5 * ((at[0] - onset[0]) / onset[1]) ** 2 -
    0.5 * ((at[1] - elasticity[0]) / elasticity[1]) ** 2 -
    Math.log(onset[1] * elasticity[1]);
  if (doubt === undefined) return log;
  const sure = log + Math.log(1 - doubt.share);
  const doubtful = logPrior(doubt.prior, at) + Math.log(doubt.share);
  const top = Math.max(sure, doubtful);
  return top + Math.log(Math.exp(sure - top) + Math.exp(doubtful - top));
}

/** Posterior of onset and elasticity; cells that no longer matter are left out. */
function weigh(prior: LimitPrior, reference: Measured, evidence: readonly Measured[]): Cell[] {
  const cells = ONSETS.flatMap((onset) =>
    ELASTICITIES.map((elasticity) => {
      const log = evidence.reduce(
        (sum, measured) => sum + likelihood(reference, measured, onset, elasticity),
        logPrior(prior, [onset, elasticity]),
      );
      return { onset, elasticity, log };
    }),
  );
  const top = Math.max(...cells.map((cell) => cell.log));
  const kept = cells.filter((cell) => cell.log > top - 9);
  const sum = kept.reduce((total, cell) => total + Math.exp(cell.log - top), 0);
  return kept.map(({ onset, elasticity, log }) => ({
    onset,
    elasticity,
    weight: Math.exp(log - top) / sum,
  }));
}

function likelihood(
  reference: Measured,
  measured: Measured,
  onset: number,
  elasticity: number,
): number {
  const limit = measured.point.powerLimit;
  if (limit === undefined || measured === reference) return 0;
  const expected = rateAt(limit / reference.power, onset, elasticity);
  const deviation = Math.hypot(measured.uncertainty, reference.uncertainty, LAW_DEVIATION);
  return -0.5 * ((measured.rate / reference.rate / expected - 1) / deviation) ** 2;
}
