// Bitmain machines: what a row of the table means, and which row a text names.

import { ALGORITHMS, type Algorithm } from "../contract/algorithm.ts";
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
import { ROWS, type Row, type WorkMode } from "./antminer-rows.ts";

/** Where the maker itself calibrates these boards. Voltages are board voltages. */
export interface AntminerEnvelope {
  readonly frequency: { readonly min: Megahertz; readonly max: Megahertz };
  readonly voltage: { readonly min: Millivolts; readonly max: Millivolts };
}

export interface AntminerModel {
  /** Without the maker's name: `S19k Pro`. */
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly boards: number;
  readonly chipsPerBoard: number;
  /** 0 on water-cooled machines. */
  readonly fans: number;
  readonly chip?: string;
  /** As sold; the largest grade where there are several. */
  readonly nameplate?: HashesPerSecond;
  readonly power?: Watts;
  readonly envelope?: AntminerEnvelope;
  /** What the stock firmware's page and CGI accept; absent where stock firmware has no modes. */
  readonly modes?: readonly WorkMode[];
  /** Builds from this month (yyyymm) on accept more. */
  readonly laterModes?: { readonly since: string; readonly modes: readonly WorkMode[] };
  /** What the page of stock firmware lets people choose on machines whose frequency it sets. */
  readonly stockFrequency?: {
    readonly min: Megahertz;
    readonly max: Megahertz;
    readonly step: Megahertz;
  };
  /** At which the stock image stops (`topol.conf`). */
  readonly limits?: { readonly chip: Celsius; readonly board: Celsius };
}

function modelOf(row: Row): AntminerModel {
  const { name, size, of: algorithm = "sha256", chip, rate, power, window, modes } = row;
  const [boards, chipsPerBoard, fans] = size;
  return {
    name,
    algorithm,
    boards,
    chipsPerBoard,
    fans,
    ...(chip === undefined ? {} : { chip }),
    ...(rate === undefined
      ? {}
      : { nameplate: hashesPerSecond(rate * ALGORITHMS[algorithm].scale) }),
    ...(power === undefined ? {} : { power: watts(power) }),
    ...(window === undefined ? {} : { envelope: envelopeOf(window) }),
    ...(modes === undefined ? {} : { modes }),
    ...(row.laterModes === undefined ? {} : { laterModes: row.laterModes }),
    ...(row.stockMhz === undefined ? {} : { stockFrequency: stepsOf(row.stockMhz) }),
    ...(row.hot === undefined
      ? {}
      : { limits: { chip: celsius(row.hot[0]), board: celsius(row.hot[1]) } }),
  };
}

function stepsOf([min, max, step]: readonly [number, number, number]) {
  return { min: megahertz(min), max: megahertz(max), step: megahertz(step) };
}

function envelopeOf([fromMhz, toMhz, fromVolts, toVolts]: NonNullable<
  Row["window"]
>): AntminerEnvelope {
  return {
    frequency: { min: megahertz(fromMhz), max: megahertz(toMhz) },
    voltage: {
      min: millivolts(Math.round(fromVolts * 1000)),
      max: millivolts(Math.round(toVolts * 1000)),
    },
  };
}

export const ANTMINERS: readonly AntminerModel[] = ROWS.map(modelOf);

/** Some machines give the code of their board instead of a model; seen in captures and in pyasic. */
const BOARD_CODES: readonly (readonly [RegExp, string])[] = [
  [/^BHB42XXXX/, "S19J PRO+"],
  [/^BHB42/, "S19J PRO"],
  [/^BHB569/, "S19K PRO"],
  [/^BHB686/, "S21"],
  [/^HHB68/, "S21 HYD"],
  [/^H6HB707/, "S21+ HYD"],
];

const byKey = new Map(ANTMINERS.map((model) => [keyOf(model.name), model]));

function keyOf(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9+]/g, "");
}

/**
 * The model behind any of the texts that firmwares give: `Antminer S19 Pro`, `Antminer S19 Pro Hyd.`,
 * `Antminer S21 (Vnish 1.2.6)`, `S19-88 v.2.6.0.39`, `Antminer S19x88 Hiveon`, `Antminer BHB42XXX`.
 * Undefined for everything that is not exactly one of the table. "KS5" is also an IceRiver machine:
 * the caller must know that this is a Bitmain one.
 */
export function findAntminer(modelText: string): AntminerModel | undefined {
  const bare = modelText
    .toUpperCase()
    .replaceAll(/\([^)]*\)/g, " ")
    .replaceAll(/\b(?:BITMAIN|ANTMINER|HIVEON)\b/g, " ")
    // A version after the model ("S9\nV1.3.58"), and the number of chips that MSKMiner and Hiveon append.
    .replace(/\sV\.?\d.*$/s, " ")
    .replace(/[-X]88\s*$/, " No PIC")
    .trim();
  const model = BOARD_CODES.find(([pattern]) => pattern.test(bare))?.[1] ?? bare;
  return byKey.get(keyOf(model));
}
