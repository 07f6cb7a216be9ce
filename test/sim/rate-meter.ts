// Rates as cgminer and its children show them: exponentially decayed means that start at zero.

import {
  type EpochMs,
  type HashesPerSecond,
  hashesPerSecond,
} from "../../drivers/contract/units.ts";

/** 5 s, 30 s, 1 min, 5 min, 15 min, 30 min, 1 h and 24 h: every window that a known firmware shows. */
const FIRMWARE_WINDOWS = [5e3, 30e3, 60e3, 300e3, 900e3, 1800e3, 3600e3, 86_400e3] as const;

export class RateMeter {
  readonly #decayed = new Map<number, number>();
  #startedAt: number;
  #startedWith = 0;
  #at: number;
  #hashes = 0;

  /** `windows` in milliseconds. */
  constructor(now: EpochMs, windows: readonly number[] = FIRMWARE_WINDOWS) {
    this.#startedAt = now;
    this.#at = now;
    for (const window of windows) this.#decayed.set(window, 0);
  }

  /** `hashes` is cumulative, as Plant.counted() gives it; a time that does not advance changes nothing. */
  add(hashes: number, at: EpochMs): void {
    const elapsed = at - this.#at;
    if (elapsed <= 0) return;
    if (hashes < this.#hashes) {
      throw new RangeError(`hashes: ${hashes} is less than the ${this.#hashes} counted before`);
    }
    const rate = ((hashes - this.#hashes) * 1000) / elapsed;
    for (const [window, before] of this.#decayed) {
      this.#decayed.set(window, before + (rate - before) * -Math.expm1(-elapsed / window));
    }
    this.#at = at;
    this.#hashes = hashes;
  }

  /** Decayed mean over `window` milliseconds, which must be one of those the meter was made with. */
  rate(window: number): HashesPerSecond {
    const rate = this.#decayed.get(window);
    if (rate === undefined) {
      const known = [...this.#decayed.keys()].join(", ");
      throw new RangeError(`window: ${window} ms is not kept; expected one of ${known}`);
    }
    return hashesPerSecond(rate);
  }

  /** Mean since the start or the last reset; 0 before the first `add`, as the firmwares print it. */
  average(): HashesPerSecond {
    const elapsed = this.#at - this.#startedAt;
    if (elapsed <= 0) return hashesPerSecond(0);
    return hashesPerSecond(((this.#hashes - this.#startedWith) * 1000) / elapsed);
  }

  /** What a restart of the miner program does: every mean starts at zero again. */
  reset(at: EpochMs): void {
    this.#startedAt = at;
    this.#at = at;
    this.#startedWith = this.#hashes;
    for (const window of this.#decayed.keys()) this.#decayed.set(window, 0);
  }
}
