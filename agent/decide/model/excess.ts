// E[(Z - z)+] of a standard normal Z, tabulated: it is asked for millions of times.

const TABLE_END = 5;
const TABLE_STEPS = 1000;
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
