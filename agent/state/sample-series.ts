// Readings of one machine in order, packed: as one object each they took six times the memory.

import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";

/** One reading, reduced to what averages need. */
export interface Sample {
  readonly at: EpochMs;
  readonly power?: number;
  readonly rate?: number;
  readonly ideal?: number;
  readonly chip?: number;
}

/** Enough for three measurements of ten minutes at one reading in five seconds. */
export const MAX_SAMPLES = 512;

const COLUMNS = ["power", "rate", "ideal", "chip"] as const;
export type Column = (typeof COLUMNS)[number];
const WIDTH = COLUMNS.length;
const BLOCK = 64;

/** `fill` rows are written, and a written row never changes; NaN stands for absent. */
interface Block {
  fill: number;
  readonly times: Float64Array;
  /** Of single precision: seven digits are more than any sensor tells. */
  readonly values: Float32Array;
}

/**
 * Immutable. Successive series share their blocks: one more reading is written behind the last row of the
 * newest block, where no older series looks; who continues an older series gets a block of his own.
 */
export class SampleSeries {
  static readonly none = new SampleSeries([], 0, 0);

  /** Rows `first` to `end` - 1 of the blocks. */
  readonly #blocks: readonly Block[];
  readonly #first: number;
  readonly #end: number;

  private constructor(blocks: readonly Block[], first: number, end: number) {
    this.#blocks = blocks;
    this.#first = first;
    this.#end = end;
  }

  static of(samples: readonly Sample[]): SampleSeries {
    return samples.reduce((series, sample) => series.with(sample), SampleSeries.none);
  }

  get length(): number {
    return this.#end - this.#first;
  }

  /** With one more reading; the oldest beyond MAX_SAMPLES are forgotten. */
  with(sample: Sample): SampleSeries {
    const surplus = this.length >= MAX_SAMPLES ? this.length - MAX_SAMPLES + 1 : 0;
    const start = this.#first + surplus;
    // Whole blocks go as soon as nothing in them is looked at.
    const gone = Math.floor(start / BLOCK);
    const blocks = writable(
      gone === 0 ? this.#blocks : this.#blocks.slice(gone),
      this.#end - gone * BLOCK,
    );
    const block = blocks.at(-1);
    if (block !== undefined) write(block, sample);
    return new SampleSeries(blocks, start - gone * BLOCK, this.#end - gone * BLOCK + 1);
  }

  /** As of an array: negative from the end, undefined outside. */
  at(index: number): Sample | undefined {
    const row = index < 0 ? this.#end + index : this.#first + index;
    const block = this.#blocks[Math.floor(row / BLOCK)];
    if (row < this.#first || row >= this.#end || block === undefined) return undefined;
    return sampleIn(block, row % BLOCK);
  }

  /** Those of `from` and later. */
  since(from: EpochMs): SampleSeries {
    let first = this.#end;
    while (first > this.#first && this.#timeOf(first - 1) >= from) first -= 1;
    return new SampleSeries(this.#blocks, first, this.#end);
  }

  /** What is told of one quantity, oldest first. */
  values(column: Column): number[] {
    const place = COLUMNS.indexOf(column);
    const found: number[] = [];
    for (let row = this.#first; row < this.#end; row += 1) {
      const value = this.#blocks[Math.floor(row / BLOCK)]?.values[(row % BLOCK) * WIDTH + place];
      if (value !== undefined && !Number.isNaN(value)) found.push(value);
    }
    return found;
  }

  *[Symbol.iterator](): Generator<Sample, void> {
    for (let index = 0; index < this.length; index += 1) {
      const sample = this.at(index);
      if (sample !== undefined) yield sample;
    }
  }

  /** The latest that passes. */
  findLast(passes: (sample: Sample) => boolean): Sample | undefined {
    for (let index = this.length - 1; index >= 0; index -= 1) {
      const sample = this.at(index);
      if (sample !== undefined && passes(sample)) return sample;
    }
    return undefined;
  }

  #timeOf(row: number): number {
    return this.#blocks[Math.floor(row / BLOCK)]?.times[row % BLOCK] ?? Number.NaN;
  }
}

/** The same blocks when row `end` is the next to be written in the last of them. */
function writable(blocks: readonly Block[], end: number): readonly Block[] {
  const used = end % BLOCK;
  const last = blocks.at(-1);
  if (used === 0 || last === undefined) return [...blocks, emptyBlock()];
  if (last.fill === used) return blocks;
  const copy = { ...emptyBlock(), fill: used };
  copy.times.set(last.times.subarray(0, used));
  copy.values.set(last.values.subarray(0, used * WIDTH));
  return [...blocks.slice(0, -1), copy];
}

function emptyBlock(): Block {
  const bytes = new ArrayBuffer(BLOCK * (8 + 4 * WIDTH));
  const values = new Float32Array(bytes, BLOCK * 8);
  return { fill: 0, times: new Float64Array(bytes, 0, BLOCK), values };
}

function write(block: Block, sample: Sample): void {
  block.times[block.fill] = sample.at;
  COLUMNS.forEach((column, place) => {
    block.values[block.fill * WIDTH + place] = sample[column] ?? Number.NaN;
  });
  block.fill += 1;
}

function sampleIn(block: Block, row: number): Sample {
  const sample: { at: EpochMs } & { [column in Column]?: number } = {
    at: epochMs(block.times[row] ?? Number.NaN),
  };
  COLUMNS.forEach((column, place) => {
    const value = block.values[row * WIDTH + place];
    if (value !== undefined && !Number.isNaN(value)) sample[column] = value;
  });
  return sample;
}
