// What bosminer makes of the machine: targets, the tuner that chases them, pause and restart. Everything
// is worked out from the clock when somebody looks.

import { type EpochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { estimate, S19_XP } from "./braiins-plant.ts";
import type { Plant } from "./plant.ts";
import type { Random } from "./random.ts";
import { RateMeter } from "./rate-meter.ts";

const SECOND = 1000;
/** Frequencies move over minutes when the target moves. */
const RAMP = 180 * SECOND;
/** One to nine hours are told of real machines; this is short enough for a test to wait for. */
const TUNING = 25 * 60 * SECOND;
const PREHEAT = 60 * SECOND;
const START = 90 * SECOND;
/** While the boards are set up anew, questions about them are answered with 500. */
const SETUP = 20 * SECOND;
/** Ramps are followed in steps of this. */
const STEP = 10 * SECOND;
/** Before it is tuned, a target is reached with this much left. */
const ROUGH = 0.96;

export const WINDOWS = [5e3, 15e3, 30e3, 60e3, 300e3, 900e3, 1800e3, 3600e3, 86_400e3] as const;

export type MinerTarget =
  | { readonly kind: "power"; readonly watt: number }
  | { readonly kind: "hashrate"; readonly terahash: number };

export interface HandPoint {
  readonly frequency: number;
  readonly volts: number;
}

export interface TunedPoint {
  readonly target: MinerTarget;
  readonly created: number;
  readonly points: readonly HandPoint[];
}

type Phase = "running" | "starting" | "paused";

export class BraiinsMiner {
  readonly plant: Plant;
  readonly meters: readonly RateMeter[];
  /** What the tuner comes back to, also while it is off. */
  target: MinerTarget = { kind: "power", watt: 3031 };
  /** Set by hand; undefined while the tuner is on. */
  hand: readonly HandPoint[] | undefined;
  readonly tuned: TunedPoint[] = [];
  startedAt: number;
  #at: number;
  #phase: Phase = "running";
  #phaseSince: number;
  #from: readonly HandPoint[];
  #to: readonly HandPoint[];
  #movedAt: number;
  #tuningSince: number | undefined;
  /** Boards are not alike: the tuner gives each its own share of the frequency. */
  readonly #shares: readonly number[];

  constructor(plant: Plant, random: Random, now: EpochMs) {
    this.plant = plant;
    this.#at = now;
    this.startedAt = now;
    this.#phaseSince = now - START;
    this.#movedAt = now - RAMP;
    const draws = plant.truth.boards.map(() => random.normal(0, 0.02));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    this.#shares = draws.map((draw) => 1 + draw - mean);
    this.meters = plant.truth.boards.map(() => new RateMeter(now, WINDOWS));
    this.#store(this.target, now);
    this.#store({ kind: "power", watt: 2500 }, now);
    this.#from = this.#reach(this.target, 1);
    this.#to = this.#from;
    this.#apply(this.#to);
  }

  get paused(): boolean {
    return this.#phase === "paused";
  }

  /** Boards and hash rates cannot be asked for right after a start. */
  get settingUp(): boolean {
    return this.#phase === "starting" && this.#at - this.#phaseSince < SETUP;
  }

  /** 1 not started, 2 normal, 3 paused. */
  get status(): number {
    if (this.paused) return 3;
    return this.settingUp ? 1 : 2;
  }

  /** 1 disabled, 2 stable, 3 tuning, 6 preheat. */
  get tunerState(): number {
    if (this.hand !== undefined) return 1;
    if (this.#phase === "starting") return 6;
    const moving = this.#at - this.#movedAt < RAMP;
    return moving || this.#tuningSince !== undefined ? 3 : 2;
  }

  /** Watts by the firmware's formula; a paused machine is told to draw nothing. */
  get consumption(): number {
    return this.plant.truth.hashing ? estimate(this.#points(this.#at)) : 0;
  }

  /** The profile in use; undefined while it is still being looked for. */
  get profile(): TunedPoint | undefined {
    return this.tuned.find((each) => same(each.target, this.target));
  }

  advance(to: EpochMs): void {
    while (this.#at < to) {
      const busy = this.#phase === "starting" || this.#at - this.#movedAt < RAMP;
      const next = Math.min(
        to,
        this.#at + (busy || this.#tuningSince !== undefined ? STEP : Infinity),
      );
      this.#at = next;
      this.#passPhase();
      this.#passTuning();
      this.#apply(this.#points(next));
      this.plant.advance(next as EpochMs);
    }
    for (const [board, meter] of this.meters.entries()) {
      meter.add(this.plant.counted(board), to);
    }
  }

  aim(target: MinerTarget): void {
    this.target = target;
    this.hand = undefined;
    const known = this.profile;
    this.#tuningSince = known === undefined ? this.#at + RAMP : undefined;
    this.#move(known?.points ?? this.#reach(target, ROUGH));
  }

  setByHand(points: readonly HandPoint[]): void {
    this.hand = points;
    this.#tuningSince = undefined;
    this.#move(points);
  }

  pause(): void {
    this.#phase = "paused";
    this.plant.setHashing(false);
  }

  resume(): void {
    if (this.paused) this.#begin();
  }

  /** The program starts again: its means and its uptime too. */
  restart(): void {
    this.startedAt = this.#at;
    for (const meter of this.meters) meter.reset(this.#at as EpochMs);
    this.#begin();
  }

  #begin(): void {
    this.#phase = "starting";
    this.#phaseSince = this.#at;
    this.plant.setHashing(false);
  }

  #passPhase(): void {
    if (this.#phase !== "starting" || this.#at - this.#phaseSince < PREHEAT) return;
    this.#phase = "running";
    this.plant.setHashing(true);
  }

  #passTuning(): void {
    if (this.#tuningSince === undefined || this.#at - this.#tuningSince < TUNING) return;
    this.#tuningSince = undefined;
    this.#store(this.target, this.#at);
    this.#move(this.#reach(this.target, 1));
  }

  #store(target: MinerTarget, at: number): void {
    this.tuned.push({ target, created: at, points: this.#reach(target, 1) });
  }

  #move(points: readonly HandPoint[]): void {
    this.#from = this.#points(this.#at);
    this.#to = points;
    this.#movedAt = this.#at;
  }

  #points(at: number): readonly HandPoint[] {
    const share = Math.min(1, (at - this.#movedAt) / RAMP);
    return this.#to.map((to, board) => {
      const from = this.#from[board] ?? to;
      return {
        frequency: from.frequency + (to.frequency - from.frequency) * share,
        volts: from.volts + (to.volts - from.volts) * share,
      };
    });
  }

  #apply(points: readonly HandPoint[]): void {
    for (const [board, { frequency, volts }] of points.entries()) {
      this.plant.setFrequency(megahertz(frequency), board);
      this.plant.setVoltage(millivolts(volts * 1000), board);
    }
  }

  /** The frequency whose figures meet `share` of the target; volts follow it as the chips need. */
  #reach(target: MinerTarget, share: number): readonly HandPoint[] {
    let [low, high] = [150, 700];
    for (let round = 0; round < 40; round += 1) {
      const middle = (low + high) / 2;
      if (this.#meets(this.#spread(middle), target, share)) high = middle;
      else low = middle;
    }
    return this.#spread(low);
  }

  #meets(points: readonly HandPoint[], target: MinerTarget, share: number): boolean {
    return target.kind === "power"
      ? estimate(points) >= target.watt * share
      : nominal(points) >= target.terahash * 1e12 * share;
  }

  #spread(frequency: number): readonly HandPoint[] {
    const volts = S19_XP.stock.voltage / 1000 + 0.0041 * (frequency - S19_XP.stock.frequency);
    return this.#shares.map((part) => ({ frequency: frequency * part, volts }));
  }
}

/** H/s by frequency and chips alone. */
export const nominal = (points: readonly HandPoint[]): number =>
  points.reduce(
    (sum, { frequency }) => sum + frequency * S19_XP.chipsPerBoard * S19_XP.hashesPerMhzChip,
    0,
  );

function same(a: MinerTarget, b: MinerTarget): boolean {
  if (a.kind === "power") return b.kind === "power" && a.watt === b.watt;
  return b.kind === "hashrate" && a.terahash === b.terahash;
}
