// Boards and fans: from devs, stats, temps, fans and voltageget.

import {
  hottest,
  present,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { averagedOver } from "../contract/quantities.ts";
import type { Board, ChipFigures, Fan, RateReading, Reading } from "../contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  hashesPerSecond,
  megahertz,
  percent,
  rpm,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import type { Known } from "./known.ts";
import type { Report } from "./wire.ts";

type Dev = NonNullable<Report<"devs">["DEVS"]>[number];
type Temp = NonNullable<Report<"temps">["TEMPS"]>[number];

const CORNERS = ["TopLeft", "TopRight", "BottomLeft", "BottomRight"] as const;

/** Outside of these a sensor is broken, not a machine hot. */
const COLDEST = -40;
const HOTTEST = 150;

export interface BoardHeat {
  readonly chip?: Reading<Celsius>;
  readonly board?: Reading<Celsius>;
  /** Sensors on the board, at the side of the cool and of the warm air or water. */
  readonly inlet?: Reading<Celsius>;
  readonly outlet?: Reading<Celsius>;
  /** In the water itself, on water-cooled machines. */
  readonly waterInlet?: Reading<Celsius>;
  readonly waterOutlet?: Reading<Celsius>;
}

export function decodeBoards(
  known: Known,
  model: AntminerModel | undefined,
  heat: ReadonlyMap<number, BoardHeat>,
): Board[] {
  const devs = devsOf(known);
  return boardIndexes(known, model).map((index) =>
    decodeBoard(index, devs.get(index), heat.get(index), known, model),
  );
}

/** Also the boards that stats counts chips for and devs does not list: a board that is missing. */
export function boardIndexes(known: Known, model: AntminerModel | undefined): number[] {
  const indexes = new Set([...devsOf(known).keys(), ...expectedIndexes(known, model)]);
  return [...indexes].sort((a, b) => a - b);
}

function devsOf(known: Known): ReadonlyMap<number, Dev> {
  const devs = new Map<number, Dev>();
  for (const dev of known.reports.devs?.answer.DEVS ?? []) {
    const id = toNumber(dev.ID);
    if (id !== undefined) devs.set(id, dev);
  }
  return devs;
}

function expectedIndexes(known: Known, model: AntminerModel | undefined): number[] {
  return Array.from({ length: model?.boards ?? 0 }, (_, index) => index).filter(
    (index) => chain(known, "chain_acn", index) !== undefined,
  );
}

function decodeBoard(
  index: number,
  dev: Dev | undefined,
  heat: BoardHeat | undefined,
  known: Known,
  model: AntminerModel | undefined,
): Board {
  const at = known.reports.devs?.at;
  const stats = known.reports.stats;
  const fromStats = stats && reader("stats", stats.at);
  const frequency = chain(known, "freq", index);
  const voltage = known.voltages.get(index);
  return present({
    index,
    ...(dev === undefined || at === undefined ? {} : fromDev(dev, at)),
    chips: fromStats?.(Number, chain(known, "chain_acn", index)),
    chipsExpected: model?.chipsPerBoard,
    chipFigures: chipFigures(known, index),
    chipTemperature: heat?.chip,
    boardTemperature: heat?.board ?? devTemperature(dev, at),
    inletTemperature: heat?.inlet,
    outletTemperature: heat?.outlet,
    // A chain without a board, or without power, prints 0.
    frequency: frequency === 0 ? undefined : fromStats?.(megahertz, frequency),
    voltage: voltage && readingOf(voltage.answer, "voltageget", voltage.at),
  });
}

function chipFigures(known: Known, board: number): Reading<ChipFigures> | undefined {
  const heard = known.chips.get(board);
  const figures = heard?.answer.figures;
  return figures?.rate && heard && readingOf(figures, "healthchipget", heard.at);
}

function fromDev(dev: Dev, at: EpochMs) {
  const read = reader("devs", at);
  const enabled = toBoolean(dev.Enabled);
  return {
    serial: toText(dev.SerialNumber),
    hashrate: rate(dev["MHS 5s"], 5_000, at),
    ideal: read((mhs) => hashesPerSecond(mhs * 1e6), dev["Nominal MHS"]),
    hardwareErrors: read(Number, dev["Hardware Errors"]),
    enabled: enabled === true ? toBoolean(dev.IsUserShutdown) !== true : enabled,
  };
}

function rate(mhs: unknown, window: number, at: EpochMs): RateReading | undefined {
  const reading = reader("devs", at)((value) => hashesPerSecond(value * 1e6), mhs);
  return averagedOver(reading, window);
}

function devTemperature(dev: Dev | undefined, at: EpochMs | undefined) {
  return at === undefined ? undefined : temperature("devs", at, dev?.Temperature);
}

/** stats numbers its chains from 1; devs numbers the same boards from 0 (capture: rates agree). */
export function chain(known: Known, key: "chain_acn" | "freq", board: number): number | undefined {
  for (const element of known.reports.stats?.answer.STATS ?? []) {
    const value = toNumber(element[`${key}${board + 1}`]);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function decodeHeat(known: Known): ReadonlyMap<number, BoardHeat> {
  const heat = new Map<number, BoardHeat>();
  const heard = known.reports.temps;
  if (heard === undefined) return heat;
  const labels = heard.answer.METADATA?.[0];
  const sides = CORNERS.map((corner) => sideOf(labels?.[corner]?.Label));
  for (const temp of heard.answer.TEMPS ?? []) {
    const id = toNumber(temp.ID);
    if (id === undefined) continue;
    const at = (wanted: Side) =>
      hottest(
        CORNERS.map((corner, place) =>
          sides[place] === wanted ? temperature("temps", heard.at, temp[corner]) : undefined,
        ),
      );
    heat.set(id, withBoard(temp, heard.at, at));
  }
  return heat;
}

type Side = "inlet" | "outlet" | "waterInlet" | "waterOutlet" | "unknown";

function withBoard(
  temp: Temp,
  at: EpochMs,
  sideAt: (side: Side) => Reading<Celsius> | undefined,
): BoardHeat {
  const inlet = sideAt("inlet");
  const outlet = sideAt("outlet");
  return present({
    chip: temperature("temps", at, temp.Chip),
    board: hottest([inlet, outlet, sideAt("unknown"), temperature("temps", at, temp.Board)]),
    inlet,
    outlet,
    waterInlet: sideAt("waterInlet"),
    waterOutlet: sideAt("waterOutlet"),
  });
}

function sideOf(label: string | undefined): Side {
  const words = label?.toLowerCase() ?? "";
  const cool = /intake|inlet/.test(words);
  if (!cool && !/exhaust|outlet/.test(words)) return "unknown";
  if (words.includes("water")) return cool ? "waterInlet" : "waterOutlet";
  return cool ? "inlet" : "outlet";
}

/** A sensor that is not there prints 0. */
function temperature(source: string, at: EpochMs, raw: unknown): Reading<Celsius> | undefined {
  const value = toNumber(raw);
  if (value === undefined || value === 0) return undefined;
  const believable = value > COLDEST && value < HOTTEST;
  return reader(source, at)(celsius, value, believable ? "ok" : "implausible");
}

export function decodeFans(known: Known): Fan[] {
  const heard = known.reports.fans;
  if (heard === undefined) return [];
  const read = reader("fans", heard.at);
  return (heard.answer.FANS ?? [])
    .map((fan, place) =>
      present({
        index: toNumber(fan.ID) ?? place,
        speed: read(rpm, fan.RPM),
        duty: read(percent, fan.Speed),
      }),
    )
    .sort((a, b) => a.index - b.index);
}
