// The port for time: the agent never asks the system clock by itself.

import { type EpochMs, epochMs } from "../drivers/contract/units.ts";

export interface Clock {
  now(): EpochMs;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(duration: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = scaledClock(1);

/** Runs `factor` times as fast as real time; for the demo against simulated machines only. */
export function scaledClock(factor: number): Clock {
  const origin = Date.now();
  return {
    now: () => epochMs(origin + (Date.now() - origin) * factor),
    sleep: (duration, signal) => sleepReal(duration / factor, signal),
  };
}

function sleepReal(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, duration));
    signal.addEventListener("abort", done, { once: true });
  });
}
