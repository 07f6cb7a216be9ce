// Hashboards and fans of the modules. Lists hold one entry a board, or one a chip.

import { present, reader } from "../contract/decoding.ts";
import { averagedOver } from "../contract/quantities.ts";
import type { Board, Fan, Reading } from "../contract/telemetry.ts";
import {
  celsius,
  clamp,
  type EpochMs,
  hashesPerSecond,
  type Milliseconds,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
} from "../contract/units.ts";
import type { AvalonModel } from "../hardware/avalon.ts";
import { figureOf, figuresOf, supplyOf } from "./module-text.ts";
import { type BoardList, boardKey, fanKey, type Module, PS } from "./wire.ts";

export interface Context {
  readonly source: string;
  readonly at: EpochMs;
  readonly model?: AvalonModel;
}

/** Hotter chips are dead ones; a dead or absent sensor reads 0, less, or -273. */
const HOTTEST_CHIP = 150;
/** Chance of no nonce at all from a live chip is then e^-20. */
const MATCHED_WORK_TO_JUDGE = 20;
/** Nano 3S counts its rail in another unit; no rail of this maker is above. */
const HIGHEST_RAIL = 60_000;

export function decodeBoards(modules: readonly Module[], context: Context): Board[] {
  return modules
    .flatMap((module) => {
      const count = boardsOf(module, context.model);
      return Array.from({ length: count }, (_, board) =>
        decodeBoard(module, board, count, context),
      );
    })
    .map((board, index) => ({ ...board, index }));
}

/** The longest list of the module; the table only for one that lists nothing. */
function boardsOf(module: Module, model: AvalonModel | undefined): number {
  const lists = [module.EEPROM, module.MGHS, module.MTmax, module.MH, module.HASHS];
  const told = Math.max(...lists.map((list) => figuresOf(list).length));
  // More is no machine of this maker but a broken answer.
  return told > 0 && told <= 16 ? told : (model?.boards ?? 0);
}

function decodeBoard(module: Module, board: number, count: number, context: Context): Board {
  const { source, at, model } = context;
  const read = reader(source, at);
  const chips = listOf(module, "PVT_T", board);
  const expected = figuresOf(module.EEPROM)[board];
  const gigahashes = figuresOf(module.MGHS)[board];
  const rail = supplyOf(module)[PS.hashRail];
  const volts = rail === undefined || rail <= 0 || rail * 10 > HIGHEST_RAIL ? undefined : rail * 10;
  const rate = read(hashesPerSecond, gigahashes === undefined ? undefined : gigahashes * 1e9);
  return present({
    index: board,
    hashrate: averagedOver(rate, averageWindow(module, model)),
    ideal: read(hashesPerSecond, idealOf(module, board, count)),
    chips: read((value) => value, answering(module, board)),
    chipsExpected: expected === undefined || expected <= 0 ? model?.chipsPerBoard : expected,
    chipTemperature: chipReading(figuresOf(module.MTmax)[board] ?? hottestOf(chips), context),
    inletTemperature: count === 1 ? airReading(module.HBITemp, context) : undefined,
    outletTemperature: count === 1 ? airReading(module.HBOTemp, context) : undefined,
    boardTemperature: count === 1 ? hotterAir(module, context) : undefined,
    frequency: read(megahertz, clockOf(module, board)),
    voltage: read(millivolts, volts),
    hardwareErrors: read((value) => value, figuresOf(module.MH)[board]),
  });
}

const listOf = (module: Module, list: BoardList, board: number): (number | undefined)[] =>
  figuresOf(module[boardKey(list, board)]);

const hottestOf = (chips: readonly (number | undefined)[]): number | undefined => {
  const live = chips.filter((value) => value !== undefined && value > 0);
  return live.length === 0 ? undefined : Math.max(...live.map(Number));
};

