// What the web server of an Innosilicon machine says. Its numbers may be strings, its missing ones absent;
// keys and their meaning are those of the maker's own pages (build of the T2/A9 generation and later).

import * as z from "zod";
import { CgminerPool } from "../transport/cgminer.ts";

/** Text, number, switch or nothing: this firmware is not strict about which. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]).optional().catch(undefined);

/** A list whose broken entries are left out; undefined when it is no list. */
function listOf<Shape extends z.ZodType>(shape: Shape) {
  return z
    .array(shape.nullable().catch(null))
    .transform((entries) => entries.filter((entry) => entry !== null))
    .optional()
    .catch(undefined);
}

/** A part that may be missing or of another shape. */
const part = <Shape extends z.ZodType>(shape: Shape) => shape.optional().catch(undefined);

/** In front of every answer. An expired token comes with HTTP 200 and `success: false`. */
export const Answer = z.looseObject({
  success: scalar,
  token: scalar,
  message: scalar,
  msg: scalar,
});
export type Answer = z.output<typeof Answer>;

export const AuthAnswer = z.looseObject({ ...Answer.shape, jwt: scalar });

/** One board of `summary`; a plain copy of cgminer's `devs` and three keys more. */
export const Dev = z.looseObject({
  ASC: scalar,
  ID: scalar,
  Status: scalar,
  Temperature: scalar,
  "MHS av": scalar,
  "MHS 5s": scalar,
  "MHS 1m": scalar,
  "MHS 5m": scalar,
  "MHS 15m": scalar,
  "Hash Rate": scalar,
  /** Of `Hash Rate`: `TH/s`. */
  Unit: scalar,
  /** In base units per second, of a window that grows with the uptime. */
  "Hash Rate H": scalar,
  Accepted: scalar,
  Rejected: scalar,
  "Hardware Errors": scalar,
  "Device Elapsed": scalar,
  DUTY: scalar,
});
export type Dev = z.output<typeof Dev>;

const Total = z.looseObject({ "Hash Rate": scalar, "Hash Rate H": scalar, Unit: scalar });

export const Summary = z.looseObject({
  ...Answer.shape,
  DEVS: listOf(Dev),
  POOLS: listOf(CgminerPool),
  HARDWARE: part(z.looseObject({ "Fan duty": scalar })),
  TotalHash: part(Total),
  tuning: scalar,
});
export type Summary = z.output<typeof Summary>;

const Chain = z.looseObject({
  ASC: scalar,
  "Temp min": scalar,
  "Temp max": scalar,
  "Average Temp": scalar,
  "Hash Rate H": scalar,
});

/** `getAll`: of the A10, A11 and T3 generation; `power` not on every one of them. */
export const All = z.looseObject({
  ...Answer.shape,
  all: part(
    z.looseObject({
      type: scalar,
      mac: scalar,
      hwver: scalar,
      platform: scalar,
      power: scalar,
      fansSpeed: scalar,
      total_hash: part(Total),
      chain: listOf(Chain),
    }),
  ),
});
export type All = z.output<typeof All>;

export const Overview = z.looseObject({
  ...Answer.shape,
  type: scalar,
  hardware: part(z.looseObject({ status: scalar })),
  network: part(z.looseObject({ ipaddress: scalar })),
  version: part(
    z.looseObject({
      hwver: scalar,
      /** With blanks on some builds: `a0: b0:45:...`. */
      ethaddr: scalar,
      build_date: scalar,
      platform_v: scalar,
    }),
  ),
});
export type Overview = z.output<typeof Overview>;

export const TypeAnswer = z.looseObject({ ...Answer.shape, type: scalar });
export type TypeAnswer = z.output<typeof TypeAnswer>;

/** `level` came after the first builds. */
export const TuneStatus = z.looseObject({
  ...Answer.shape,
  mode: scalar,
  level: scalar,
  isRunning: scalar,
  isTuning: scalar,
});
export type TuneStatus = z.output<typeof TuneStatus>;

/** From the configuration file, so it changes with the write and not with the start. */
export const Pools = z.looseObject({
  ...Answer.shape,
  pools: listOf(z.looseObject({ url: scalar, user: scalar })),
});
export type Pools = z.output<typeof Pools>;

export const ErrorDetail = z.looseObject({ ...Answer.shape, code: scalar, errmsg: scalar });
export type ErrorDetail = z.output<typeof ErrorDetail>;

/** `stats` of cgminer's API on TCP 4028: one record a chain, and records of pools without a chain. */
export const Stats = z.looseObject({
  STATS: listOf(
    z.looseObject({
      "Chain ID": scalar,
      "Num chips": scalar,
      "Num active chips": scalar,
      Temp: scalar,
      "Temp max": scalar,
      PLL: scalar,
      "Voltage Avg": scalar,
      "Fan duty": scalar,
      power: scalar,
    }),
  ),
});
export type Stats = z.output<typeof Stats>;

export const AUTH = "/api/auth";
export const pathOf = (name: string): string => `/api/${name}`;

export interface AuthForm {
  readonly username: string;
  readonly password: string;
}

export interface TuneForm {
  readonly autotune: string;
  readonly level?: string;
}

/** All three places at once: an empty one is deleted. */
export type PoolsForm = Readonly<Record<`${"Pool" | "UserName" | "Password"}${1 | 2 | 3}`, string>>;
