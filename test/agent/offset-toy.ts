// The toy machine with two boards of four chips, each with its own edge and its own frequency.

import type { Setting } from "../../drivers/contract/controls.ts";
import { offsetTable } from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { hashesPerSecond, megahertz, milliseconds } from "../../drivers/contract/units.ts";
import { Random } from "../sim/random.ts";
import { CONTROLS } from "./example.ts";
import { Toy } from "./toy.ts";

const MHZ_HASHES = 111e12 / 540 / 8;
const CLIFF_PER_MHZ = 4.5;
const LOSS_PER_MV = 0.0005;
const RANGE = { min: megahertz(-100), max: megahertz(100), step: megahertz(1) };

export class OffsetToy extends Toy {
  boardOffsets: readonly number[] = [0, 0];
  chipOffsets: readonly (readonly number[])[] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  /** Board mV that each chip needs above the common cliff. */
  needs = [
    [100, 20, -20, -40],
    [-20, -60, 0, -80],
  ];
  readonly #noise = new Random(3);

  /** `restarts`: what it says that offsets cost. */
  constructor(restarts = false) {
    const effect = { settles: milliseconds(60_000), restarts, persists: restarts };
    const knob = { ...RANGE, effect };
    super({
      controls: {
        ...CONTROLS,
        boardOffsets: { ...knob, parts: [1, 1] },
        chipOffsets: { ...knob, parts: [4, 4] },
      },
    });
  }

  /** A restart that loses what is not saved. */
  override crash(at: number): void {
    super.crash(at);
    this.boardOffsets = [0, 0];
    this.chipOffsets = this.chipOffsets.map((row) => row.map(() => 0));
  }

  /** Delivered over ideal, without noise. */
  get ratio(): number {
    const rates = this.#rates(() => 1).flat();
    return rates.reduce((sum, each) => sum + each, 0) / (this.frequency * MHZ_HASHES * 8);
  }

  override read(at: number): Telemetry {
    const told = super.read(at);
    const rates = this.#rates(() => 1 + this.#noise.normal(0, 0.01));
    const reading = <Value>(value: Value) => ({
      value,
      at: told.at,
      source: "toy",
      quality: "ok" as const,
    });
    const window = milliseconds(10_000);
    const sum = (row: readonly number[]) =>
      hashesPerSecond(row.reduce((all, each) => all + each, 0));
    return {
      ...told,
      hashrate: { ...told.hashrate, now: { ...reading(sum(rates.flat())), window } },
      setpoint: {
        ...told.setpoint,
        boardOffsets: reading(this.boardOffsets.map(megahertz)),
        chipOffsets: reading(this.chipOffsets.map((row) => row.map(megahertz))),
      },
      boards: rates.map((row, index) => ({
        index,
        hashrate: { ...reading(sum(row)), window },
        chipFigures: reading({ rate: row.map(hashesPerSecond), window }),
      })),
    };
  }

  override write(settings: readonly Setting[]): void {
    super.write(settings);
    for (const { knob: name, value } of settings) {
      if (name === this.stubborn) continue;
      if (name === "boardOffsets") this.boardOffsets = value;
      if (name === "chipOffsets") this.chipOffsets = offsetTable(value) ?? [];
    }
  }

  #rates(noise: () => number): number[][] {
    return this.needs.map((row, board) =>
      row.map((need, chip) => {
        const apart = (this.boardOffsets[board] ?? 0) + (this.chipOffsets[board]?.[chip] ?? 0);
        const frequency = this.frequency + apart;
        const edge = this.cliff + need - (540 - frequency) * CLIFF_PER_MHZ;
        const lost = Math.max(0, edge - this.voltage) * LOSS_PER_MV;
        return frequency * MHZ_HASHES * Math.max(0, 1 - lost) * noise();
      }),
    );
  }
}
