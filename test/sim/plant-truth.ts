// The state of a plant as physics knows it.

import type {
  Celsius,
  EpochMs,
  HashesPerSecond,
  Megahertz,
  Millivolts,
  Percent,
  Rpm,
  Watts,
} from "../../drivers/contract/units.ts";
import {
  celsius,
  hashesPerSecond,
  megahertz,
  millivolts,
  watts,
} from "../../drivers/contract/units.ts";
import type { PlantBoard } from "./plant-board.ts";

export interface BoardTruth {
  readonly frequency: Megahertz;
  /** Board volts. */
  readonly voltage: Millivolts;
  /** Of the hottest chip. */
  readonly chipTemperature: Celsius;
  /** Mean of the chips: the one that power and cliff follow. */
  readonly meanChipTemperature: Celsius;
  /** A sensor on the board, half way between chips and heatsink. */
  readonly boardTemperature: Celsius;
  /** Delivered over ideal, 0 to 1. */
  readonly hashRatio: number;
  readonly hashrate: HashesPerSecond;
  readonly ideal: HashesPerSecond;
  /** Share of the nonces that are wrong, 0 to 1. */
  readonly errorRate: number;
  /** Chips that answer. */
  readonly chips: number;
  /** Of the chips. */
  readonly power: Watts;
}

export interface FanTruth {
  readonly rpm: Rpm;
  readonly duty: Percent;
}

export interface PlantTruth {
  readonly at: EpochMs;
  readonly wallPower: Watts;
  readonly psuOutput: Watts;
  readonly hashrate: HashesPerSecond;
  readonly boards: readonly BoardTruth[];
  readonly fans: readonly FanTruth[];
  readonly inlet: Celsius;
  readonly outlet: Celsius;
  readonly hashing: boolean;
}

export function boardTruth(board: PlantBoard, domains: number): BoardTruth {
  return {
    frequency: megahertz(board.meanFrequency),
    voltage: millivolts(board.volts * 1000 * domains),
    chipTemperature: celsius(board.chip + board.unit.hottest),
    meanChipTemperature: celsius(board.chip),
    boardTemperature: celsius((board.chip + board.sink) / 2),
    hashRatio: board.ratio,
    hashrate: hashesPerSecond(board.ratio * board.ideal),
    ideal: hashesPerSecond(board.ideal),
    errorRate: board.wrong,
    chips: board.alive,
    power: watts(board.power),
  };
}
