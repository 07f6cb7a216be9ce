// The miner program of a T3H+: it runs at the point of its profile, and finds that point anew after each
// change of the profile. Everything is worked out when somebody looks, from the machine's own clock.

import { type EpochMs, epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** From the start until its API answers and until boards hash; assumed. */
const ANSWERS_AFTER = 10 * SECOND;
const HASHES_AFTER = 60 * SECOND;
/** "Tuning takes about 30 minutes" in all. */
const TUNING = 25 * MINUTE;
/** Share of the frequency that it finds, while it searches; assumed. */
const SEARCHING = 0.96;
const SHARE_DIFFICULTY = 131_072;
const HASHES_PER_DIFFICULTY = 2 ** 32;

/** The slider of the maker's page. */
export const SLIDER: readonly string[] = [
  ...["efficient 2", "efficient 3", "efficient 4"],
  ...["balanced 0", "balanced 1", "balanced 2", "balanced 3", "balanced 4"],
  ...["factory 0", "factory 1", "factory 2", "factory 3", "factory 4"],
  ...["performance 0", "performance 1", "performance 2", "performance 3"],
];
export const STOCK = "factory 2";
/** Of a step of the slider, share of stock; assumed. */
const FREQUENCY_STEP = 0.03;
const VOLTAGE_STEP = 0.005;

interface Event {
  readonly at: number;
  readonly act: () => void;
}

export class InnosiliconProgram {
  readonly plant: Plant;
  readonly boards: readonly RateMeter[];
  tuning = false;
  answers = true;
  #startedAt: EpochMs;
  #hashesBefore: readonly number[];
  #events: Event[] = [];
  #at: EpochMs;

  constructor(plant: Plant, now: EpochMs) {
    this.plant = plant;
    this.boards = plant.truth.boards.map(() => new RateMeter(now));
    this.#hashesBefore = this.boards.map(() => 0);
    this.#startedAt = now;
    this.#at = now;
  }

  /** Seconds since the start. */
  get elapsed(): number {
    return Math.max(0, Math.floor((this.#at - this.#startedAt) / SECOND));
  }

  shares(board: number): number {
    const hashes = this.plant.counted(board) - (this.#hashesBefore[board] ?? 0);
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

  /** `after` milliseconds of darkness it runs at `profile`; `retune`: it has to look for the point. */
  restart(profile: string, after: number, retune: boolean): void {
    const still = this.tuning || retune;
    this.answers = false;
    this.tuning = false;
    this.plant.setHashing(false);
    const start = this.#at + after;
    const hashing = start + HASHES_AFTER;
    this.#events = [
      { at: start, act: () => this.#begin(still) },
      { at: start + ANSWERS_AFTER, act: () => this.#open() },
      { at: hashing, act: () => this.#hash(profile, still ? SEARCHING : 1) },
      ...(still ? [{ at: hashing + TUNING, act: () => this.#found(profile) }] : []),
    ];
  }

  #begin(tuning: boolean): void {
    this.#startedAt = this.#at;
    this.tuning = tuning;
    this.#hashesBefore = this.boards.map((_, board) => this.plant.counted(board));
    for (const meter of this.boards) meter.reset(this.#at);
  }

  #open(): void {
    this.answers = true;
  }

  #hash(profile: string, share: number): void {
    const steps = SLIDER.indexOf(profile) - SLIDER.indexOf(STOCK);
    const { frequency, voltage } = this.plant.spec.stock;
    this.plant.setFrequency(megahertz(frequency * (1 + FREQUENCY_STEP * steps) * share));
    this.plant.setVoltage(millivolts(voltage * (1 + VOLTAGE_STEP * steps)));
    this.plant.setHashing(true);
  }

  #found(profile: string): void {
    this.tuning = false;
    this.#hash(profile, 1);
  }

  #count(to: EpochMs): void {
    this.plant.advance(to);
    this.#at = to;
    for (const [board, meter] of this.boards.entries()) meter.add(this.plant.counted(board), to);
  }
}
