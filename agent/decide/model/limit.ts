// The model of a machine that offers only a power limit: its firmware chooses frequency and voltage.
//
//   rate / rate_ref = (power / power_ref) ^ (1 / (1 + e))
//
// e is how fast J/TH grows with the hashrate: 0.15 to 0.65 on ten models, median 0.31.

import type { RangeKnob } from "../../../drivers/contract/controls.ts";
import { watts } from "../../../drivers/contract/units.ts";
import type { Point } from "../../state/action.ts";
import type { Measured } from "../../state/tuning.ts";
import type { Estimate, Forecast, Model } from "./forecast.ts";

const ELASTICITY = { mean: 0.31, deviation: 0.15 };
const GRID = Array.from({ length: 41 }, (_, index) => index * 0.025);
/** Of the law itself, relative. */
const LAW_DEVIATION = 0.004;
/** A limit this far above the draw does not bind. */
const BINDING = 1.01;
/** Candidates are this far apart, relative. */
const STEP = 0.004;

export class LimitModel implements Model {
  readonly #reference: Measured;
  readonly #knob: RangeKnob<number>;
  /** Weights over GRID. */
  readonly #weights: readonly number[];
  /** Reported power over the limit where it binds: meters and limits disagree by a percent or two. */
  readonly #bias: number;

  private constructor(
    reference: Measured,
    knob: RangeKnob<number>,
    weights: readonly number[],
    bias: number,
  ) {
    this.#reference = reference;
    this.#knob = knob;
    this.#weights = weights;
    this.#bias = bias;
  }

  static from(
    reference: Measured,
    evidence: readonly Measured[],
    knob: RangeKnob<number>,
  ): LimitModel {
    const bound = evidence.filter(
      ({ point, power }) => point.powerLimit !== undefined && point.powerLimit < power * BINDING,
    );
    const biases = bound.map(({ point, power }) => power / (point.powerLimit ?? power));
    const bias = biases.length === 0 ? 1 : biases.reduce((a, b) => a + b, 0) / biases.length;
    return new LimitModel(reference, knob, weigh(reference, bound), bias);
  }

  forecast(point: Point): Forecast | undefined {
    const limit = point.powerLimit;
    if (limit === undefined) return undefined;
    const power = Math.min(1, (limit * this.#bias) / this.#reference.power);
    return { power: { mean: power, deviation: 0.005 }, rate: this.#rate(power), below: 0 };
  }

  candidates(from: Point): readonly (readonly Point[])[] {
    const { min, max, step } = this.#knob;
    const row: Point[] = [];
    const most = Math.min(max, this.#reference.point.powerLimit ?? max);
    for (let limit = Math.min(most, this.#reference.power / this.#bias); limit >= min; ) {
      row.push({ ...from, powerLimit: watts(Math.round(limit / step) * step) });
      limit -= Math.max(step, limit * STEP);
    }
    return row.length === 0 ? [] : [[this.#reference.point], row];
  }

  step(_from: Point, goal: Point): Point {
    return goal;
  }

  describe(): string {
    const mean = GRID.reduce((sum, e, index) => sum + e * (this.#weights[index] ?? 0), 0);
    return `J/TH grows with the hashrate to the power of ${mean.toFixed(2)}`;
  }

  #rate(power: number): Estimate {
    const log = Math.log(power);
    let [mean, square] = [0, 0];
    for (const [index, e] of GRID.entries()) {
      const rate = Math.exp(log / (1 + e));
      const weight = this.#weights[index] ?? 0;
      mean += weight * rate;
      square += weight * rate * rate;
    }
    return { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)) };
  }
}

/** Posterior of e over GRID. */
function weigh(reference: Measured, bound: readonly Measured[]): number[] {
  const log = GRID.map((e) => -0.5 * ((e - ELASTICITY.mean) / ELASTICITY.deviation) ** 2);
  for (const measured of bound) {
    const power = Math.log(measured.power / reference.power);
    const rate = Math.log(measured.rate / reference.rate);
    const deviation = Math.hypot(measured.uncertainty, reference.uncertainty, LAW_DEVIATION);
    for (const [index, e] of GRID.entries()) {
      log[index] = (log[index] ?? 0) - 0.5 * ((rate - power / (1 + e)) / deviation) ** 2;
    }
  }
  const top = Math.max(...log);
  const weights = log.map((value) => Math.exp(value - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
