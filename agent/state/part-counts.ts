// What each board and each chip delivered for its frequency, gathered over hours: one reading of a chip is
// mostly the noise of counting.

import type { Setting } from "../../drivers/contract/controls.ts";
import { offsetTable } from "../../drivers/contract/offsets.ts";
import type { Board, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";

/** In the order of the boards, one value or one a chip. */
type Rows = readonly (readonly number[])[];

/** Of boards or of chips. */
export interface Counts {
  /** When the last reading arrived that is in it. */
  readonly at: EpochMs;
  /** Milliseconds that were averaged, without gaps and overlaps. */
  readonly exposure: number;
  /** Averages that do not overlap. */
  readonly readings: number;
  /** Hashes per second and MHz, times exposure. */
  readonly sums: Rows;
  /** Squares of the same rates times exposure, of all parts together: what is left is noise. */
  readonly squares: number;
}

export interface PartCounts {
  readonly boards?: Counts;
  readonly chips?: Counts;
}

/** What was counted at another setting counts for so much: the edge was elsewhere. */
const OLD_SHARE = 0.5;

/** `moved`: the setting changed with this reading. Undefined where a machine tells nothing of its parts. */
export function countParts(
  counts: PartCounts | undefined,
  telemetry: Telemetry,
  moved: boolean,
): PartCounts | undefined {
  const frequency = telemetry.setpoint.frequency?.value;
  if (frequency === undefined || telemetry.boards.length === 0) return counts;
  const boards = added(counts?.boards, boardReading(telemetry, frequency), moved);
  const chips = added(counts?.chips, chipReading(telemetry, frequency), moved);
  if (boards === undefined && chips === undefined) return undefined;
  return { ...(boards === undefined ? {} : { boards }), ...(chips === undefined ? {} : { chips }) };
}

interface PartReading {
  readonly at: EpochMs;
  readonly window: number;
  readonly rows: Rows;
}

function boardReading({ boards, setpoint }: Telemetry, frequency: number): PartReading | undefined {
  const offsets = offsetTable(setpoint.boardOffsets?.value);
  if (offsets === undefined) return undefined;
  const told = boards.map((board) => board.hashrate);
  const [first] = told;
  if (first === undefined || told.some((each) => each?.quality !== "ok")) return undefined;
  const rows = told.map((each, board) => [
    (each?.value ?? 0) / (frequency + (offsets[board]?.[0] ?? 0)),
  ]);
  return { at: first.at, window: first.window, rows };
}

function chipReading({ boards, setpoint }: Telemetry, frequency: number): PartReading | undefined {
  const own = offsetTable(setpoint.chipOffsets?.value);
  const common = offsetTable(setpoint.boardOffsets?.value);
  const first = boards[0]?.chipFigures;
  const window = first?.value.window;
  if (own === undefined || first === undefined || window === undefined) return undefined;
  const rows = boards.map((board, index) =>
    chipRow(board, frequency + (common?.[index]?.[0] ?? 0), own[index] ?? []),
  );
  if (rows.some((row) => row.length === 0)) return undefined;
  return { at: first.at, window, rows };
}

function chipRow(board: Board, frequency: number, offsets: readonly number[]): number[] {
  const { quality, value } = board.chipFigures ?? {};
  const rates = (quality === "ok" ? value?.rate : undefined) ?? [];
  return rates.length === offsets.length
    ? rates.map((rate, chip) => rate / (frequency + (offsets[chip] ?? 0)))
    : [];
}

function added(
  known: Counts | undefined,
  reading: PartReading | undefined,
  moved: boolean,
): Counts | undefined {
  const counts = moved ? aged(known) : known;
  if (reading === undefined || reading.at === counts?.at) return counts;
  const { at, window, rows } = reading;
  const fits =
    counts?.sums.length === rows.length &&
    counts.sums.every((row, board) => row.length === rows[board]?.length);
  // An average that overlaps the last one adds only what is new in it.
  const fresh = fits ? Math.min(window, at - counts.at) : window;
  if (fresh <= 0) return counts;
  const old = fits ? counts : EMPTY;
  let squares = old.squares;
  const sums = rows.map((row, board) =>
    row.map((rate, part) => {
      squares += rate * rate * fresh;
      return (old.sums[board]?.[part] ?? 0) + rate * fresh;
    }),
  );
  return {
    at,
    exposure: old.exposure + fresh,
    readings: old.readings + fresh / window,
    sums,
    squares,
  };
}

/** What is set apart anew is counted anew: chips balance within their board, whatever it runs at. */
export function partsAfter(
  counts: PartCounts | undefined,
  settings: readonly Setting[],
): PartCounts | undefined {
  const set = settings.map(({ knob }) => knob);
  const { boards, chips } = counts ?? {};
  const kept: PartCounts = {
    ...(boards === undefined || set.includes("boardOffsets") ? {} : { boards }),
    ...(chips === undefined || set.includes("chipOffsets") ? {} : { chips }),
  };
  return kept.boards === undefined && kept.chips === undefined ? undefined : kept;
}

const EMPTY = { exposure: 0, readings: 0, squares: 0, sums: [] as Rows };

function aged(counts: Counts | undefined): Counts | undefined {
  return (
    counts && {
      ...counts,
      exposure: counts.exposure * OLD_SHARE,
      readings: counts.readings * OLD_SHARE,
      squares: counts.squares * OLD_SHARE,
      sums: counts.sums.map((row) => row.map((sum) => sum * OLD_SHARE)),
    }
  );
}

export interface PartRatios {
  /** Each part's rate for its frequency over the mean of all parts that deliver. */
  readonly rows: readonly (readonly number[])[];
  /** Standard deviation of one of them by the noise of counting. */
  readonly noise: number;
  /** Milliseconds behind them. */
  readonly exposure: number;
}

/** Undefined before there are three readings. */
export function ratiosOf(counts: Counts | undefined): PartRatios | undefined {
  if (counts === undefined || counts.readings < 3) return undefined;
  const { exposure, readings, sums, squares } = counts;
  const means = sums.map((row) => row.map((sum) => sum / exposure));
  const all = means.flat();
  const alive = all.filter((each) => each > 0);
  const mean = alive.reduce((total, each) => total + each, 0) / Math.max(1, alive.length);
  if (mean <= 0) return undefined;
  const within = squares / exposure - all.reduce((total, each) => total + each * each, 0);
  // Of one reading of one part; the mean of `readings` of them is so much better.
  const variance = Math.max(0, within / all.length) * (readings / Math.max(1, readings - 1));
  return {
    rows: means.map((row) => row.map((each) => each / mean)),
    noise: Math.sqrt(variance / readings) / mean,
    exposure,
  };
}
