// The grid over which the edge of a machine is believed: one cell for each critical voltage, slope,
// spread and temperature coefficient, side by side in columns.

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
export const NEGLIGIBLE = 1e-4;

/** Columns: what has one index belongs to one cell. */
export interface Cells {
  readonly count: number;
  readonly critical: Float64Array;
  readonly slope: Float64Array;
  readonly spread: Float64Array;
  readonly inversion: Float64Array;
  /** k sigma: the share that is lost for each unit of the expected excess. */
  readonly loss: Float64Array;
  readonly weight: Float64Array;
}

export interface LaidOut extends Cells {
  /** Logarithm of the weight. */
  readonly log: Float64Array;
}

/** By the prior: it is the same for many machines, and dear to lay out. */
const LAID_OUT = new WeakMap<CliffPrior, LaidOut>();

export function priorCells(prior: CliffPrior): LaidOut {
  const cells = LAID_OUT.get(prior) ?? layOut(prior);
  LAID_OUT.set(prior, cells);
  return cells;
}

function layOut(prior: CliffPrior): LaidOut {
  const { doubt, steepness } = prior;
  const sure = rowsOf(prior);
  const rows =
    doubt === undefined
      ? sure
      : [...scaled(sure, 1 - doubt.share), ...scaled(rowsOf(doubt.prior), doubt.share)];
  const column = (index: number) => Float64Array.from(rows, (row) => row[index] ?? 0);
  const [spread, weight] = [column(2), column(4)];
  return {
    count: rows.length,
    critical: column(0),
    slope: column(1),
    spread,
    inversion: column(3),
    loss: spread.map((each) => steepness * each),
    weight,
    log: weight.map(Math.log),
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

const bell = (offset: number): number => Math.exp(-0.5 * offset * offset);

function steps(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));
}
