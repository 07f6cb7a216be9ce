// How long to leave a machine alone that does not answer.

/**
 * Doubles from the usual interval up to `max` with each failure in a row after the first, because
 * daemons that hang are kept hanging by those who ask again and again. Milliseconds.
 */
export function nextDelay(interval: number, max: number, failures: number): number {
  if (failures <= 1) return interval;
  return Math.min(Math.max(interval, max), interval * 2 ** Math.min(failures - 1, 16));
}
