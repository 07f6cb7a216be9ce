// How long to wait before the next attempt, so that a fleet does not return to a broker all at once.

/**
 * Milliseconds: even over `min` to `min` times 2^(failures+1), never above `max`; both in seconds.
 * `random` gives 0 up to 1.
 */
export function nextDelay(
  failures: number,
  bounds: { readonly min: number; readonly max: number },
  random: () => number,
): number {
  const ceiling = Math.min(bounds.max, bounds.min * 2 ** Math.min(failures + 1, 30));
  return 1000 * (bounds.min + random() * Math.max(0, ceiling - bounds.min));
}
