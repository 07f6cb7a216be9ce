// The mining program inside a simulated Whatsminer: it starts, ramps, and holds its power limit by moving
// frequency and voltage along the factory's line. No wire protocol here.

import type { EpochMs } from "../../drivers/contract/units.ts";
import { epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";
import type { Random } from "./random.ts";
import { RateMeter } from "./rate-meter.ts";

export type Mode = "low" | "normal" | "high";

/** What this unit may draw at most: its "ordinary power". */
export const ORDINARY_WATTS = 3500;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** How often the program looks at its own power. */
const TICK = 5 * SECOND;
const WINDOWS = [5e3, 60e3, 300e3, 900e3] as const;
/** A ramp of speed 8 to 10 costs 2 to 3 % of efficiency. */
const FAST_RAMP_VOLTS = 1.0125;
/** Pre-heat frequency of the M5X and M6X factory tables. */
const LOWEST_MHZ = 210;

/** Set-point and V^2 against normal: medians of 93 low and 54 high variants of the factory tables. */
const MODES: { readonly [Name in Mode]: { readonly frequency: number; readonly volts: number } } = {
  low: { frequency: 0.842105, volts: Math.sqrt(0.936524) },
  normal: { frequency: 1, volts: 1 },
  high: { frequency: 1.2, volts: Math.sqrt(1.1025) },
};

/** Bins at one set-point span 4.6 % of the voltage on average. */
const LARGEST_BIN = 1.046;
/** 97 to 99 % of the cores must pass at the factory. */
const PASSED = 0.985;

type Phase =
  | { readonly kind: "off" }
  /** Restarting: nothing is hashed. */
  | { readonly kind: "dead"; readonly until: number }
  | { readonly kind: "ramping"; readonly since: number; readonly until: number }
  | { readonly kind: "stable" };

export class WhatsminerMiner {
  mode: Mode = "normal";
  /** Watts. */
  limit: number;
  /** Percent, 0 or less. */
  offset = 0;
  /** 0 to 10; 5 or 6 is the factory's. */
  rampSpeed = 5;
  readonly boards: readonly RateMeter[];
  readonly total: RateMeter;
  #startedAt: number;
  #phase: Phase = { kind: "stable" };
  #at: number;
  /** What the power limit leaves, MHz. */
  #regulated: number;
  #override: { readonly percent: number; readonly share: number } | undefined;
  #hashesAtStart = 0;
  readonly #plant: Plant;
  /** Voltage of this unit against the type's. */
  readonly #bin: number;
  readonly #random: Random;
  /** Gain of the supply's own power measurement. */
  readonly #gain: number;

  constructor(plant: Plant, random: Random, limit: number, now: EpochMs) {
    this.#plant = plant;
    this.#random = random;
    this.limit = limit;
    this.#gain = 1 + 0.015 * (2 * random.uniform() - 1);
    this.#at = now;
    this.#startedAt = now;
    this.#bin = this.#grade();
    this.#regulated = this.targetMhz;
    this.#drive(this.targetMhz);
    this.boards = plant.truth.boards.map(() => new RateMeter(now, WINDOWS));
    this.total = new RateMeter(now, WINDOWS);
  }

  /** Integrates up to `to`; a clock that jumps far is followed in ticks. */
  advance(to: EpochMs): void {
    // Whoever moved the plant alone did so without this program's control: its meters catch up.
    const ahead = this.#plant.truth.at;
    if (ahead > this.#at) this.#count(ahead);
    while (this.#at < to) {
      const next = epochMs(Math.min(to, this.#at + TICK));
      this.#plant.advance(next);
      this.#count(next);
      this.#control();
    }
  }

  get off(): boolean {
    return this.#phase.kind === "off";
  }

  get stable(): boolean {
    return this.#phase.kind === "stable";
  }

  /** Seconds since the program started. */
  get elapsed(): number {
    return Math.floor((this.#at - this.#startedAt) / SECOND);
  }

  /** Watts, as the supply measures its input: it errs by up to 1.5 %. */
  get measuredPower(): number {
    return this.#plant.truth.wallPower * this.#gain;
  }

  /** What mode and offset ask for. */
  get targetMhz(): number {
    const stock = this.#plant.spec.stock.frequency;
    return Math.max(LOWEST_MHZ, stock * MODES[this.mode].frequency * (1 + this.offset / 100));
  }

  get overridePercent(): number {
    return this.#override?.percent ?? 100;
  }

  /** Hashes counted since the program started. */
  get hashes(): number {
    return this.#counted() - this.#hashesAtStart;
  }

  /** 0 hash for 1 to 2 min, then the ramp; a temporary throttle is forgotten. */
  restart(): void {
    if (this.off) return;
    this.#begin(this.#random.between(65, 115) * SECOND);
  }

  powerOff(): void {
    if (this.off) return;
    this.#begin(0);
    this.#phase = { kind: "off" };
  }

  powerOn(): void {
    if (this.off) this.#begin(this.#random.between(20, 40) * SECOND);
  }

  /** False before the ramp is done. At constant voltage, within about a second, and coarse. */
  throttle(percent: number): boolean {
    if (!this.stable) return false;
    const error = percent === 100 ? 1 : 1 + 0.02 * (2 * this.#random.uniform() - 1);
    this.#override = percent === 100 ? undefined : { percent, share: (percent / 100) * error };
    if (this.#override === undefined) this.#drive(this.#regulated);
    else this.#setFrequency(this.#regulated * this.#override.share);
    return true;
  }

  #begin(dead: number): void {
    this.#override = undefined;
    this.#startedAt = this.#at;
    this.#hashesAtStart = this.#counted();
    for (const meter of [...this.boards, this.total]) meter.reset(epochMs(this.#at));
    this.#plant.setHashing(false);
    this.#phase = { kind: "dead", until: this.#at + dead };
  }

  #count(at: EpochMs): void {
    this.#at = at;
    for (const [board, meter] of this.boards.entries()) meter.add(this.#plant.counted(board), at);
    this.total.add(this.#counted(), at);
  }

  #counted(): number {
    return this.boards.reduce((sum, _meter, board) => sum + this.#plant.counted(board), 0);
  }

  #control(): void {
    const phase = this.#phase;
    if (phase.kind === "off") return;
    if (phase.kind === "dead") {
      if (this.#at < phase.until) return;
      this.#phase = { kind: "ramping", since: this.#at, until: this.#at + this.#rampTime() };
      this.#regulated = this.targetMhz;
      this.#plant.setHashing(true);
      this.#drive(LOWEST_MHZ);
      return;
    }
    if (this.#override !== undefined) return;
    this.#regulate();
    const reached = phase.kind === "ramping" ? this.#rampLine(phase) : this.targetMhz;
    this.#drive(Math.min(this.#regulated, reached));
    if (phase.kind === "ramping" && this.#at >= phase.until) this.#phase = { kind: "stable" };
  }

  /** Speed 5 to 6 takes 8 to 10 min, 8 to 10 takes 6 to 7. */
  #rampTime(): number {
    return (11.5 - 0.5 * this.rampSpeed) * MINUTE * this.#random.between(0.95, 1.05);
  }

  #rampLine({ since, until }: Extract<Phase, { kind: "ramping" }>): number {
    const done = Math.min(1, (this.#at - since) / (until - since));
    return LOWEST_MHZ + (this.targetMhz - LOWEST_MHZ) * done;
  }

  /** Closely under the limit: 1 to 2 % below it. */
  #regulate(): void {
    const load = this.measuredPower / this.limit;
    const now = this.#plant.truth.boards[0]?.frequency ?? LOWEST_MHZ;
    if (load > 0.99) {
      this.#regulated = Math.max(LOWEST_MHZ, now * (1 - 0.6 * (load - 0.985)));
    } else if (load < 0.98) {
      const rise = Math.min(0.01, 0.6 * (0.985 - load));
      this.#regulated = Math.min(this.targetMhz, Math.max(this.#regulated, now) * (1 + rise));
    }
  }

  #drive(mhz: number): void {
    this.#setFrequency(mhz);
    this.#plant.setVoltage(millivolts(this.#factoryVoltage(mhz)));
  }

  #setFrequency(mhz: number): void {
    this.#plant.setFrequency(megahertz(Math.max(LOWEST_MHZ, mhz)));
  }

  /** What the factory does once: the least voltage at which this unit delivers in normal and low mode. */
  #grade(): number {
    for (let bin = 1; bin < LARGEST_BIN; bin += 0.004) {
      const passes = [MODES.normal, MODES.low].every(({ frequency }) => {
        const mhz = this.#plant.spec.stock.frequency * frequency;
        this.#setFrequency(mhz);
        this.#plant.setVoltage(millivolts(this.#typeVoltage(mhz) * bin));
        const { boards } = this.#plant.truth;
        return boards.reduce((sum, board) => sum + board.hashRatio, 0) / boards.length >= PASSED;
      });
      if (passes) return bin;
    }
    return LARGEST_BIN;
  }

  #factoryVoltage(mhz: number): number {
    const hurry = this.rampSpeed >= 8 ? FAST_RAMP_VOLTS : 1;
    return this.#typeVoltage(mhz) * this.#bin * hurry;
  }

  /** Through the operating points of the three modes. */
  #typeVoltage(mhz: number): number {
    const { frequency, voltage } = this.#plant.spec.stock;
    const other = mhz < frequency ? MODES.low : MODES.high;
    const slope = (other.volts - 1) / (other.frequency - 1);
    return voltage * (1 + slope * (mhz / frequency - 1));
  }
}
