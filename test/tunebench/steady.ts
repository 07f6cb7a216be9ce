// Where a unit comes to rest at an operating point: the truth, found without waiting for it.

import type { OffsetTable } from "../../drivers/contract/offsets.ts";
import { type PlantSpec, resistanceFactor, supplyEfficiency } from "../sim/physics.ts";
import { PlantBoard } from "../sim/plant-board.ts";
import { PlantChips } from "../sim/plant-chips.ts";
import type { Unit } from "../sim/plant-unit.ts";

export interface Steady {
  /** W at the wall. */
  readonly power: number;
  /** W of the supply's output. */
  readonly output: number;
  /** Fan speed as a share of full speed. */
  readonly flow: number;
  /** H/s delivered. */
  readonly rate: number;
  /** Delivered over ideal. */
  readonly ratio: number;
  /** Celsius of the hottest chip and board sensor. */
  readonly chip: number;
  readonly board: number;
  /** Chip volts of each chip above what it would need at the common frequency. */
  readonly margins: () => readonly (readonly number[])[];
}

/** MHz and board mV; `offsets` of each chip from the common frequency, 0 where absent. */
export interface SetPoint {
  readonly frequency: number;
  readonly voltage: number;
  readonly offsets?: OffsetTable;
}

/** What time has done to the unit. */
export interface Aged {
  /** mV that every chip needs more. */
  readonly drift: number;
  /** Factor of the thermal resistance. */
  readonly resistance: number;
  /** Dead chips of the first board. */
  readonly chipsLost: number;
  /** Factor of the supply's efficiency. */
  readonly supply: number;
}

export const NEW: Aged = { drift: 0, resistance: 1, chipsLost: 0, supply: 1 };

const ROUNDS = 12;

/** Celsius of the inlet; fans are the firmware's. */
export function steadyState(
  spec: PlantSpec,
  unit: Unit,
  point: SetPoint,
  inlet: number,
  aged = NEW,
): Steady {
  const boards = unit.boards.map((each) => new PlantBoard(spec, unit, each));
  let flow = spec.stock.fanDuty / 100;
  for (const [index, board] of boards.entries()) {
    const offsets = point.offsets?.[index];
    if (offsets !== undefined) {
      board.chips = new PlantChips(spec, 0);
      board.chips.set(offsets);
    }
    board.frequency = point.frequency;
    board.volts = point.voltage / 1000 / spec.domains;
    board.drift = aged.drift / 1000;
  }
  const [first] = boards;
  if (first !== undefined) first.alive -= aged.chipsLost;
  const standing = spec.power.controller + spec.power.standing;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const board of boards) board.solve(true);
    const heats = boards.map((board) => (board.power + standing / boards.length) * boards.length);
    flow = automaticFlow(spec, Math.max(...heats) * aged.resistance, inlet);
    const resistance = spec.thermal.resistance * aged.resistance * resistanceFactor(flow);
    for (const [index, board] of boards.entries()) {
      const rise = resistance * (heats[index] ?? 0);
      // Leakage feeds heat: half a step each round settles it.
      board.chip += (inlet + rise - board.chip) * (round < 3 ? 0.7 : 1);
      board.sink = inlet + spec.thermal.sinkShare * rise;
    }
  }
  for (const board of boards) board.solve(true);
  const chips = boards.reduce((sum, board) => sum + board.power, 0);
  const fans = spec.fans.count * spec.fans.maxWatts * flow ** 3;
  const output = standing + chips + fans;
  const ideal = boards.reduce((sum, board) => sum + board.ideal, 0);
  const rate = boards.reduce((sum, board) => sum + board.ideal * board.ratio, 0);
  return {
    power: wallPower(spec, output, aged),
    output,
    flow,
    rate,
    ratio: rate / ideal,
    chip: Math.max(...boards.map((board) => board.chip + board.unit.hottest)),
    board: Math.max(...boards.map((board) => (board.chip + board.sink) / 2)),
    margins: () =>
      boards.map((board) =>
        Array.from(
          board.unit.chipOffsets,
          (_, chip) => board.margin(chip) + unit.slope * (board.chips?.offsets[chip] ?? 0),
        ),
      ),
  };
}

/** Where nothing is hashed: the controller and slow fans. */
export function asleepState(spec: PlantSpec, inlet: number, aged = NEW): Steady {
  const flow = spec.fans.idleDuty / 100;
  const output = spec.power.controller + spec.fans.count * spec.fans.maxWatts * flow ** 3;
  const power = wallPower(spec, output, aged);
  return { power, output, flow, rate: 0, ratio: 0, chip: inlet, board: inlet, margins: () => [] };
}

const wallPower = (spec: PlantSpec, output: number, aged: Aged): number =>
  output / (aged.supply * supplyEfficiency(spec.psu, output));

/** The flow that holds the target temperature, within what the fans can do. */
function automaticFlow(spec: PlantSpec, heat: number, inlet: number): number {
  const allowed = spec.thermal.target - inlet;
  const least = spec.fans.minDuty / 100;
  if (allowed <= 0) return 1;
  const needed = ((spec.thermal.resistance * heat) / allowed) ** (1 / 0.8);
  return Math.min(1, Math.max(least, needed));
}
