// Bitaxe boards and their NerdAxe relatives, one line a model. Boards, chips, defaults and option lists
// follow ESP-Miner's `device_config.h` (v2.15) and the board classes of ESP-Miner-NerdQAxePlus.

import {
  type Celsius,
  celsius,
  type HashesPerSecond,
  hashesPerSecond,
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  type Watts,
  watts,
} from "../contract/units.ts";

export type BitaxeChip = "BM1397" | "BM1366" | "BM1368" | "BM1370";

/** One hash a small core and clock. */
const SMALL_CORES: Readonly<Record<BitaxeChip, number>> = {
  BM1397: 672,
  BM1366: 894,
  BM1368: 1276,
  BM1370: 2040,
};

/** Between the ends of the lists that the firmware itself offers. Chip volts. */
export interface BitaxeEnvelope {
  readonly frequency: { readonly min: Megahertz; readonly max: Megahertz };
  readonly voltage: { readonly min: Millivolts; readonly max: Millivolts };
}

export interface BitaxeModel {
  /** Without the maker's name: `Gamma Turbo`, `NerdQAxe++`. */
  readonly name: string;
  readonly vendor: "Bitaxe" | "NerdAxe";
  readonly chip: BitaxeChip;
  readonly chips: number;
  readonly fans: number;
  readonly stock: { readonly frequency: Megahertz; readonly voltage: Millivolts };
  /** Absent where one name covers board revisions with different lists. */
  readonly envelope?: BitaxeEnvelope;
  /** Most that the board is made for. */
  readonly power: Watts;
  /** ESP-Miner stops above either of them (`power_management_task.c`, 75 since v2.1, 105 since v2.1.10). */
  readonly limits: { readonly chip: Celsius; readonly regulator: Celsius };
}

type Span = readonly [least: number, most: number];

interface Row {
  readonly name: string;
  /** As ESP-Miner tells it in `boardVersion`; a NerdAxe tells its name instead. */
  readonly boards?: readonly string[];
  readonly chip: BitaxeChip;
  /** Chips, fans. */
  readonly size: readonly [chips: number, fans: number];
  /** Watts. */
  readonly power: number;
  /** MHz and chip millivolts where they differ from the chip's. */
  readonly stock?: readonly [number, number];
  readonly mhz?: Span;
  readonly mv?: Span;
  readonly varies?: true;
}

interface ChipLine {
  readonly stock: readonly [number, number];
  readonly mhz: Span;
  readonly mv: Span;
}

const CHIPS: Readonly<Record<BitaxeChip, ChipLine>> = {
  BM1397: { stock: [425, 1400], mhz: [400, 600], mv: [1100, 1500] },
  BM1366: { stock: [485, 1200], mhz: [400, 575], mv: [1100, 1300] },
  BM1368: { stock: [490, 1166], mhz: [400, 575], mv: [1100, 1300] },
  BM1370: { stock: [525, 1150], mhz: [400, 625], mv: [1000, 1250] },
};

const ULTRAS = ["0.11", "201", "202", "203", "204", "205", "207"];

const BITAXES: readonly Row[] = [
  { name: "Max", boards: ["2.2", "102"], chip: "BM1397", size: [1, 1], power: 25 },
  { name: "Ultra", boards: ULTRAS, chip: "BM1366", size: [1, 1], power: 25 },
  { name: "Hex", boards: ["302", "303"], chip: "BM1366", size: [6, 2], power: 90 },
  { name: "Supra", boards: ["400", "401", "402", "403"], chip: "BM1368", size: [1, 1], power: 40 },
  { name: "Gamma", boards: ["600", "601", "602", "603"], chip: "BM1370", size: [1, 1], power: 40 },
  {
    ...{ name: "Gamma Duo", boards: ["650"], chip: "BM1370", size: [2, 1], power: 40 },
    ...{ stock: [400, 1150], mhz: [350, 410] },
  },
  { name: "Supra Hex", boards: ["701", "702"], chip: "BM1368", size: [6, 2], power: 120 },
  { name: "Gamma Turbo", boards: ["800", "801"], chip: "BM1370", size: [2, 1], power: 60 },
];

