// The boards of a rig: which are there (hardware) and how they do (telemetry), joined by serial number.

import { present, reader, toNumber, toText } from "../contract/decoding.ts";
import { rateReading, scaled, temperatureReading } from "../contract/quantities.ts";
import type { Board } from "../contract/telemetry.ts";
import { millivolts } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import type { Answers } from "./answers.ts";
import type { Hardware, TelemetryBoard } from "./wire.ts";

const TERA = 1e12;
const NOW_WINDOW = 5_000;

export function decodeBoards({ telemetry, hardware }: Pick<Answers, "telemetry" | "hardware">) {
  const listed = hardware?.value["hashboards-info"] ?? [];
  const seen = telemetry?.value.hashboards ?? [];
  const boards = listed.map((entry, position): Board => {
    const index = (toNumber(entry.slot) ?? position + 1) - 1;
    const serial = toText(entry.hb_sn);
    const live = seen.find((board) => isSame(board, serial, index));
    return {
      index,
      ...present({ serial, chipsExpected: toNumber(entry.mining_asic_count) }),
      ...(hardware === undefined ? {} : chipsOf(entry, hardware)),
      ...(live === undefined || telemetry === undefined ? {} : liveOf(live, telemetry)),
    };
  });
  const missing = seen.filter(
    (board) =>
      !listed.some((entry, position) => {
        const index = (toNumber(entry.slot) ?? position + 1) - 1;
        return isSame(board, toText(entry.hb_sn), index);
      }),
  );
  // Hardware is asked seldom: a board that was put in meanwhile is shown without its chips.
  for (const [position, board] of missing.entries()) {
    if (telemetry === undefined) break;
    boards.push({
      index: toNumber(board.index) ?? position,
      ...present({ serial: toText(board.serial_number) }),
      ...liveOf(board, telemetry),
    });
  }
  return boards;
}

/** The serial number, where both tell it; else the place. */
function isSame(board: TelemetryBoard, serial: string | undefined, index: number): boolean {
  const own = toText(board.serial_number);
  if (own !== undefined && serial !== undefined) return own === serial;
  return toNumber(board.index) === index;
}

function chipsOf(entry: Hardware["hashboards-info"][number], { source, at }: Held<unknown>) {
  return present({ chips: reader(source, at)((value) => value, entry.mining_asic_count) });
}

function liveOf(board: TelemetryBoard, origin: Held<unknown>): Partial<Board> {
  return present({
    hashrate: rateReading(board.hashrate?.value, { scale: TERA, window: NOW_WINDOW }, origin),
    boardTemperature: temperatureReading(board.temperature?.average, origin),
    inletTemperature: temperatureReading(board.temperature?.inlet, origin),
    outletTemperature: temperatureReading(board.temperature?.outlet, origin),
    voltage: reader(origin.source, origin.at)(millivolts, scaled(board.voltage?.value, 1000)),
  });
}
