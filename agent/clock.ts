// The port for time: the agent never asks the system clock by itself.

import { type EpochMs, epochMs } from "../drivers/contract/units.ts";
import { disregard, heed } from "../drivers/transport/abort.ts";

export interface Clock {
  now(): EpochMs;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(duration: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = scaledClock(1);

/** Runs `factor` times as fast as real time; more than 1 for the demo with simulated machines only. */
export function scaledClock(factor: number): Clock {
  const steady = steadyTime();
  const origin = steady();
  return {
    now: () => epochMs(Math.floor(origin + (steady() - origin) * factor)),
    sleep: (duration, signal) => sleepReal(duration / factor, signal),
  };
}

/**
 * The system's time, but never backwards: where NTP or a person sets it back, every "ten minutes since"
 * would wait for hours. Then it goes on by itself until the system's time has caught up, or the
 * next start. Boards without a battery jump forwards at their first NTP answer; that is followed.
 */
export function steadyTime(
  wall: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): () => number {
  let at = wall();
  let seen = monotonic();
  return () => {
    const elapsed = monotonic() - seen;
    seen += elapsed;
    at = Math.max(wall(), at + elapsed);
    // Whole milliseconds, because time stamps on the wire have no fractions.
    return Math.floor(at);
  };
}

function sleepReal(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      disregard(signal, done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, duration));
    heed(signal, done);
  });
}
