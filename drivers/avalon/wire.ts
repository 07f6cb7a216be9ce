// What Avalon machines say on TCP 4028: cgminer's API 3.7 (4.11.1) with Canaan's own `estats`, `litestats`,
// `setpool` and `ascset` options. Shapes follow captures of 921, 1047, 1066, A1246 (21072802), A1346
// (23042501), A1566 (24102401), Nano 3S (25021401) and Q (25052801). Every field may be missing.

import * as z from "zod";

/** Numbers come as numbers in JSON and as text in the text form. */
const figure = z.union([z.number(), z.string()]).optional().catch(undefined);
const text = z.string().optional().catch(undefined);

/**
 * STATUS is S success, I information, W warning, E error, F fatal. `When` is the machine's clock in
 * seconds: Unix on K230, since boot on K210, which has no clock of its own.
 */
export const Status = z.looseObject({
  STATUS: text,
  Code: figure,
  Msg: text,
  Description: text,
  When: figure,
});
export type Status = z.output<typeof Status>;

export const Version = z.looseObject({
  CGMiner: figure,
  API: figure,
  /** `AvalonMiner 1346-116`, `Avalon Q`. */
  PROD: text,
  MODEL: figure,
  HWTYPE: text,
  SWTYPE: text,
  VERSION: text,
  LVERSION: text,
  DNA: text,
  MAC: text,
});
export type Version = z.output<typeof Version>;

/** MH/s; K210 has a mean of 30 s where K230 has one of 5 s. */
export const Summary = z.looseObject({
  Elapsed: figure,
  "MHS av": figure,
  "MHS 5s": figure,
  "MHS 30s": figure,
  "MHS 1m": figure,
  "MHS 5m": figure,
  "MHS 15m": figure,
  Accepted: figure,
  Rejected: figure,
  Stale: figure,
  "Hardware Errors": figure,
  "Difficulty Accepted": figure,
});
export type Summary = z.output<typeof Summary>;

/** The first holds `MM ID<n>` and ID `AVA100` or `AV70`..`AV90`; one more per pool follows. */
export const Stats = z.looseObject({ ID: text, Elapsed: figure });
export type Stats = z.output<typeof Stats>;

/** `MM ID0`, `MM ID1`.. on gen 1, `MM ID0:Summary` on Q. */
export const MODULE_KEY = /^MM ID(\d+)(?::Summary)?$/;
/** Per-chip lists of each board on Q: `'HB0':{PVT_T0[..] MW0[..]}`. */
export const BOARDS_KEY = /^(?:MM ID\d+:)?HBinfo$/;

/**
 * The bracketed text of one module, `Key[value value]`. Lists are separated by blanks. Keys with the
 * board's number at the end are reached through boardKey().
 */
export const Module = z.looseObject({
  /** `1246-83-21072802_4ec6bb0_211fc46`. */
  Ver: text,
  DNA: text,
  /** `Work: In Work, Hash Board: 3`. */
  SYSTEMSTATU: text,
  /** 0 init, 1 work, 2 idle, 3 fault. */
  STATE: text,
  Elapsed: text,
  /** Hardware errors of each board. */
  MH: text,
  /** Intake air: `Temp` up to gen 2, `ITemp` on gen 3. Absent sensors read -273. */
  Temp: text,
  ITemp: text,
  OTemp: text,
  HBITemp: text,
  HBOTemp: text,
  TMax: text,
  /** Chip temperature that the fans aim at. */
  TarT: text,
  MTmax: text,
  Fan: text,
  FanR: text,
  FanErr: text,
  PS: text,
  WALLPOWER: text,
  GHSmm: text,
  GHSspd: text,
  GHSavg: text,
  MGHS: text,
  TA: text,
  EEPROM: text,
  HASHS: text,
  Led: text,
  POWS: text,
  POW_I2C: text,
  PCOMM_E: text,
  ECHU: text,
  ECMM: text,
  /** 1: the firmware has finished its own tuning of this mode. */
  ADJ: text,
  /** Watts of the present mode. */
  MPO: text,
  /** Bit n: mode n is tuned. */
  CALIALL: text,
  WORKMODE: text,
  /** 0: switched on. Any other value is the reason for which it is off. */
  SoftOFF: text,
});
export type Module = z.output<typeof Module>;

/**
 * Keys of board n: PLL and SF hold how many cores run at each of four clock steps and these steps in MHz;
 * PVT_T the chips' Celsius; MW their matched work.
 */
export type BoardList = "PLL" | "SF" | "PVT_T" | "MW";
export const boardKey = (list: BoardList, board: number): string => `${list}${board}`;
export const fanKey = (fan: number): string => `Fan${fan}`;
/** The tuned command line of one mode: `--avalon10-freq a:b:c:d --avalon10-voltage-level n`. */
export const tunedKey = (mode: number): string => `ATAOPTS${mode}`;

/**
 * Indices of PS. 10 mV and W; [6] is there on firmware from A12 on. Nano 3 puts its input into [4] (10 mV)
 * and [5] (W): `0 0 0 4 2756 126 330` of a machine sold for 140 W.
 */
export const PS = {
  errors: 0,
  hashRail: 2,
  current: 3,
  output: 4,
  inputNano3: 5,
  input: 6,
} as const;

/** Gives one-field answers: 22 version, 11 summary, 7 pools, 70 stats. */
export type Question = "version" | "summary" | "pools" | "estats" | "stats" | "litestats";
/** Which list of the answer to a question holds it. */
export const SECTIONS = {
  version: "VERSION",
  summary: "SUMMARY",
  pools: "POOLS",
  estats: "STATS",
  stats: "STATS",
  litestats: "STATS",
} as const satisfies Record<Question, string>;

export const CODES = { invalidCommand: 14, accessDenied: 45 } as const;

/** One command as it is sent. */
export interface Command {
  readonly command: string;
  readonly parameter?: string;
}

/** The only device of the API. */
const ASC = 0;

export function ascset(option: string, ...values: readonly (string | number)[]): Command {
  return { command: "ascset", parameter: [ASC, option, ...values].join(",") };
}
