// A deadline that a busy program does not shorten.

import { performance } from "node:perf_hooks";

/** A timer that is this late was held up by the program itself. Milliseconds. */
const HELD_UP = 50;

/**
 * Calls `late` after `duration` milliseconds of real time, unless the returned function is called before.
 * Timers come before sockets in a turn of the event loop: what has arrived meanwhile is handled first, and
 * the time for which the program itself was held up is given once more.
 */
export function afterPatience(duration: number, late: () => void): () => void {
  const due = performance.now() + duration;
  let last: NodeJS.Immediate | undefined;
  const end = () => {
    last = setImmediate(late);
  };
  let timer = setTimeout(() => {
    const delay = performance.now() - due;
    if (delay < HELD_UP) end();
    else timer = setTimeout(end, delay);
  }, duration);
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
}
