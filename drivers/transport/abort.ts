// One listener on a signal for all who wait for it: each of its own costs a kilobyte, and a walk past all the
// others whenever one comes or goes.

const heeding = new WeakMap<AbortSignal, Set<() => void>>();

/** `stop` is called once when the signal is aborted, unless it is disregarded before. */
export function heed(signal: AbortSignal | undefined, stop: () => void): void {
  if (signal === undefined) return;
  const known = heeding.get(signal);
  if (known !== undefined) {
    known.add(stop);
    return;
  }
  const stops = new Set([stop]);
  heeding.set(signal, stops);
  const stopAll = () => {
    for (const each of stops) each();
  };
  signal.addEventListener("abort", stopAll, { once: true });
}

export function disregard(signal: AbortSignal | undefined, stop: () => void): void {
  if (signal !== undefined) heeding.get(signal)?.delete(stop);
}
