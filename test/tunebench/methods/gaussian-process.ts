// A Gaussian process with Matern 5/2 kernel and zero mean, small and dense.

export interface Belief {
  readonly mean: number;
  readonly deviation: number;
}

export interface Shape {
  /** Standard deviation of the function. */
  readonly deviation: number;
  /** Length scale of each input. */
  readonly lengths: readonly number[];
}

export type Process = (at: readonly number[]) => Belief;

export interface Observation {
  readonly at: readonly number[];
  readonly value: number;
  /** Standard deviation of its noise. */
  readonly noise: number;
}

export function gaussianProcess(shape: Shape, seen: readonly Observation[]): Process {
  const variance = shape.deviation ** 2;
  const factor = cholesky(
    seen.map((one, row) =>
      seen.map(
        (other, column) =>
          variance * matern(shape, one.at, other.at) + (row === column ? one.noise ** 2 : 0),
      ),
    ),
  );
  const weights = forward(
    factor,
    seen.map((each) => each.value),
  );
  return (at) => {
    const half = forward(
      factor,
      seen.map((each) => variance * matern(shape, each.at, at)),
    );
    const mean = half.reduce((sum, each, index) => sum + each * (weights[index] ?? 0), 0);
    const known = half.reduce((sum, each) => sum + each * each, 0);
    return { mean, deviation: Math.sqrt(Math.max(1e-12, variance - known)) };
  };
}

function matern(shape: Shape, one: readonly number[], other: readonly number[]): number {
  const square = one.reduce(
    (sum, value, index) => sum + ((value - (other[index] ?? 0)) / (shape.lengths[index] ?? 1)) ** 2,
    0,
  );
  const distance = Math.sqrt(5 * square);
  return (1 + distance + distance ** 2 / 3) * Math.exp(-distance);
}

/** Lower triangle L with L L' = matrix. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const lower: number[][] = [];
  for (const [row, values] of matrix.entries()) {
    const line: number[] = [];
    for (let column = 0; column <= row; column += 1) {
      const other = lower[column] ?? line;
      let sum = values[column] ?? 0;
      for (let index = 0; index < column; index += 1)
        sum -= (line[index] ?? 0) * (other[index] ?? 0);
      line.push(row === column ? Math.sqrt(Math.max(1e-12, sum)) : sum / (other[column] ?? 1));
    }
    lower.push(line);
  }
  return lower;
}

/** Solves L x = values. */
function forward(lower: readonly (readonly number[])[], values: readonly number[]): number[] {
  const solved: number[] = [];
  for (const [row, line] of lower.entries()) {
    let sum = values[row] ?? 0;
    for (let index = 0; index < row; index += 1) sum -= (line[index] ?? 0) * (solved[index] ?? 0);
    solved.push(sum / (line[row] ?? 1));
  }
  return solved;
}
