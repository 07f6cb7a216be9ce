// Boards and fans. Frequencies are in Hz (625865384.0), voltages in V.

import { present, reader, toBoolean, toNumber, toText } from "../../contract/decoding.ts";
import { averagedOver } from "../../contract/quantities.ts";
import type { Board, Fan, RateReading } from "../../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  hashesPerSecond,
  megahertz,
  millivolts,
  percent,
  rpm,
} from "../../contract/units.ts";
import type { AntminerModel } from "../../hardware/antminer.ts";
import { placesOf } from "../boards.ts";
import type { Known } from "./known.ts";
import { type Hashboard, LOCATION, sourceOf } from "./wire.ts";

const MEGA = 1e6;
const GIGA = 1e9;

export function decodeBoards(known: Known, model: AntminerModel | undefined): Board[] {
  const heard = known.answers.hashboards;
  const boards = heard?.answer.hashboards ?? [];
  if (heard === undefined) return [];
  const places = placesOf(boards.map((board) => board.id));
  return boards
    .map((board, order) => decodeBoard(board, places[order] ?? order, heard.at, model))
    .sort((a, b) => a.index - b.index);
}

function decodeBoard(
  board: Hashboard,
  index: number,
  at: EpochMs,
  model: AntminerModel | undefined,
): Board {
  const read = reader(sourceOf("hashboards"), at);
  const sensor = board.highest_chip_temp;
  const onChip = toNumber(sensor?.location) !== LOCATION.board;
  const hottest = read(celsius, sensor?.temperature?.degree_c);
  return present({
    index,
    serial: toText(board.serial_number),
    hashrate: boardRate(board, at),
    ideal: read(gigahashes, board.stats?.nominal_hashrate?.gigahash_per_second),
    chips: read(Number, board.chips_count),
    chipsExpected: model?.chipsPerBoard,
    chipTemperature: onChip ? hottest : undefined,
    boardTemperature: read(celsius, board.board_temp?.degree_c) ?? (onChip ? undefined : hottest),
    inletTemperature: read(
      celsius,
      board.lowest_inlet_temp?.degree_c ?? board.lowest_water_inlet_temp?.degree_c,
    ),
    outletTemperature: read(
      celsius,
      board.highest_outlet_temp?.degree_c ?? board.highest_water_outlet_temp?.degree_c,
    ),
    frequency: read((value) => megahertz(value / MEGA), board.current_frequency?.hertz),
    voltage: read((value) => millivolts(value * 1000), board.current_voltage?.volt),
    enabled: toBoolean(board.enabled),
  });
}

function boardRate(board: Hashboard, at: EpochMs): RateReading | undefined {
  const raw = board.stats?.real_hashrate?.last_5s?.gigahash_per_second;
  const reading = reader(sourceOf("hashboards"), at)(gigahashes, raw);
  return averagedOver(reading, 5_000);
}

const gigahashes = (value: number) => hashesPerSecond(value * GIGA);

export function decodeFans(known: Known): Fan[] {
  const heard = known.answers.cooling;
  if (heard === undefined) return [];
  const read = reader(sourceOf("cooling"), heard.at);
  return (heard.answer.fans ?? []).map((fan, order) =>
    present({
      index: toNumber(fan.position) ?? order,
      speed: read(rpm, fan.rpm),
      duty: read((ratio) => percent(Math.round(ratio * 1000) / 10), fan.target_speed_ratio),
    }),
  );
}
