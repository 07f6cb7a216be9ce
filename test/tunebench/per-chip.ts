// A firmware that lets each chip run apart from the common frequency, and tells what each delivers.

import type { Controls, OffsetsKnob } from "../../drivers/contract/controls.ts";
import { type OffsetTable, offsetsObjection, offsetTable } from "../../drivers/contract/offsets.ts";
import type { ChipFigures, Reading } from "../../drivers/contract/telemetry.ts";
import {
  type HashesPerSecond,
  hashesPerSecond,
  megahertz,
  milliseconds,
} from "../../drivers/contract/units.ts";
import type { Plant } from "../sim/plant.ts";
import type { Actuator } from "./actuator.ts";
import type { MachineClass } from "./class.ts";

/** Adds offsets of boards and chips to the knobs of `base`; they change without a stop. */
export function withOffsets(
  base: Actuator,
  { spec, interface: face }: MachineClass,
  plant: Plant,
): Actuator {
  if (face.kind !== "per-chip" || base.controls.frequency === undefined) return base;
  const { effect } = base.controls.frequency;
  const knob = (parts: number): OffsetsKnob => ({
    min: megahertz(-face.offsetMax),
    max: megahertz(face.offsetMax),
    step: megahertz(face.offsetStep),
    effect: { ...effect, restarts: false },
    parts: Array.from({ length: spec.boards }, () => parts),
  });
  const level = (parts: number): OffsetTable =>
    Array.from({ length: spec.boards }, () => Array.from({ length: parts }, () => 0));
  let boards = level(1);
  let chips = level(spec.chipsPerBoard);
  const set = (): void => {
    for (const [board, row] of chips.entries()) {
      plant.setChipOffsets(
        board,
        row.map((each) => each + (boards[board]?.[0] ?? 0)),
      );
    }
  };
  const controls: Controls = {
    ...base.controls,
    boardOffsets: knob(1),
    chipOffsets: knob(spec.chipsPerBoard),
  };
  const quantised = (value: unknown): OffsetTable =>
    (offsetTable(value) ?? []).map((row) =>
      row.map((each) => Math.round(each / face.offsetStep) * face.offsetStep),
    );
  set();
  return {
    ...base,
    controls,
    setpoint: (reading) => ({
      ...base.setpoint(reading),
      boardOffsets: reading(boards.map((row) => megahertz(row[0] ?? 0))),
      chipOffsets: reading(chips.map((row) => row.map(megahertz))),
    }),
    problem: (setting) => {
      if (setting.knob !== "boardOffsets" && setting.knob !== "chipOffsets") {
        return base.problem(setting);
      }
      const wanted = controls[setting.knob];
      const wrong = wanted && offsetsObjection(setting.value, wanted);
      return wrong === undefined ? undefined : `${setting.knob}: ${wrong}`;
    },
    apply: (setting) => {
      if (setting.knob === "boardOffsets") boards = quantised(setting.value);
      else if (setting.knob === "chipOffsets") chips = quantised(setting.value);
      else return base.apply(setting);
      set();
      return 0;
    },
    reset: () => {
      boards = level(1);
      chips = level(spec.chipsPerBoard);
      base.reset();
      set();
    },
  };
}

/** Rates of the chips of one board, and of the board, between one reading and the next. */
export class ChipCounter {
  readonly #plant: Plant;
  readonly #board: number;
  #chips: readonly number[];
  #counted: number;

  constructor(plant: Plant, board: number) {
    this.#plant = plant;
    this.#board = board;
    this.#chips = plant.countedChips(board);
    this.#counted = plant.counted(board);
  }

  /** `window`: ms since the last call. */
  read(window: number): { readonly rate: HashesPerSecond; readonly figures: ChipFigures } {
    const chips = this.#plant.countedChips(this.#board);
    const counted = this.#plant.counted(this.#board);
    const per = (hashes: number) => hashesPerSecond((hashes / window) * 1000);
    const rate = per(counted - this.#counted);
    const figures: ChipFigures = {
      rate: chips.map((each, chip) => per(each - (this.#chips[chip] ?? 0))),
      window: milliseconds(window),
    };
    this.#chips = chips;
    this.#counted = counted;
    return { rate, figures };
  }
}

/** The two figures as telemetry has them. */
export function boardFigures(
  counter: ChipCounter | undefined,
  window: number,
  reading: <Value>(value: Value) => Reading<Value>,
) {
  if (counter === undefined) return {};
  const { rate, figures } = counter.read(window);
  return {
    hashrate: { ...reading(rate), window: milliseconds(window) },
    chipFigures: reading(figures),
  };
}
