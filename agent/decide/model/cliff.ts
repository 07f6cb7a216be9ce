// Where a machine's edge lies: a grid posterior over the critical voltage, its slope, spread and
// temperature coefficient. Everything is relative to the stock point, so that board volts and chip
// volts need no conversion: v = V / V_stock, x = f / f_stock.
//
//   delivered / ideal:  r = 1 - k E[(vc - v)+],  vc ~ N(v0 + s (x - 1) - c (T - T_stock), sigma)
//
// The law and its figures: fits to a Bitaxe GT (140 points, 24 on the cliff), a Supra (25) and slopes of
// five sources; the spread stands for chips and boards that share one voltage.

import { type Cells, type CliffPrior, type LaidOut, NEGLIGIBLE, priorCells } from "./edge-cells.ts";
import { expectedExcess } from "./excess.ts";

/** One measured ratio. */
export interface RatioEvidence {
  readonly v: number;
  readonly x: number;
  /** K above the temperature of the reference. */
  readonly warmer: number;
  /** Delivered over ideal, and its standard deviation. */
  readonly ratio: number;
  readonly deviation: number;
}

export interface Ratio {
  readonly mean: number;
  readonly deviation: number;
  /** Probability that the ratio is below the edge asked for. */
  readonly below: number;
}

/** What is believed about the edge of one machine after all evidence. */
export class Cliff {
  readonly #cells: Cells;
  /** Of the last frequency and warmth: a search goes along rows of falling voltage. */
  #row: { readonly x: number; readonly warmer: number; readonly needed: Float64Array } | undefined;

  private constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** Evidence that contradicts every cell leaves the cell that contradicts it least. */
  static from(prior: CliffPrior, evidence: readonly RatioEvidence[]): Cliff {
    const cells = priorCells(prior);
    return new Cliff(heaviest(cells, weighed(cells, columnsOf(evidence))));
  }

  /** `edge`: the ratio below which it must not fall. */
  ratio(v: number, x: number, warmer: number, edge: number): Ratio {
    const { count, weight: weights, spread, loss } = this.#cells;
    const needed = this.#neededAt(x, warmer);
    let mean = 0;
    let square = 0;
    let below = 0;
    for (let cell = 0; cell < count; cell += 1) {
      const weight = weights[cell] ?? 0;
      const ratio = ratioAt(v, needed[cell] ?? 0, spread[cell] ?? 1, loss[cell] ?? 0);
      mean += weight * ratio;
      square += weight * ratio * ratio;
      if (ratio < edge) below += weight;
    }
    return { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)), below };
  }

  /** Mean and deviation of each parameter, for people and for the prior of the next machine. */
  describe(): {
    readonly [Name in "critical" | "slope" | "spread" | "inversion"]: [number, number];
  } {
    const moments = (values: Float64Array): [number, number] => {
      let [mean, square] = [0, 0];
      for (let cell = 0; cell < this.#cells.count; cell += 1) {
        const weight = this.#cells.weight[cell] ?? 0;
        mean += weight * (values[cell] ?? 0);
        square += weight * (values[cell] ?? 0) ** 2;
      }
      return [mean, Math.sqrt(Math.max(0, square - mean * mean))];
    };
    const { critical, slope, spread, inversion } = this.#cells;
    return {
      critical: moments(critical),
      slope: moments(slope),
      spread: moments(spread),
      inversion: moments(inversion),
    };
  }

  #neededAt(x: number, warmer: number): Float64Array {
    if (this.#row?.x === x && this.#row.warmer === warmer) return this.#row.needed;
    const cells = this.#cells;
    const needed = this.#row?.needed ?? new Float64Array(cells.count);
    for (let cell = 0; cell < cells.count; cell += 1) {
      needed[cell] = neededBy(cells, cell, x, warmer);
    }
    this.#row = { x, warmer, needed };
    return needed;
  }
}

/** How well the law itself holds: rmse of a fit away from the cliff. */
const LAW_DEVIATION = 0.002;
/** Square of the miss, in deviations, beyond which a measurement says no more. */
const OUTLIER = 25;

