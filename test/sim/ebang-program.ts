// The miner program of an Ebit E11++: one point, averages, and a start that takes a minute.

import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

const SECOND = 1000;
/** From an order until the program runs again and until it hashes; assumed. */
const STARTS_AFTER = 15 * SECOND;
const HASHES_AFTER = 60 * SECOND;
export const SHARE_DIFFICULTY = 8192;
const HASHES_PER_DIFFICULTY = 2 ** 32;

interface Event {
  readonly at: number;
  readonly act: () => void;
}

export class EbangProgram {
  readonly plant: Plant;
  readonly meter: RateMeter;
  #startedAt: EpochMs;
  #hashesBefore = 0;
  #events: Event[] = [];
  #at: EpochMs;

  constructor(plant: Plant, now: EpochMs) {
    this.plant = plant;
    this.meter = new RateMeter(now);
    this.#startedAt = now;
    this.#at = now;
  }

  /** Seconds since the start. */
  get elapsed(): number {
    return Math.max(0, Math.floor((this.#at - this.#startedAt) / SECOND));
  }

  get shares(): number {
    const hashes = this.#hashes() - this.#hashesBefore;
    return Math.floor(hashes / (HASHES_PER_DIFFICULTY * SHARE_DIFFICULTY));
  }

  /** Lives through everything up to `to`, in order. */
  advance(to: EpochMs): void {
    for (;;) {
      const [next] = this.#events;
      if (next === undefined || next.at > to) break;
      this.#events.shift();
      this.#count(epochMs(next.at));
      next.act();
    }
    this.#count(to);
  }

  restart(): void {
    this.plant.setHashing(false);
    const start = this.#at + STARTS_AFTER;
    this.#events = [
      { at: start, act: () => this.#begin() },
      { at: start + HASHES_AFTER, act: () => this.plant.setHashing(true) },
    ];
  }

  #begin(): void {
    this.#startedAt = this.#at;
    this.#hashesBefore = this.#hashes();
    this.meter.reset(this.#at);
  }

  #count(to: EpochMs): void {
    this.plant.advance(to);
    this.#at = to;
    this.meter.add(this.#hashes(), to);
  }

  #hashes(): number {
    return this.plant.truth.boards.reduce((sum, _, board) => sum + this.plant.counted(board), 0);
  }
}
