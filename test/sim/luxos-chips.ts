// The chips of a simulated LUXminer: each at its own frequency, told by healthchipget as a captured S19k Pro
// tells them. Assumed: a chip moves at once, and an order for its board makes it equal to the others.

import type { ChipAnswer } from "../../drivers/luxos/wire.ts";
import type { Plant } from "./plant.ts";

const COLUMNS = 7;

export class LuxosChips {
  /** MHz from the board, of boards that have chips apart. */
  readonly #apart = new Map<number, number[]>();
  readonly #plant: Plant;

  constructor(plant: Plant) {
    this.#plant = plant;
  }

  level(board: number): void {
    const offsets = this.#apart.get(board);
    if (offsets === undefined) return;
    this.#apart.delete(board);
    this.#plant.setChipOffsets(board, offsets.fill(0));
  }

  /** MHz of one chip; false: there is none. */
  set(board: number, chip: number, mhz: number): boolean {
    const { chipsPerBoard } = this.#plant.spec;
    if (!Number.isInteger(chip) || chip < 0 || chip >= chipsPerBoard) return false;
    const offsets = this.#apart.get(board) ?? Array.from({ length: chipsPerBoard }, () => 0);
    offsets[chip] = mhz - this.frequency(board);
    this.#apart.set(board, offsets);
    this.#plant.setChipOffsets(board, offsets);
    return true;
  }

  /** Assumed: no noise of counting. */
  tell(board: number, hashing: boolean): Partial<ChipAnswer> {
    const { hashesPerMhzChip } = this.#plant.spec;
    const CHIPS = this.#plant.chipRatios(board).map((ratio, chip) => {
      const Frequency = round(this.frequency(board) + (this.#apart.get(board)?.[chip] ?? 0));
      const ghs = hashing ? Math.round(ratio * Frequency * hashesPerMhzChip * 1e-7) / 100 : 0;
      return {
        Board: board,
        Chip: chip,
        Column: chip % COLUMNS,
        Domain: Math.floor(chip / COLUMNS),
        Frequency,
        "GHS 15m": ghs,
        "GHS 1m": ghs,
        "GHS 5m": ghs,
        Healthy: ratio > 0 ? "Y" : "N",
        IsChecking: false,
        Row: Math.floor(chip / COLUMNS),
      };
    });
    return { CHIPS };
  }

  /** MHz that the board was set to: the plant tells the mean of its chips. */
  frequency(board: number): number {
    const offsets = this.#apart.get(board) ?? [];
    const mean = offsets.reduce((sum, each) => sum + each, 0) / Math.max(1, offsets.length);
    return (this.#plant.truth.boards[board]?.frequency ?? 0) - mean;
  }
}

const round = (mhz: number): number => Math.round(mhz * 100) / 100;