const NERDS: readonly Row[] = [
  { name: "NerdAxe", chip: "BM1366", size: [1, 1], power: 15 },
  {
    ...{ name: "NerdAxeGamma", chip: "BM1370", size: [1, 1], power: 25 },
    ...{ stock: [515, 1150], mhz: [500, 575], mv: [1120, 1200] },
  },
  {
    ...{ name: "NerdQAxe+", chip: "BM1368", size: [4, 2], power: 70 },
    ...{ stock: [490, 1250], mhz: [400, 575], mv: [1100, 1350] },
  },
  {
    ...{ name: "NerdQAxe++", chip: "BM1370", size: [4, 2], power: 100 },
    ...{ stock: [600, 1150], mhz: [500, 600], mv: [1120, 1200] },
  },
  {
    ...{ name: "NerdOCTAXE+", chip: "BM1368", size: [8, 2], power: 130 },
    ...{ stock: [490, 1250], mhz: [400, 575], mv: [1100, 1350] },
  },
  // What it may be set to depends on the phases of its regulator.
  {
    ...{ name: "NerdQX", chip: "BM1370", size: [4, 2], power: 240 },
    ...{ stock: [777, 1200], varies: true },
  },
  {
    ...{ name: "Q1370", chip: "BM1370", size: [4, 2], power: 150 },
    ...{ stock: [600, 1150], mhz: [500, 600], mv: [1120, 1200] },
  },
  {
    ...{ name: "NerdHaxe-γ", chip: "BM1370", size: [6, 2], power: 250 },
    ...{ stock: [600, 1150], mhz: [500, 600], mv: [1120, 1200] },
  },
  {
    ...{ name: "NerdEKO", chip: "BM1370", size: [12, 2], power: 350 },
    ...{ stock: [600, 1150], mhz: [500, 600], mv: [1120, 1200] },
  },
  // Two revisions: 600 MHz 1150 mV of at most 600, and 700 MHz 1210 mV of at most 800.
  { name: "NerdOCTAXE-γ", chip: "BM1370", size: [8, 2], power: 250, varies: true },
];

function model(vendor: BitaxeModel["vendor"], row: Row): BitaxeModel {
  const chip = CHIPS[row.chip];
  const [frequency, voltage] = row.stock ?? chip.stock;
  const [chips, fans] = row.size;
  const mhz = row.mhz ?? chip.mhz;
  const mv = row.mv ?? chip.mv;
  const envelope: BitaxeEnvelope = {
    frequency: { min: megahertz(mhz[0]), max: megahertz(mhz[1]) },
    voltage: { min: millivolts(mv[0]), max: millivolts(mv[1]) },
  };
  return {
    name: row.name,
    vendor,
    chip: row.chip,
    chips,
    fans,
    stock: { frequency: megahertz(frequency), voltage: millivolts(voltage) },
    ...(row.varies ? {} : { envelope }),
    power: watts(row.power),
    limits: { chip: celsius(75), regulator: celsius(105) },
  };
}

const BY_BOARD: ReadonlyMap<string, BitaxeModel> = new Map(
  BITAXES.flatMap((row) => {
    const made = model("Bitaxe", row);
    return (row.boards ?? []).map((board) => [board, made] as const);
  }),
);
const BY_NAME: ReadonlyMap<string, BitaxeModel> = new Map(
  NERDS.map((row) => [row.name, model("NerdAxe", row)]),
);

/** Every model once. */
export const BITAXE_MODELS: readonly BitaxeModel[] = [
  ...new Set([...BY_BOARD.values(), ...BY_NAME.values()]),
];

/** What a board tells about itself. */
export interface BitaxeClues {
  /** ESP-Miner's `boardVersion`: `601`. */
  readonly board?: string | undefined;
  /** The forks' `deviceModel`: `NerdQAxe++`. */
  readonly name?: string | undefined;
  /** `ASICModel`. */
  readonly chip?: string | undefined;
  readonly chips?: number | undefined;
}

/**
 * The model, if nothing that the board tells contradicts it: clones reuse board versions with other chips
 * or more of them, and what one Bitaxe bears is no measure for them.
 */
export function findBitaxe(clues: BitaxeClues): BitaxeModel | undefined {
  const found =
    (clues.board === undefined ? undefined : BY_BOARD.get(clues.board)) ??
    (clues.name === undefined ? undefined : BY_NAME.get(clues.name));
  if (found === undefined || clues.chip !== found.chip) return undefined;
  return clues.chips === undefined || clues.chips === found.chips ? found : undefined;
}

/** What the board hashes at this frequency when no core fails. */
export function idealRate(board: BitaxeModel, frequency: Megahertz): HashesPerSecond {
  return hashesPerSecond(board.chips * SMALL_CORES[board.chip] * frequency * 1e6);
}
