// The clocks that PowerPlay was asked for: of boards, and of chips apart from their board.

import { megahertz } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";

/** Set 485, the captured chips run at 487.5. */
const GRID = 6.25;
const MOST = 1000;

export class EpicClocks {
  /** MHz as asked of each board. */
  readonly boards: number[];
  readonly #apart: (readonly number[] | undefined)[];
  readonly #plant: Plant;

  constructor(plant: Plant) {
    this.#plant = plant;
    this.boards = Array.from({ length: plant.spec.boards }, () => plant.spec.stock.frequency);
    this.#apart = this.boards.map(() => undefined);
  }

  /** MHz as asked, of all boards together. */
  get mean(): number {
    return meanOf(this.boards);
  }

  /** What a board ramps to. */
  target(board: number) {
    return onGrid(this.boards[board] ?? 0);
  }

  /** MHz that each chip of a board runs at. */
  chips(board: number): readonly number[] {
    const { frequency = 0, chips = 0 } = this.#plant.truth.boards[board] ?? {};
    return Array.from(
      { length: chips },
      (_, chip) => frequency + (this.#apart[board]?.[chip] ?? 0),
    );
  }

  setAll(clock: number): void {
    for (const board of this.boards.keys()) this.setBoard(board, clock);
  }

  /** Its chips run alike again. */
  setBoard(board: number, clock: number): void {
    this.boards[board] = Math.min(MOST, clock);
    this.#setApart(board, undefined);
  }

  /** Assumed: what is then told of the board is the mean of its chips, and they move at once. */
  setChips(board: number, clocks: readonly number[]): void {
    this.boards[board] = meanOf(clocks);
    const grid = clocks.map(onGrid);
    const middle = meanOf(grid);
    this.#setApart(
      board,
      grid.map((clock) => clock - middle),
    );
  }

  #setApart(board: number, offsets: readonly number[] | undefined): void {
    if (offsets === undefined && this.#apart[board] === undefined) return;
    this.#apart[board] = offsets;
    const { chipsPerBoard } = this.#plant.spec;
    this.#plant.setChipOffsets(board, offsets ?? Array.from({ length: chipsPerBoard }, () => 0));
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

const onGrid = (clock: number) => megahertz(Math.round(clock / GRID) * GRID);
