// Boards and fans, from the slots of 4028 `stats` and from the chains of `stats.cgi`.

import { present, reader, toNumber, toText } from "../contract/decoding.ts";
import type { Board, Fan, RateReading } from "../contract/telemetry.ts";
import {
  type EpochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  rpm,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { sum } from "./rate.ts";
import { boardTemperatures, parseSensors } from "./temperature.ts";
import { type Chain, SLOTS, type SlotField, type StatsRow, slot } from "./wire.ts";

/** Board rates add up to the 5 s total: 62.26 + 42.60 + 122.55 = 227.41 of "227.40" on a Z11. */
export const WINDOW_5S = milliseconds(5_000);

const numbers = Array.from({ length: SLOTS }, (_, index) => index + 1);

/** Sum of the board rates as written, for the choice of the unit. */
export const chainSum = (row: StatsRow): number | undefined =>
  sum(numbers.map((number) => slot(row, "chain_rate", number)));

/** Only numbers above zero, as an idle or absent part reports 0. */
function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}

function isBoard(row: StatsRow, number: number): boolean {
  const fields: readonly SlotField[] = ["chain_acn", "chain_rate", "temp", "temp2_"];
  if (fields.some((field) => positive(slot(row, field, number)) !== undefined)) return true;
  return parseSensors(slot(row, "temp_chip", number)).some((value) => value !== undefined);
}

/**
 * The slots of the boards, missing ones included: 1 to 3 on S19, 2 to 4 on Z15 Pro, 6 to 8 on S9. Empty
 * when the reply has no boards at all.
 */
export function boardSlots(row: StatsRow, boards: number | undefined): readonly number[] {
  const seen = numbers.filter((number) => isBoard(row, number));
  const [first] = seen;
  const last = seen.at(-1);
  if (first === undefined || last === undefined || boards === undefined) return seen;
  const start = last <= boards ? 1 : first;
  return Array.from({ length: boards }, (_, index) => start + index);
}

export interface BoardFacts {
  readonly model: AntminerModel | undefined;
  /** H/s in one unit of the rates; undefined when the algorithm is not known. */
  readonly unit: number | undefined;
  readonly source: string;
  readonly at: EpochMs;
}

export function decodeSlots(row: StatsRow, facts: BoardFacts): readonly Board[] {
  const read = reader(facts.source, facts.at);
  return boardSlots(row, facts.model?.boards).map((number, index) => {
    const get = (field: SlotField) => slot(row, field, number);
    return present({
      index,
      ...rates(get("chain_rate"), get("chain_rateideal"), facts),
      chips: read((value) => value, get("chain_acn")),
      chipsExpected: facts.model?.chipsPerBoard,
      ...boardTemperatures(
        {
          chipMax: get("temp2_"),
          boardMax: get("temp"),
          chip: get("temp_chip"),
          pcb: get("temp_pcb"),
          pic: get("temp_pic"),
        },
        facts.model,
        facts.source,
        facts.at,
      ),
      frequency: read(megahertz, positive(get("freq_avg")) ?? positive(get("freq"))),
      voltage: read(millivolts, railOf(get)),
      hardwareErrors: read((value) => value, get("chain_hw")),
    });
  });
}

/**
 * Of stock's relatives alone: VNish 3 and asicseer tell steps of 10 mV, 880 for the 8.8 V of an S9;
 * MSKMiner tells volts.
 */
function railOf(get: (field: SlotField) => unknown): number | undefined {
  const steps = positive(get("chain_vol")) ?? positive(get("voltage"));
  const volts = steps === undefined ? positive(get("chain_voltage")) : steps / 100;
  const possible = volts !== undefined && volts >= LOWEST_RAIL && volts <= HIGHEST_RAIL;
  return possible ? Math.round(volts * 1000) : undefined;
}

/** Volts of a board, S9 to S21 Hyd. */
const LOWEST_RAIL = 5;
const HIGHEST_RAIL = 25;

export function decodeChains(chains: readonly Chain[], facts: BoardFacts): readonly Board[] {
  const read = reader(facts.source, facts.at);
  return chains.map((chain, position) =>
    present({
      index: toNumber(chain.index) ?? position,
      serial: toText(chain.sn),
      ...rates(chain.rate_real, chain.rate_ideal, facts),
      chips: read((value) => value, chain.asic_num),
      chipsExpected: facts.model?.chipsPerBoard,
      ...boardTemperatures(
        { chip: chain.temp_chip, pcb: chain.temp_pcb, pic: chain.temp_pic },
        facts.model,
        facts.source,
        facts.at,
      ),
      frequency: read(megahertz, positive(chain.freq_avg)),
      hardwareErrors: read((value) => value, chain.hw),
    }),
  );
}

function rates(now: unknown, ideal: unknown, { unit, source, at }: BoardFacts) {
  if (unit === undefined) return {};
  const scaled = (raw: unknown) => {
    const value = toNumber(raw);
    return value === undefined ? undefined : hashesPerSecond(value * unit);
  };
  const rate = scaled(now);
  // An empty slot keeps 0 or a copy of its neighbour's ideal rate; 0 is no expectation.
  const expected = scaled(positive(ideal));
  const hashrate: RateReading | undefined =
    rate === undefined ? undefined : { value: rate, at, source, quality: "ok", window: WINDOW_5S };
  return {
    hashrate,
    ideal:
      expected === undefined ? undefined : { value: expected, at, source, quality: "ok" as const },
  };
}

/** What both know of each board; 4028 is the fresher and wins. */
export function mergeBoards(slots: readonly Board[], chains: readonly Board[]): readonly Board[] {
  const merged = new Map<number, Board>();
  for (const board of [...chains, ...slots]) {
    merged.set(board.index, { ...merged.get(board.index), ...board });
  }
  return [...merged.values()].sort((a, b) => a.index - b.index);
}

/**
 * Turning slots, and as many resting ones as the machine should have fans: a stopped fan must be seen,
 * an unused connector must not. Z15 uses 3 and 4 of six, S9 3 and 6 or 5 and 6.
 */
export function decodeFans(
  speeds: readonly unknown[],
  expected: number | undefined,
  source: string,
  at: EpochMs,
): readonly Fan[] {
  const read = reader(source, at);
  const known = speeds.flatMap((raw, index) => {
    const speed = read(rpm, raw);
    return speed === undefined ? [] : [{ index, speed }];
  });
  const turning = known.filter((fan) => fan.speed.value > 0);
  const resting = known.filter((fan) => fan.speed.value <= 0);
  const missing = Math.max(0, (expected ?? turning.length) - turning.length);
  return [...turning, ...resting.slice(0, missing)].sort((a, b) => a.index - b.index);
}

export const fanSpeeds = (row: StatsRow): readonly unknown[] =>
  numbers.map((number) => slot(row, "fan", number));
