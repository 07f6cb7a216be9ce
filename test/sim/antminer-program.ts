// The miner program of a stock S19: what runs when, on the machine's clock, and what it counts.

import {
  type EpochMs,
  epochMs,
  type HashesPerSecond,
  megahertz,
  type Percent,
} from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

const SECOND = 1000;
/** The start script lets the supply discharge before it starts the program again. */
const PAUSE = 50 * SECOND;
/** From the start of an S19 Pro: its API answers, it hashes, it is at full frequency. */
const API_AFTER = 8 * SECOND;
const HASHES_AFTER = 102 * SECOND;
const RAMP_TIME = 120 * SECOND;
const RAMP_STEPS = 8;
const RAMP_FROM = 0.6;

/** The difficulty that the pool of the simulation sets. */
export const SHARE_DIFFICULTY = 131_072;
const HASHES_PER_DIFFICULTY = 2 ** 32;

interface Event {
  readonly at: number;
  readonly act: () => void;
}

export class AntminerProgram {
  readonly plant: Plant;
  readonly boards: readonly RateMeter[];
  readonly total: RateMeter;
  /** Shares before this start do not count. */
  #sharesFrom = 0;
  #errorsFrom: readonly number[];
  #startedAt: EpochMs;
  #events: Event[] = [];
  #asleep = false;
  #answers = true;
  #fan: Percent | "auto" = "auto";
  #at: EpochMs;

  constructor(plant: Plant, now: EpochMs) {
    this.plant = plant;
    this.boards = plant.truth.boards.map(() => new RateMeter(now));
    this.total = new RateMeter(now);
    this.#errorsFrom = this.boards.map(() => 0);
    this.#startedAt = now;
    this.#at = now;
  }

  /** Its ports are open. */
  get answers(): boolean {
    return this.#answers;
  }

  get asleep(): boolean {
    return this.#asleep;
  }

  get now(): EpochMs {
    return this.#at;
  }

  /** Whole seconds since the program started. */
  get elapsed(): number {
    return Math.max(0, Math.floor((this.#at - this.#startedAt) / SECOND));
  }

  get shares(): number {
    const hashes = this.#hashes() - this.#sharesFrom;
    return Math.floor(hashes / (HASHES_PER_DIFFICULTY * SHARE_DIFFICULTY));
  }

  errors(board: number): number {
    return this.plant.errors(board) - (this.#errorsFrom[board] ?? 0);
  }

  rate(board: number): HashesPerSecond | 0 {
    return this.plant.truth.hashing ? (this.boards[board]?.rate(5000) ?? 0) : 0;
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

  /** Live, as `reload` does it. Asleep the fans idle. */
  setFan(fan: Percent | "auto"): void {
    this.#fan = fan;
    if (!this.#asleep) this.plant.setFanDuty(fan);
  }

  /** Stops now; starts in this mode after the pause, or `later` milliseconds after that. */
  restart(asleep: boolean, later = 0): void {
    this.#answers = false;
    this.plant.setHashing(false);
    this.plant.setFanDuty("auto");
    const start = this.#at + PAUSE + later;
    this.#events = [
      { at: start, act: () => this.#begin(asleep) },
      { at: start + API_AFTER, act: () => this.#open() },
      ...(asleep ? [] : this.#ramp(start + HASHES_AFTER)),
    ];
  }

  #begin(asleep: boolean): void {
    this.#startedAt = this.#at;
    this.#asleep = asleep;
    this.#sharesFrom = this.#hashes();
    this.#errorsFrom = this.boards.map((_, board) => this.plant.errors(board));
    for (const meter of [...this.boards, this.total]) meter.reset(this.#at);
    if (!asleep) this.plant.setFanDuty(this.#fan);
  }

  #open(): void {
    this.#answers = true;
  }

  #ramp(from: number): Event[] {
    return Array.from({ length: RAMP_STEPS + 1 }, (_, step) => ({
      at: from + (RAMP_TIME * step) / RAMP_STEPS,
      act: () => {
        const share = RAMP_FROM + ((1 - RAMP_FROM) * step) / RAMP_STEPS;
        this.plant.setFrequency(megahertz(this.plant.spec.stock.frequency * share));
        if (step === 0) this.plant.setHashing(true);
      },
    }));
  }

  #count(to: EpochMs): void {
    this.plant.advance(to);
    this.#at = to;
    for (const [board, meter] of this.boards.entries()) meter.add(this.plant.counted(board), to);
    this.total.add(this.#hashes(), to);
  }

  #hashes(): number {
    return this.boards.reduce((sum, _, board) => sum + this.plant.counted(board), 0);
  }
}
