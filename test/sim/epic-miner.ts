// PowerPlay without its wire: ramps, stop and start, and the governor. Speeds, dead times and the
// governor's manners are assumed where no source gives them.

import { type EpochMs, epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { EpicClocks } from "./epic-clocks.ts";
import type { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

const SECOND = 1000;
export const RATE_WINDOW = 60 * SECOND;
const TICK = 5 * SECOND;
const RAMP_MHZ_PER_SECOND = 5;
const START_MHZ = 50;
const STOPPING = 5 * SECOND;
const INITIALIZING = 25 * SECOND;
/** How often the governor moves something. */
const GOVERNOR_PERIOD = 60 * SECOND;
const MOST_MHZ = 575;
const LEAST_MHZ = 100;
/** ePIC's own estimator: V = 11 + 0.0041 x MHz. */
export const ESTIMATOR = { slope: 0.0041, intercept: 11 };
export const SUPPLY = { min: 11_877, max: 15_182 };

export type State =
  | "Mining"
  | "AdjustingClockVoltage"
  | "Idling"
  | "Stopping"
  | "Initializing"
  | "Rebooting";

export interface Governor {
  running: boolean;
  algorithm: string;
  target: number;
  unit: "TH/s" | "W";
}

type Phase =
  | { readonly kind: "running" | "idle" | "down" }
  | { readonly kind: "stopping" | "initializing"; readonly until: number };

const STATES = {
  idle: "Idling",
  stopping: "Stopping",
  initializing: "Initializing",
  down: "Rebooting",
} as const satisfies Record<Exclude<Phase["kind"], "running">, State>;

export class EpicMiner {
  readonly governor: Governor = {
    running: false,
    algorithm: "VoltageOptimizer",
    target: 143,
    unit: "TH/s",
  };
  shutdownTemperature = 85;
  lastError: string | null = null;
  readonly boards: readonly RateMeter[];
  #phase: Phase = { kind: "running" };
  readonly clocks: EpicClocks;
  #volts: number;
  #at: number;
  #startedAt: number;
  #hashesAtStart: readonly number[];
  #governedAt = 0;
  readonly #plant: Plant;

  constructor(plant: Plant, now: EpochMs) {
    this.#plant = plant;
    this.#at = now;
    this.#startedAt = now;
    this.clocks = new EpicClocks(plant);
    this.#volts = plant.spec.stock.voltage;
    this.boards = this.#indexes.map(() => new RateMeter(now, [RATE_WINDOW]));
    this.#hashesAtStart = this.#indexes.map((board) => plant.counted(board));
    for (const board of this.#indexes) plant.setFrequency(this.clocks.target(board), board);
  }

  get #indexes(): number[] {
    return Array.from({ length: this.#plant.spec.boards }, (_, board) => board);
  }

  /** Integrates up to `to`; whoever moved the plant alone did so without this program's control. */
  advance(to: EpochMs): void {
    const ahead = this.#plant.truth.at;
    if (ahead > this.#at) this.#count(ahead);
    while (this.#at < to) {
      const step = this.state === "Mining" || this.state === "Idling" ? TICK : SECOND;
      const next = epochMs(Math.min(to, this.#at + step));
      const elapsed = (next - this.#at) / SECOND;
      this.#plant.advance(next);
      this.#count(next);
      this.#control(elapsed);
    }
  }

  get state(): State {
    if (this.#phase.kind !== "running") return STATES[this.#phase.kind];
    return this.#ramping ? "AdjustingClockVoltage" : "Mining";
  }

  /** mV as asked. */
  get volts(): number {
    return this.#volts;
  }

  /** Seconds since the mining program started. */
  get uptime(): number {
    return Math.floor((this.#at - this.#startedAt) / SECOND);
  }

  hashes(board: number): number {
    return this.#plant.counted(board) - (this.#hashesAtStart[board] ?? 0);
  }

  /** The firmware itself caps at 1000 MHz and 15 V, and the supply at its own ends. */
  tune(clock: number, volts: number): void {
    this.clocks.setAll(clock);
    this.tuneVolts(volts);
  }

  tuneVolts(volts: number): void {
    this.#volts = Math.min(15_000, SUPPLY.max, Math.max(SUPPLY.min, volts));
  }

  stop(): void {
    if (this.#phase.kind === "idle") return;
    this.#phase = { kind: "stopping", until: this.#at + STOPPING };
  }

  autostart(): void {
    if (this.#phase.kind === "running" || this.#phase.kind === "initializing") return;
    this.boot();
  }

  /** Nothing runs until `boot`. */
  halt(): void {
    this.#plant.setHashing(false);
    this.#phase = { kind: "down" };
  }

  boot(): void {
    this.lastError = null;
    this.#startedAt = this.#at;
    this.#hashesAtStart = this.#indexes.map((board) => this.#plant.counted(board));
    for (const meter of this.boards) meter.reset(epochMs(this.#at));
    this.#plant.setHashing(false);
    this.#phase = { kind: "initializing", until: this.#at + INITIALIZING };
  }

  get #ramping(): boolean {
    const { boards } = this.#plant.truth;
    return boards.some(
      ({ frequency, voltage }, board) =>
        Math.abs(frequency - this.clocks.target(board)) > 0.01 ||
        Math.abs(voltage - this.#volts) > 0.5,
    );
  }

  #count(at: EpochMs): void {
    this.#at = at;
    for (const [board, meter] of this.boards.entries()) meter.add(this.#plant.counted(board), at);
  }

  #control(seconds: number): void {
    const phase = this.#phase;
    if (phase.kind === "stopping" && this.#at >= phase.until) {
      this.#plant.setHashing(false);
      this.#phase = { kind: "idle" };
    }
    if (phase.kind === "initializing" && this.#at >= phase.until) {
      this.#plant.setFrequency(megahertz(START_MHZ));
      this.#plant.setHashing(true);
      this.#phase = { kind: "running" };
    }
    if (this.#phase.kind !== "running") return;
    this.#protect();
    this.#ramp(seconds);
    this.#settleVoltage();
    this.#govern();
  }

  #protect(): void {
    const hottest = Math.max(...this.#plant.truth.boards.map((board) => board.boardTemperature));
    if (hottest < this.shutdownTemperature) return;
    this.lastError = "Hashboard over temperature";
    this.#plant.setHashing(false);
    this.#phase = { kind: "idle" };
  }

  #ramp(seconds: number): void {
    const most = RAMP_MHZ_PER_SECOND * seconds;
    for (const [board, { frequency, voltage }] of this.#plant.truth.boards.entries()) {
      const target = this.clocks.target(board);
      // More clock only on the volts that it needs.
      if (target > frequency && voltage < this.#volts - 0.5) continue;
      const step = Math.max(-most, Math.min(most, target - frequency));
      if (step !== 0) this.#plant.setFrequency(megahertz(frequency + step), board);
    }
  }

  /** Rises before the clocks and falls after them. */
  #settleVoltage(): void {
    const { boards } = this.#plant.truth;
    const voltage = boards[0]?.voltage ?? 0;
    const arrived = boards.every(
      ({ frequency }, board) => Math.abs(frequency - this.clocks.target(board)) < 0.01,
    );
    if (this.#volts > voltage || arrived) this.#plant.setVoltage(millivolts(this.#volts));
  }

  #govern(): void {
    if (!this.governor.running || this.#ramping) return;
    if (this.#at - this.#governedAt < GOVERNOR_PERIOD) return;
    this.#governedAt = this.#at;
    if (this.governor.unit === "W") this.#holdPower(this.governor.target);
    else this.#holdRate(this.governor.target * 1e12);
  }

  /** The clock that gives the rate; then volts down as long as the rate stays. */
  #holdRate(target: number): void {
    const { hashesPerMhzChip, chipsPerBoard, boards } = this.#plant.spec;
    const clock = clamp(Math.round(target / (hashesPerMhzChip * chipsPerBoard * boards)));
    if (Math.abs(clock - this.clocks.mean) > 0.5) {
      this.tune(clock, estimatedVolts(clock));
      return;
    }
    const rate = this.boards.reduce((sum, meter) => sum + meter.rate(RATE_WINDOW), 0);
    this.tune(clock, this.#volts + (rate < 0.97 * target ? 40 : -10));
  }

  #holdPower(target: number): void {
    const ratio = target / this.#plant.truth.wallPower;
    if (ratio > 0.99 && ratio < 1.03) return;
    const clock = clamp(Math.floor(this.clocks.mean * ratio ** 0.7));
    this.tune(clock, estimatedVolts(clock));
  }
}

const clamp = (clock: number): number => Math.min(MOST_MHZ, Math.max(LEAST_MHZ, clock));

const estimatedVolts = (clock: number): number =>
  Math.round((ESTIMATOR.intercept + ESTIMATOR.slope * clock) * 1000);
