// A machine as physics sees it: what its wire protocol may tell, hide or get wrong.

import type {
  Celsius,
  EpochMs,
  Megahertz,
  Millivolts,
  Percent,
} from "../../drivers/contract/units.ts";
import { celsius, hashesPerSecond, watts } from "../../drivers/contract/units.ts";
import {
  airRise,
  hashRatio,
  type PlantSpec,
  resistanceFactor,
  supplyEfficiency,
} from "./physics.ts";
import { PlantBoard } from "./plant-board.ts";
import { PlantChips } from "./plant-chips.ts";
import { PlantFans } from "./plant-fans.ts";
import { boardTruth, type PlantTruth } from "./plant-truth.ts";
import { drawUnit, nominalUnit, type Spread } from "./plant-unit.ts";
import { Random } from "./random.ts";

export type { PlantSpec } from "./physics.ts";
export type { BoardTruth, FanTruth, PlantTruth } from "./plant-truth.ts";
export { PLANTS } from "./plants.ts";

export interface PlantOptions {
  readonly seed: number;
  readonly now: EpochMs;
  /** Default 25 Celsius. */
  readonly inlet?: (at: EpochMs) => Celsius;
  /** Mean of the chips at the start; default that of stock. */
  readonly chipTemperature?: Celsius;
  /** false gives the nominal unit; the default is a draw of the factory's spread. */
  readonly spread?: false | Spread;
  /** Longest step of the integration, seconds; default by the length of the gap, 1 to 5. */
  readonly step?: number;
}

/** What time and dust do; a test sets it, the machine never tells. */
export interface Wear {
  /** Factor of the thermal resistance. */
  resistance: number;
  /** Factor of the supply's efficiency. */
  supply: number;
  /** Share of its commanded speed that each fan reaches; 0 is a dead fan. */
  readonly fans: number[];
}

export class Plant {
  readonly spec: PlantSpec;
  readonly wear: Wear;
  readonly #inletAt: (at: EpochMs) => Celsius;
  readonly #random: Random;
  readonly #seed: number;
  readonly #boards: readonly PlantBoard[];
  readonly #fans: PlantFans;
  readonly #longestStep: number | undefined;
  #at: EpochMs;
  #inlet: Celsius;
  #hashing = true;

  /** Starts warm: hashing at stock, at the temperatures and fan speed that belong to it. */
  constructor(spec: PlantSpec, options: PlantOptions) {
    this.spec = spec;
    this.#seed = options.seed;
    const unit =
      options.spread === false
        ? nominalUnit(spec)
        : drawUnit(spec, new Random(options.seed), options.spread);
    // Another sequence than the unit's, so that a nominal and a drawn unit count with the same noise.
    this.#random = new Random(options.seed ^ 0x6e6f636b);
    this.#boards = unit.boards.map((board) => new PlantBoard(spec, unit, board));
    this.#inletAt = options.inlet ?? (() => celsius(25));
    this.#at = options.now;
    this.#longestStep = options.step;
    this.#inlet = this.#inletAt(options.now);
    this.#fans = new PlantFans(spec);
    this.wear = {
      resistance: 1,
      supply: 1,
      fans: Array.from({ length: spec.fans.count }, () => 1),
    };
    for (const board of this.#boards) {
      board.chip = options.chipTemperature ?? spec.stock.chipTemperature;
      const rise = board.chip - this.#inlet;
      board.sink = this.#inlet + spec.thermal.sinkShare * rise;
      board.solve(true);
    }
  }

