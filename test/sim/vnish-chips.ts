// The chips of an S21 Pro on VNish: their frequencies as stored, and GET chains of 1.2.7 about each.

import { type EpochMs, megahertz } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";
import type { StoredMiner } from "./vnish-settings.ts";

/** Assumed: how long a chip's hashes are counted for its rate, milliseconds. */
const WINDOW = 60_000;

export class VnishChips {
  readonly #plant: Plant;
  readonly #isApart: boolean[];
  #counted: readonly (readonly number[])[];
  #since: number;
  #rates: readonly (readonly number[])[];

  constructor(plant: Plant, now: EpochMs) {
    this.#plant = plant;
    this.#isApart = plant.truth.boards.map(() => false);
    this.#counted = this.#count();
    this.#rates = this.#counted.map((row) => row.map(() => 0));
    this.#since = now;
  }

  /** Points of presets know no single boards or chips. */
  level(): void {
    for (const board of this.#isApart.keys()) this.#set(board, []);
  }

  /** After the common point was set: 0 takes that of the board, or of the machine. */
  setApart({ overclock }: StoredMiner): void {
    for (const [board, { freq, chips }] of overclock.chains.entries()) {
      const own = freq > 0 ? freq : overclock.globals.freq;
      this.#plant.setFrequency(megahertz(own), board);
      this.#set(
        board,
        chips.map((chip) => (chip > 0 ? chip - own : 0)),
      );
    }
  }

  /** MHz of each chip. */
  clocks(board: number, { overclock }: StoredMiner): readonly number[] {
    const { frequency = 0, chips = 0 } = this.#plant.truth.boards[board] ?? {};
    const { freq = 0, chips: stored = [] } = overclock.chains[board] ?? {};
    const own = freq > 0 ? freq : overclock.globals.freq;
    return Array.from({ length: chips }, (_, chip) =>
      Math.round(this.#isApart[board] === true ? stored[chip] || own : frequency),
    );
  }

  /** Hashes per second of each chip, over the last whole window; 0 until there was one. */
  rates(now: number): readonly (readonly number[])[] {
    if (now - this.#since < WINDOW) return this.#rates;
    const counted = this.#count();
    const seconds = (now - this.#since) / 1000;
    this.#rates = counted.map((row, board) =>
      row.map((each, chip) => (each - (this.#counted[board]?.[chip] ?? 0)) / seconds),
    );
    this.#counted = counted;
    this.#since = now;
    return this.#rates;
  }

  #count() {
    return this.#plant.truth.boards.map((_, board) => this.#plant.countedChips(board));
  }

  #set(board: number, offsets: readonly number[]): void {
    const apart = offsets.some((each) => each !== 0);
    if (!apart && this.#isApart[board] !== true) return;
    this.#isApart[board] = apart;
    const { chipsPerBoard } = this.#plant.spec;
    this.#plant.setChipOffsets(
      board,
      Array.from({ length: chipsPerBoard }, (_, chip) => offsets[chip] ?? 0),
    );
  }
}
