// Where a machine's edge lies: a grid posterior over the critical voltage, its slope, spread and
// temperature coefficient. Everything is relative to the stock point, so that board volts and chip
// volts need no conversion: v = V / V_stock, x = f / f_stock.
//
//   delivered / ideal:  r = 1 - k E[(vc - v)+],  vc ~ N(v0 + s (x - 1) - c (T - T_stock), sigma)
//
// The law and its figures: fits to a Bitaxe GT (140 points, 24 on the cliff), a Supra (25) and slopes of
// five sources; the spread stands for chips and boards that share one voltage.

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

export interface CliffPrior {
  /** v0: mean critical voltage at the stock point; 1 is the stock voltage. Mean and deviation. */
  readonly critical: readonly [number, number];
  /** s: relative volts per relative MHz. */
  readonly slope: readonly [number, number];
  /** sigma: weights of the values in SPREADS. */
  readonly spread: readonly number[];
  /** c: relative volts per K. */
  readonly inversion: readonly [number, number];
  /** k: share lost per relative volt below the critical one. */
  readonly steepness: number;
  /** What is believed with this share of the weight instead. */
  readonly doubt?: { readonly share: number; readonly prior: CliffPrior };
}

export const SPREADS = [0.004, 0.01, 0.016, 0.022, 0.03, 0.045] as const;

const CRITICAL = steps(0.84, 1.12, 57);
const OFFSETS = [-1.5, -0.75, 0, 0.75, 1.5] as const;
/** Cells that weigh less than this of the heaviest are left out of predictions. */
const NEGLIGIBLE = 1e-4;

interface Cells {
  readonly count: number;
  readonly critical: Float64Array;
  readonly slope: Float64Array;
  readonly spread: Float64Array;
  readonly inversion: Float64Array;
  readonly weight: Float64Array;
  readonly steepness: number;
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

  private constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** Evidence that contradicts every cell leaves the cell that contradicts it least. */
  static from(prior: CliffPrior, evidence: readonly RatioEvidence[]): Cliff {
    const cells = priorCells(prior);
    const log = cells.weight.map(Math.log);
    for (const each of evidence) {
      // A narrow measurement must not be believed more than the law itself.
      const deviation = Math.hypot(each.deviation, LAW_DEVIATION);
      for (let cell = 0; cell < cells.count; cell += 1) {
        const miss = (each.ratio - ratioOf(cells, cell, each.v, each.x, each.warmer)) / deviation;
        log[cell] = (log[cell] ?? 0) - 0.5 * Math.min(miss * miss, OUTLIER);
      }
    }
    return new Cliff(heaviest(cells, log));
  }

  /** `edge`: the ratio below which it must not fall. */
  ratio(v: number, x: number, warmer: number, edge: number): Ratio {
    const cells = this.#cells;
    let [mean, square, below] = [0, 0, 0];
    for (let cell = 0; cell < cells.count; cell += 1) {
      const weight = cells.weight[cell] ?? 0;
      const ratio = ratioOf(cells, cell, v, x, warmer);
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
}

/** How well the law itself holds: rmse of a fit away from the cliff. */
const LAW_DEVIATION = 0.002;
/** Square of the miss, in deviations, beyond which a measurement says no more. */
const OUTLIER = 25;

function ratioOf(cells: Cells, cell: number, v: number, x: number, warmer: number): number {
  const needed =
    (cells.critical[cell] ?? 0) +
    (cells.slope[cell] ?? 0) * (x - 1) -
    (cells.inversion[cell] ?? 0) * warmer;
  const spread = cells.spread[cell] ?? 1;
  const lost = cells.steepness * spread * expectedExcess((v - needed) / spread);
  return lost >= 1 ? 0 : 1 - lost;
}

const TABLE_END = 5;
const TABLE_STEPS = 1000;
/** E[(Z - z)+] of a standard normal Z, tabulated: it is asked for millions of times. */
const EXCESS = Float64Array.from({ length: TABLE_STEPS + 2 }, (_, index) =>
  exactExcess(-TABLE_END + (2 * TABLE_END * index) / TABLE_STEPS),
);

export function expectedExcess(z: number): number {
  if (z >= TABLE_END) return 0;
  if (z <= -TABLE_END) return -z;
  const place = ((z + TABLE_END) * TABLE_STEPS) / (2 * TABLE_END);
  const index = Math.floor(place);
  const low = EXCESS[index] ?? 0;
  return low + ((EXCESS[index + 1] ?? 0) - low) * (place - index);
}

/** phi(z) - z Q(z), with Q by the rational approximation 7.1.26 of Abramowitz and Stegun (1.5e-7). */
function exactExcess(z: number): number {
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const at = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * at);
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = 0.5 * series * Math.exp(-at * at);
  return density - z * (z >= 0 ? tail : 1 - tail);
}

function steps(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));
}