/** A chip that found nothing while its neighbours did. Not asked before there is enough to compare. */
function answering(module: Module, board: number): number | undefined {
  const work = listOf(module, "MW", board);
  if (work.length === 0 || work.includes(undefined)) return undefined;
  const sum = work.reduce<number>((total, value) => total + (value ?? 0), 0);
  if (sum < MATCHED_WORK_TO_JUDGE * work.length) return undefined;
  return work.filter((value) => value !== undefined && value > 0).length;
}

/** Mean of the clock steps over the cores that run at each; without a count, of the steps alone. */
function clockOf(module: Module, board: number): number | undefined {
  const steps = listOf(module, "SF", board);
  const work = clockSum(module, board);
  if (work !== undefined && work.cores > 0) return work.sum / work.cores;
  const known = steps.filter((step) => step !== undefined);
  if (known.length === 0 || known.length < steps.length) return undefined;
  return known.reduce((sum, step) => sum + step, 0) / known.length;
}

function clockSum(module: Module, board: number): { sum: number; cores: number } | undefined {
  const steps = listOf(module, "SF", board);
  const cores = listOf(module, "PLL", board);
  if (steps.length === 0 || steps.length !== cores.length) return undefined;
  let sum = 0;
  let all = 0;
  for (const [index, step] of steps.entries()) {
    const count = cores[index];
    if (step === undefined || count === undefined) return undefined;
    sum += step * count;
    all += count;
  }
  return { sum, cores: all };
}

/** Share of the module's theoretical rate by clocked cores. */
function idealOf(module: Module, board: number, count: number): number | undefined {
  const gigahashes = figureOf(module.GHSmm);
  if (gigahashes === undefined) return undefined;
  if (count === 1) return gigahashes * 1e9;
  const sums = Array.from({ length: count }, (_, index) => clockSum(module, index)?.sum);
  const own = sums[board];
  if (own === undefined || sums.includes(undefined)) return undefined;
  const all = sums.reduce<number>((total, sum) => total + (sum ?? 0), 0);
  return all > 0 ? (gigahashes * 1e9 * own) / all : undefined;
}

/** One hour by the A10 manual; on gen 3 since the start, by the Nano 3S source. */
export function averageWindow(module: Module, model: AvalonModel | undefined): Milliseconds {
  const window = windowOf(figureOf(module.Elapsed));
  return model?.generation === 3 ? window : clamp(window, milliseconds(0), milliseconds(3_600_000));
}

/** A century. */
const LONGEST_WINDOW = milliseconds(100 * 365 * 86_400_000);

export const windowOf = (seconds: number | undefined): Milliseconds =>
  clamp(milliseconds((seconds ?? 0) * 1000), milliseconds(0), LONGEST_WINDOW);

export function chipReading(value: number | undefined, { source, at }: Context) {
  if (value === undefined || value <= 0) return undefined;
  return reader(source, at)(celsius, value, value > HOTTEST_CHIP ? "implausible" : "ok");
}

export function airReading(raw: unknown, { source, at }: Context) {
  const value = figureOf(raw);
  if (value === undefined || value < -60) return undefined;
  return reader(source, at)(celsius, value, value > HOTTEST_CHIP ? "implausible" : "ok");
}

export function hotterAir(module: Module, context: Context) {
  const inlet = airReading(module.HBITemp, context);
  const outlet = airReading(module.HBOTemp, context);
  if (inlet === undefined || outlet === undefined) return inlet ?? outlet;
  return inlet.value > outlet.value ? inlet : outlet;
}

/** More than any machine of this maker has. */
const MOST_FANS = 8;

export function decodeFans(modules: readonly Module[], { source, at }: Context): Fan[] {
  const read = reader(source, at);
  const fans = modules.flatMap((module) => {
    const duty = read(percent, figureOf(module.FanR));
    const speeds = [
      module.Fan,
      ...Array.from({ length: MOST_FANS }, (_, i) => module[fanKey(i + 1)]),
    ]
      .map((raw) => read(rpm, figureOf(raw)))
      .filter((speed): speed is Reading<ReturnType<typeof rpm>> => speed !== undefined);
    return speeds.map((speed) => present({ speed, duty }));
  });
  return fans.map((fan, index) => ({ index, ...fan }));
}
