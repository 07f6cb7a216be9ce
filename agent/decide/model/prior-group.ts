// Machines taken together: how many, their mean, and how far one of them is off.

export interface Group {
  readonly units: number;
  readonly mean: number;
  /** Of one unit from the mean, the uncertainty of its own measurement included. */
  readonly deviation: number;
}

/**
 * All of them as one; the order does not matter. The deviation is that of the means of the groups and the
 * mean of those within, so that machines that hardly know themselves do not look alike.
 */
export function joined(groups: readonly Group[]): Group {
  const units = groups.reduce((sum, each) => sum + each.units, 0);
  const mean = groups.reduce((sum, each) => sum + each.units * each.mean, 0) / units;
  const variance = groups.reduce(
    (sum, each) => sum + each.units * (each.deviation ** 2 + (each.mean - mean) ** 2),
    0,
  );
  return { units, mean, deviation: Math.sqrt(variance / units) };
}