  /** Integrates up to `to`; a time that is not later changes nothing. */
  advance(to: EpochMs): void {
    const seconds = (to - this.#at) / 1000;
    if (seconds <= 0) return;
    const steps = Math.ceil(seconds / (this.#longestStep ?? stepLength(seconds)));
    const start = this.#at;
    for (let step = 1; step <= steps; step += 1) {
      this.#at = (step === steps ? to : start + ((to - start) * step) / steps) as EpochMs;
      this.#step(seconds / steps);
    }
  }

  setFrequency(value: Megahertz, board?: number): void {
    mustBePositive("frequency", value);
    for (const each of this.#selected(board)) each.frequency = value;
    this.#solve();
  }

  /** Board volts. */
  setVoltage(value: Millivolts, board?: number): void {
    mustBePositive("voltage", value);
    for (const each of this.#selected(board)) each.volts = value / 1000 / this.spec.domains;
    this.#solve();
  }

  setFanDuty(duty: Percent | "auto"): void {
    if (duty !== "auto" && !(duty >= 0 && duty <= 100)) {
      throw new RangeError(`fan duty: ${duty} is not within 0 to 100 %`);
    }
    this.#fans.setting = duty;
  }

  /** Output of the supply on or off. Off: nothing is hashed, the controller idles, fans are low. */
  setHashing(on: boolean): void {
    this.#hashing = on;
    this.#solve();
  }

  /** The last chips of the chain stop answering; `chips` is how many are left. */
  setChips(board: number, chips: number): void {
    this.#board(board).alive = Math.min(this.spec.chipsPerBoard, Math.max(0, Math.trunc(chips)));
    this.#solve();
  }

  /** Raises Vc of every chip: ageing. Chip volts, in mV. */
  setDrift(value: Millivolts, board?: number): void {
    for (const each of this.#selected(board)) each.drift = value / 1000;
    this.#solve();
  }

  /** MHz of each chip of a board from the frequency of the board. */
  setChipOffsets(board: number, offsets: readonly number[]): void {
    this.#chips(board).set(offsets);
    this.#solve();
  }

  /** Cumulative hashes of each chip, counted since this was first asked. Its noise is not the board's. */
  countedChips(board: number): readonly number[] {
    return this.#chips(board).tally();
  }

  /** Cumulative hashes counted from nonces, with counting noise. */
  counted(board: number): number {
    return this.#board(board).counted;
  }

  /** Cumulative hardware errors. */
  errors(board: number): number {
    return this.#board(board).errors;
  }

  /** Delivered over ideal of each chip; 0 for a dead one, and for all while nothing is hashed. */
  chipRatios(board: number): readonly number[] {
    const each = this.#board(board);
    return Array.from(each.unit.chipOffsets, (_, chip) =>
      this.#hashing && chip < each.alive ? hashRatio(this.spec.cliff, each.margin(chip)) : 0,
    );
  }

  /** The state at the last advance, with the set-point of the last set. */
  get truth(): PlantTruth {
    const output = this.#output();
    const boards = this.#boards.map((board) => boardTruth(board, this.spec.domains));
    const efficiency = this.wear.supply * supplyEfficiency(this.spec.psu, output);
    return {
      at: this.#at,
      wallPower: watts(output / efficiency),
      psuOutput: watts(output),
      hashrate: hashesPerSecond(boards.reduce((sum, board) => sum + board.hashrate, 0)),
      boards,
      fans: this.#fans.truth,
      inlet: this.#inlet,
      outlet: celsius(this.#inlet + airRise(this.spec.thermal, this.#fans.flow, output)),
      hashing: this.#hashing,
    };
  }

  #step(seconds: number): void {
    const { thermal } = this.spec;
    this.#inlet = this.#inletAt(this.#at);
    const hottest = Math.max(...this.#boards.map((board) => board.chip));
    this.#fans.turn(seconds, hottest, this.#hashing, this.wear.fans);
    const resistance =
      thermal.resistance * this.wear.resistance * resistanceFactor(this.#fans.flow);
    for (const board of this.#boards) {
      // Boards lie side by side in the air, so each sees the whole machine's resistance for its share.
      const heat = board.power + this.#overhead() / this.#boards.length;
      board.warm(this.#inlet, resistance * heat * this.#boards.length, seconds);
      board.solve(this.#hashing);
      board.count(seconds, this.#random);
    }
  }

  #overhead(): number {
    return this.spec.power.controller + (this.#hashing ? this.spec.power.standing : 0);
  }

  #output(): number {
    const chips = this.#boards.reduce((sum, board) => sum + board.power, 0);
    return this.#overhead() + chips + this.#fans.power;
  }

  #chips(index: number): PlantChips {
    const board = this.#board(index);
    board.chips ??= new PlantChips(this.spec, this.#seed + index);
    board.solve(this.#hashing);
    return board.chips;
  }

  #solve(): void {
    for (const board of this.#boards) board.solve(this.#hashing);
  }

  #selected(board: number | undefined): readonly PlantBoard[] {
    return board === undefined ? this.#boards : [this.#board(board)];
  }

  #board(index: number): PlantBoard {
    const board = this.#boards[index];
    if (board === undefined) {
      throw new RangeError(`board: ${index} is not within 0 to ${this.#boards.length - 1}`);
    }
    return board;
  }
}

/** Seconds. A second is fine enough for every time constant here; long gaps need not be that fine. */
function stepLength(gap: number): number {
  if (gap <= 600) return 1;
  return gap <= 7200 ? 2 : 5;
}

function mustBePositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new RangeError(`${name}: ${value} is not a positive number`);
  }
}
