// A firmware's own power control: moves the frequency until the machine draws what it may.

import { type EpochMs, megahertz } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";

/** Share of the frequency in one step; a step a second. */
const STEP = 0.01;
const LOWEST = 0.3;
const HIGHEST = 1.3;

export class Governor {
  /** Watts at the wall. */
  limit: number;
  readonly #plant: Plant;
  #at: EpochMs;

  constructor(plant: Plant, limit: number, now: EpochMs) {
    this.#plant = plant;
    this.limit = limit;
    this.#at = now;
  }

  /** Advances the plant as well. */
  follow(now: EpochMs): void {
    const stock = this.#plant.spec.stock.frequency;
    // Long gaps need no finer look than a minute's worth of steps.
    const steps = Math.min(60, Math.floor((now - this.#at) / 1000));
    for (let step = 1; step <= steps; step += 1) {
      const at = this.#at + ((now - this.#at) * step) / steps;
      this.#plant.advance(at as EpochMs);
      const { boards, hashing, wallPower } = this.#plant.truth;
      const frequency = boards[0]?.frequency;
      if (!hashing || frequency === undefined) continue;
      const share = Math.min(STEP, Math.max(-STEP, (this.limit / wallPower - 1) / 2));
      const wanted = frequency * (1 + share);
      const within = Math.min(HIGHEST * stock, Math.max(LOWEST * stock, wanted));
      this.#plant.setFrequency(megahertz(within));
    }
    this.#plant.advance(now);
    this.#at = now;
  }
}
