// How many machines are read at once: all of a thousand in one instant would cost memory, and the gateway
// of a site its table of connections.

import { disregard, heed } from "../../drivers/transport/abort.ts";

/** Milliseconds of real time after which a reading no longer counts. */
const PATIENCE = 500;
const LEAST_PLACES = 16;

export interface Gate {
  /** Waits for a place, in order of arrival, then runs the task; at once when the signal is aborted. */
  pass<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

/** For who reads few machines. */
export const openGate: Gate = { pass: (task) => task() };

/**
 * As many places as keep the pace: each one is free again after the patience at the latest, so `devices`
 * readings in each `interval` (milliseconds) get through whatever the machines do.
 */
export function placesFor(devices: number, interval: number): number {
  return Math.max(LEAST_PLACES, Math.ceil((devices / interval) * PATIENCE));
}

/**
 * `places` readings at once. A machine that hangs gives its place back after the patience, milliseconds of
 * real time, and goes on waiting until its own deadline: it is in nobody's way.
 */
export function createGate(places: number, patience = PATIENCE): Gate {
  let free = places;
  /** In the order of arrival. */
  const waiting = new Set<() => void>();

  function giveBack(): void {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  }

  /** Resolves with the duty to give the place back; undefined for who was let through without one. */
  function enter(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (free > 0) {
      free -= 1;
      return Promise.resolve(lease(giveBack, patience));
    }
    return new Promise((resolve) => {
      const go = () => {
        waiting.delete(go);
        disregard(signal, go);
        resolve(signal.aborted ? undefined : lease(giveBack, patience));
      };
      waiting.add(go);
      heed(signal, go);
    });
  }

  return {
    async pass(task, signal) {
      const giveUp = await enter(signal);
      try {
        return await task();
      } finally {
        giveUp?.();
      }
    },
  };
}

/** Gives back once: when told to, or when the time is over. */
function lease(giveBack: () => void, patience: number): () => void {
  let held = true;
  const end = () => {
    if (!held) return;
    held = false;
    clearTimeout(timer);
    giveBack();
  };
  const timer = setTimeout(end, patience);
  return end;
}