/** Mean critical voltage of one cell. */
const neededBy = (cells: Cells, cell: number, x: number, warmer: number): number =>
  (cells.critical[cell] ?? 0) +
  (cells.slope[cell] ?? 0) * (x - 1) -
  (cells.inversion[cell] ?? 0) * warmer;

function ratioAt(v: number, needed: number, spread: number, loss: number): number {
  const lost = loss * expectedExcess((v - needed) / spread);
  return lost >= 1 ? 0 : 1 - lost;
}

/** The evidence in columns: it is gone through once for each cell. */
interface Columns {
  readonly count: number;
  readonly v: Float64Array;
  readonly x: Float64Array;
  readonly warmer: Float64Array;
  readonly ratio: Float64Array;
  readonly deviation: Float64Array;
}

function columnsOf(evidence: readonly RatioEvidence[]): Columns {
  const column = (name: keyof RatioEvidence) => Float64Array.from(evidence, (each) => each[name]);
  return {
    count: evidence.length,
    v: column("v"),
    x: column("x"),
    warmer: column("warmer"),
    ratio: column("ratio"),
    // A narrow measurement must not be believed more than the law itself.
    deviation: column("deviation").map((each) => Math.hypot(each, LAW_DEVIATION)),
  };
}

/** Below the heaviest by more than this, a cell is negligible; rounding cannot make it matter again. */
const FAR = Math.log(NEGLIGIBLE) - 0.01;
/** So many cells apart are weighed first, to know soon what the others are measured against. */
const PILOT = 7;

/** Logarithms of the weights, up to a constant; those of negligible cells are only known to be so. */
function weighed(cells: LaidOut, evidence: Columns): Float64Array {
  const log = new Float64Array(cells.count);
  let top = Number.NEGATIVE_INFINITY;
  for (const stride of [PILOT, 1]) {
    for (let cell = 0; cell < cells.count; cell += stride) {
      const each = logOf(cells, cell, evidence, top + FAR);
      log[cell] = each;
      if (each > top) top = each;
    }
  }
  return log;
}

/** Evidence only takes weight away: from below `least` no cell comes back. */
function logOf(cells: LaidOut, cell: number, evidence: Columns, least: number): number {
  const { count, v, x, warmer, ratio, deviation } = evidence;
  const [spread, loss] = [cells.spread[cell] ?? 1, cells.loss[cell] ?? 0];
  let log = cells.log[cell] ?? 0;
  for (let at = 0; at < count && log >= least; at += 1) {
    const needed = neededBy(cells, cell, x[at] ?? 0, warmer[at] ?? 0);
    const expected = ratioAt(v[at] ?? 0, needed, spread, loss);
    const miss = ((ratio[at] ?? 0) - expected) / (deviation[at] ?? 1);
    log -= 0.5 * Math.min(miss * miss, OUTLIER);
  }
  return log;
}

/** Weights normalised; cells that no longer matter are left out. */
function heaviest(cells: Cells, log: Float64Array): Cells {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of log) if (value > top) top = value;
  const kept: number[] = [];
  const weights: number[] = [];
  let sum = 0;
  for (let cell = 0; cell < cells.count; cell += 1) {
    const behind = (log[cell] ?? 0) - top;
    const weight = behind < FAR ? 0 : Math.exp(behind);
    if (weight < NEGLIGIBLE) continue;
    kept.push(cell);
    weights.push(weight);
    sum += weight;
  }
  const pick = (values: Float64Array): Float64Array => {
    const picked = new Float64Array(kept.length);
    for (const [index, cell] of kept.entries()) picked[index] = values[cell] ?? 0;
    return picked;
  };
  return {
    count: kept.length,
    critical: pick(cells.critical),
    slope: pick(cells.slope),
    spread: pick(cells.spread),
    inversion: pick(cells.inversion),
    loss: pick(cells.loss),
    weight: Float64Array.from(weights, (weight) => weight / sum),
  };
}
