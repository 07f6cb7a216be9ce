// What a board keeps of each of its chips where somebody asks for it: its own frequency, its own count.

import type { PlantSpec } from "./physics.ts";
import { Random } from "./random.ts";

export class PlantChips {
  /** MHz from the frequency of the board. */
  readonly offsets: Float64Array;
  /** Hashes per second of each chip at the last solution of the cliff. */
  readonly rates: Float64Array;
  /** Cumulative hashes counted from nonces, as of the last `tally`. */
  readonly counted: Float64Array;
  /** Counts the changes of `offsets`. */
  version = 0;
  /** Of the offsets. */
  mean = 0;
  /** Hashes that the noise of counting was not drawn for yet. */
  readonly #due: Float64Array;
  readonly #random: Random;
  readonly #work: number;

  constructor({ chipsPerBoard, difficulty }: PlantSpec, seed: number) {
    this.offsets = new Float64Array(chipsPerBoard);
    this.rates = new Float64Array(chipsPerBoard);
    this.counted = new Float64Array(chipsPerBoard);
    this.#due = new Float64Array(chipsPerBoard);
    // Another sequence than the machine's: who counts chips must not change what a board counts.
    this.#random = new Random(seed ^ 0x63686970);
    this.#work = difficulty * 2 ** 32;
  }

  set(offsets: readonly number[]): void {
    if (offsets.length !== this.offsets.length || !offsets.every(Number.isFinite)) {
      throw new RangeError(
        `chip offsets: ${offsets.length} values, expected ${this.offsets.length} numbers`,
      );
    }
    this.offsets.set(offsets);
    this.mean = offsets.reduce((sum, each) => sum + each, 0) / offsets.length;
    this.version += 1;
  }

  pass(seconds: number): void {
    for (let chip = 0; chip < this.#due.length; chip += 1) {
      this.#due[chip] = (this.#due[chip] ?? 0) + (this.rates[chip] ?? 0) * seconds;
    }
  }

  /** Poisson counts add up, so that one draw for a long stretch is as good as one a second. */
  tally(): readonly number[] {
    for (let chip = 0; chip < this.#due.length; chip += 1) {
      const nonces = this.#random.poisson((this.#due[chip] ?? 0) / this.#work);
      this.counted[chip] = (this.counted[chip] ?? 0) + nonces * this.#work;
      this.#due[chip] = 0;
    }
    return Array.from(this.counted);
  }
}