const bell = (offset: number): number => Math.exp(-0.5 * offset * offset);

/** By the prior: it is the same for many machines, and dear to lay out. */
const LAID_OUT = new WeakMap<CliffPrior, Cells>();

function priorCells(prior: CliffPrior): Cells {
  const cells = LAID_OUT.get(prior) ?? layOut(prior);
  LAID_OUT.set(prior, cells);
  return cells;
}

function layOut(prior: CliffPrior): Cells {
  const { doubt } = prior;
  const sure = rowsOf(prior);
  const rows =
    doubt === undefined
      ? sure
      : [...scaled(sure, 1 - doubt.share), ...scaled(rowsOf(doubt.prior), doubt.share)];
  const column = (index: number) => Float64Array.from(rows, (row) => row[index] ?? 0);
  return {
    count: rows.length,
    critical: column(0),
    slope: column(1),
    spread: column(2),
    inversion: column(3),
    weight: column(4),
    steepness: prior.steepness,
  };
}

/** Critical, slope, spread, inversion, weight. */
type Row = readonly [number, number, number, number, number];

/** The same with weights that add up to `share`. */
function scaled(rows: readonly Row[], share: number): Row[] {
  const factor = share / rows.reduce((sum, row) => sum + row[4], 0);
  return rows.map(([a, b, c, d, weight]) => [a, b, c, d, weight * factor]);
}

function rowsOf(prior: CliffPrior): Row[] {
  const rows: Row[] = [];
  for (const critical of CRITICAL) {
    const first = bell((critical - prior.critical[0]) / prior.critical[1]);
    if (first < NEGLIGIBLE) continue;
    for (const slope of OFFSETS) {
      for (const [index, spread] of SPREADS.entries()) {
        for (const inversion of [-1, 0, 1]) {
          rows.push([
            critical,
            Math.max(0.02, prior.slope[0] + slope * prior.slope[1]),
            spread,
            Math.max(0, prior.inversion[0] + inversion * prior.inversion[1]),
            Math.max(1e-12, first * bell(slope) * bell(inversion) * (prior.spread[index] ?? 0)),
          ]);
        }
      }
    }
  }
  return rows;
}

/** Weights normalised; cells that no longer matter are left out. */
function heaviest(cells: Cells, log: Float64Array): Cells {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of log) if (value > top) top = value;
  const kept: number[] = [];
  let sum = 0;
  for (let cell = 0; cell < cells.count; cell += 1) {
    const weight = Math.exp((log[cell] ?? 0) - top);
    if (weight < NEGLIGIBLE) continue;
    kept.push(cell);
    sum += weight;
  }
  const pick = (values: Float64Array) => Float64Array.from(kept, (cell) => values[cell] ?? 0);
  return {
    count: kept.length,
    critical: pick(cells.critical),
    slope: pick(cells.slope),
    spread: pick(cells.spread),
    inversion: pick(cells.inversion),
    weight: Float64Array.from(kept, (cell) => Math.exp((log[cell] ?? 0) - top) / sum),
    steepness: cells.steepness,
  };
}
