// LUXminer without its wire: profiles, ramps, sleep, and the thermal manager that moves a manual point
// back. Speeds and dead times are assumed where no source gives them.

import type { EpochMs } from "../../drivers/contract/units.ts";
import { epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { LuxosChips } from "./luxos-chips.ts";
import { PROFILES, type ProfileRow } from "./luxos-profiles.ts";
import type { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

const SECOND = 1000;
const WINDOWS = [5e3, 60e3, 300e3, 900e3, 1800e3, 3600e3, 86_400e3] as const;
/** Steps of 5 MHz (documented), five a second (assumed). */
const RAMP_MHZ_PER_SECOND = 25;
const START_MHZ = 50;
/** The supply needs 30 s between off and on; the self-test is assumed. */
const START_TIME = 45 * SECOND;
const WAKE_TIME = 15 * SECOND;
const TICK = 5 * SECOND;
/** Real machines wait for minutes after a ramp (PostRampMinutes); 2 is at the short end. */
const ATM_PATIENCE = 120 * SECOND;
/** Celsius of the board sensors: the firmware's defaults on S19. */
export const TEMPERATURES = { Target: 55, Hot: 65, Dangerous: 70 } as const;
/** The control board and a fan or two. */
const ASLEEP_WATTS = 25;

type Phase =
  | { readonly kind: "running" }
  /** Power comes back, then the ramp begins. */
  | { readonly kind: "starting"; readonly until: number }
  | { readonly kind: "asleep" }
  /** Overheated: off until the program starts again. */
  | { readonly kind: "panic" };

export class LuxosMiner {
  atmEnabled = true;
  autotunerEnabled = true;
  profile: ProfileRow;
  readonly chips: LuxosChips;
  readonly boards: readonly RateMeter[];
  readonly total: RateMeter;
  #phase: Phase = { kind: "running" };
  #at: number;
  #startedAt: number;
  #hashesAtStart: readonly number[];
  #errorsAtStart: readonly number[];
  /** MHz, by board. */
  #targets: number[];
  /** Board volts. */
  #volts: number;
  #strayedAt: number | undefined;
  readonly #plant: Plant;

  constructor(plant: Plant, now: EpochMs) {
    this.#plant = plant;
    this.chips = new LuxosChips(plant);
    this.#at = now;
    this.#startedAt = now;
    this.profile = PROFILES.find((profile) => profile.step === 0) ?? PROFILES[0]!;
    this.#targets = this.#indexes.map(() => this.profile.frequency);
    this.#volts = this.profile.voltage;
    this.boards = this.#indexes.map(() => new RateMeter(now, WINDOWS));
    this.total = new RateMeter(now, WINDOWS);
    this.#hashesAtStart = this.#indexes.map((board) => plant.counted(board));
    this.#errorsAtStart = this.#indexes.map((board) => plant.errors(board));
  }

  get #indexes(): number[] {
    return Array.from({ length: this.#plant.spec.boards }, (_, board) => board);
  }

  /** Integrates up to `to`; whoever moved the plant alone did so without this program's control. */
  advance(to: EpochMs): void {
    const ahead = this.#plant.truth.at;
    if (ahead > this.#at) this.#count(ahead);
    while (this.#at < to) {
      const step = this.ramping || this.#phase.kind === "starting" ? SECOND : TICK;
      const next = epochMs(Math.min(to, this.#at + step));
      const elapsed = next - this.#at;
      this.#plant.advance(next);
      this.#count(next);
      this.#control(elapsed / SECOND);
    }
  }

  get asleep(): boolean {
    return this.#phase.kind === "asleep";
  }

  get panicked(): boolean {
    return this.#phase.kind === "panic";
  }

  get hashing(): boolean {
    return this.#phase.kind === "running";
  }

  get ramping(): boolean {
    return this.#indexes.some((board) => this.isRamping(board));
  }

  isRamping(board: number): boolean {
    return this.hashing && Math.abs((this.#targets[board] ?? 0) - this.frequency(board)) > 0.01;
  }

  /** MHz at this moment, without what its chips are apart. */
  frequency(board: number): number {
    return this.chips.frequency(board);
  }

  /** Board volts as set. */
  get volts(): number {
    return this.#volts;
  }

  /** Seconds since the program started. */
  get elapsed(): number {
    return Math.floor((this.#at - this.#startedAt) / SECOND);
  }

  /** W: computed, so it follows the frequency and nothing else. */
  formulaWatts(formula: (mhz: number) => number): number {
    if (!this.hashing) return ASLEEP_WATTS;
    const mean = this.#indexes.reduce((sum, board) => sum + this.frequency(board), 0);
    return Math.round(formula(mean / this.#indexes.length));
  }

  /** Since the program started. */
  hashes(board: number): number {
    return this.#plant.counted(board) - (this.#hashesAtStart[board] ?? 0);
  }

  errors(board: number): number {
    return Math.floor(this.#plant.errors(board) - (this.#errorsAtStart[board] ?? 0));
  }

  setProfile(profile: ProfileRow): void {
    this.profile = profile;
    this.#follow();
  }

  /** False while nothing hashes: the firmware refuses. */
  setFrequency(board: number, mhz: number): boolean {
    if (!this.hashing) return false;
    this.#targets[board] = mhz;
    this.chips.level(board);
    return true;
  }

  /** At once, whatever the frequency: the caller's risk, as on the real machine. */
  setVoltage(volts: number): void {
    this.#volts = volts;
    this.#plant.setVoltage(millivolts(volts * 1000));
  }

  sleep(): void {
    this.#phase = { kind: "asleep" };
    this.#plant.setHashing(false);
  }

  wake(): void {
    if (!this.asleep) return;
    this.#begin(WAKE_TIME);
  }

  /** The program ended: nothing hashes until `boot`. Sleep outlives it. */
  halt(): void {
    this.#plant.setHashing(false);
    if (!this.asleep) this.#phase = { kind: "starting", until: Number.POSITIVE_INFINITY };
  }

  /** Starts anew: a manual point was never saved, the profile was. */
  boot(): void {
    this.#startedAt = this.#at;
    this.#hashesAtStart = this.#indexes.map((board) => this.#plant.counted(board));
    this.#errorsAtStart = this.#indexes.map((board) => this.#plant.errors(board));
    for (const meter of [...this.boards, this.total]) meter.reset(epochMs(this.#at));
    this.#follow();
    this.#plant.setVoltage(millivolts(this.#volts * 1000));
    if (!this.asleep) this.#begin(START_TIME);
  }

  #begin(dead: number): void {
    this.#phase = { kind: "starting", until: this.#at + dead };
  }

  #follow(): void {
    this.#targets = this.#indexes.map(() => this.profile.frequency);
    for (const board of this.#indexes) this.chips.level(board);
    this.#volts = this.profile.voltage;
    this.#strayedAt = undefined;
  }

  #count(at: EpochMs): void {
    this.#at = at;
    const counts = this.#indexes.map((board) => this.#plant.counted(board));
    for (const [board, meter] of this.boards.entries()) meter.add(counts[board] ?? 0, at);
    this.total.add(
      counts.reduce((sum, count) => sum + count, 0),
      at,
    );
  }

  #control(seconds: number): void {
    const phase = this.#phase;
    if (phase.kind === "starting" && this.#at >= phase.until) {
      this.#plant.setFrequency(megahertz(START_MHZ));
      this.#plant.setHashing(true);
      this.#phase = { kind: "running" };
    }
    if (!this.hashing) return;
    this.#ramp(seconds);
    this.#settleVoltage();
    this.#protect();
    this.#manage();
  }

  #ramp(seconds: number): void {
    const most = RAMP_MHZ_PER_SECOND * seconds;
    for (const [board, target] of this.#targets.entries()) {
      const now = this.frequency(board);
      if (Math.abs(target - now) < 1e-6) continue;
      const next = now + Math.max(-most, Math.min(most, target - now));
      this.#plant.setFrequency(megahertz(next), board);
    }
  }

  /** A profile's voltage rises before its ramp and falls after it. */
  #settleVoltage(): void {
    const now = (this.#plant.truth.boards[0]?.voltage ?? 0) / 1000;
    if (this.#volts > now || (this.#volts < now && !this.ramping)) {
      this.#plant.setVoltage(millivolts(this.#volts * 1000));
    }
  }

  #protect(): void {
    const boards = this.#plant.truth.boards;
    if (boards.every((board) => board.boardTemperature < TEMPERATURES.Dangerous)) return;
    this.#plant.setHashing(false);
    this.#phase = { kind: "panic" };
  }

  /** The thermal manager holds the machine on its profile: a manual point is moved back. */
  #manage(): void {
    const onProfile =
      this.#targets.every((target) => Math.abs(target - this.profile.frequency) < 0.5) &&
      Math.abs(this.#volts - this.profile.voltage) < 0.005;
    if (onProfile || !this.atmEnabled) {
      this.#strayedAt = undefined;
      return;
    }
    this.#strayedAt ??= this.#at;
    if (this.#at - this.#strayedAt >= ATM_PATIENCE) this.#follow();
  }
}
