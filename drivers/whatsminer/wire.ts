// The messages of btminer's API 1.x and 2.x on TCP 4028, both directions; the v2 answers of 3.x firmware
// have the same keys. Every field is optional and tolerant: a value of a wrong type counts as absent.

import * as z from "zod";

const scalar = z.union([z.number(), z.string(), z.boolean()]).optional().catch(undefined);
const text = z.string().optional().catch(undefined);

/** `STATUS` is a letter, or a list with one record that has the letter, the code and the words. */
const statusRecord = z.looseObject({
  STATUS: text,
  When: scalar,
  Code: scalar,
  Msg: z.unknown().optional(),
  Description: text,
});

/** What every answer has around its content; `enc` alone when it is encrypted. */
export const Envelope = z.looseObject({
  STATUS: z
    .union([z.string(), z.array(statusRecord)])
    .optional()
    .catch(undefined),
  When: scalar,
  Code: scalar,
  Msg: z.unknown().optional(),
  Description: text,
  enc: z.string().optional().catch(undefined),
});
export type Envelope = z.output<typeof Envelope>;

/** Rates in MH/s, times in s, power in W, voltage in 10 mV, temperatures in °C. */
export const Summary = z.looseObject({
  Elapsed: scalar,
  Uptime: scalar,
  "MHS av": scalar,
  "MHS 5s": scalar,
  "MHS 1m": scalar,
  "MHS 5m": scalar,
  "MHS 15m": scalar,
  "HS RT": scalar,
  "Target MHS": scalar,
  /** GH/s. */
  "Factory GHS": scalar,
  Accepted: scalar,
  Rejected: scalar,
  Stale: scalar,
  "Difficulty Accepted": scalar,
  "Total MH": scalar,
  "Pool Rejected%": scalar,
  "Pool Stale%": scalar,
  Temperature: scalar,
  "Env Temp": scalar,
  "Chip Temp Min": scalar,
  "Chip Temp Max": scalar,
  "Chip Temp Avg": scalar,
  freq_avg: scalar,
  "Target Freq": scalar,
  "Fan Speed In": scalar,
  "Fan Speed Out": scalar,
  Voltage: scalar,
  Power: scalar,
  "Power Rate": scalar,
  "Power Limit": scalar,
  "Power Mode": scalar,
  "Power Fanspeed": scalar,
  "Hash Stable": scalar,
  "Hash Stable Cost Seconds": scalar,
  "Hash Deviation%": scalar,
  "Upfreq Complete": scalar,
  "Btminer Fast Boot": scalar,
  "Liquid Cooling": scalar,
  "Error Code Count": scalar,
  MAC: scalar,
  "Firmware Version": scalar,
  "CB Platform": scalar,
  "CB Version": scalar,
});
export type Summary = z.output<typeof Summary>;

/** One hash board. Rates are MH/s in 1.x and 2.x, TH/s in the v2 answers of 3.x firmware. */
export const Device = z.looseObject({
  ASC: scalar,
  Slot: scalar,
  Enabled: scalar,
  Status: scalar,
  Temperature: scalar,
  "Chip Frequency": scalar,
  "MHS av": scalar,
  "MHS 5s": scalar,
  "MHS 1m": scalar,
  "MHS 5m": scalar,
  "MHS 15m": scalar,
  "HS RT": scalar,
  "HS Factory": scalar,
  "Factory GHS": scalar,
  "Upfreq Complete": scalar,
  "Effective Chips": scalar,
  "Hardware Errors": scalar,
  "PCB SN": scalar,
  "Chip Data": scalar,
  "Chip Temp Min": scalar,
  "Chip Temp Max": scalar,
  "Chip Temp Avg": scalar,
  chip_vol_diff: scalar,
});
export type Device = z.output<typeof Device>;

export const DeviceDetails = z.looseObject({
  DEVDETAILS: scalar,
  Name: scalar,
  Driver: scalar,
  Model: scalar,
});
export type DeviceDetails = z.output<typeof DeviceDetails>;

export const Version = z.looseObject({
  api_ver: scalar,
  fw_ver: scalar,
  platform: scalar,
  chip: scalar,
  miner_type: scalar,
});
export type Version = z.output<typeof Version>;

export const Psu = z.looseObject({
  name: scalar,
  model: scalar,
  hw_version: scalar,
  sw_version: scalar,
  /** mA. */
  iin: scalar,
  /** 10 mV. */
  vin: scalar,
  /** W. */
  pin: scalar,
  fan_speed: scalar,
  temp0: scalar,
  serial_no: scalar,
  vendor: scalar,
});
export type Psu = z.output<typeof Psu>;

export const MinerInfo = z.looseObject({
  ip: scalar,
  proto: scalar,
  hostname: scalar,
  mac: scalar,
  /** `auto`, or what set_led was told. */
  ledstat: z.unknown().optional(),
  minersn: scalar,
  powersn: scalar,
  upfreq_speed: scalar,
});
export type MinerInfo = z.output<typeof MinerInfo>;

export const Status = z.looseObject({
  btmineroff: scalar,
  mineroff: scalar,
  mineroff_reason: scalar,
  "Firmware Version": scalar,
  power_mode: scalar,
  power_limit_set: scalar,
  hash_percent: scalar,
  power_pct: scalar,
});
export type Status = z.output<typeof Status>;

/** A list of `{"<code>": "<time>"}`; other shapes were printed by the vendor's own manual. */
export const ErrorCodes = z.looseObject({ error_code: z.unknown() });
export type ErrorCodes = z.output<typeof ErrorCodes>;

/** `Msg` is a string when no token is to be had: "over max connect". */
export const TokenGrant = z.looseObject({
  time: z.string(),
  salt: z.string(),
  newsalt: z.string(),
});
export type TokenGrant = z.output<typeof TokenGrant>;

/** Requests in clear. Old firmware wants the key `command` (code 24 otherwise). */
export const Question = z.union([
  z.looseObject({ cmd: z.string() }),
  z.looseObject({ command: z.string() }),
]);

/** A write in clear text. All parameters are strings. */
export const Order = z.looseObject({ token: z.string(), cmd: z.string() });

export type Parameters = Readonly<Record<string, string>>;

/** What the sections of an answer hold their records under. */
export const SECTIONS = {
  summary: "SUMMARY",
  pools: "POOLS",
  devs: "DEVS",
  edevs: "DEVS",
  devdetails: "DEVDETAILS",
} as const;

/** Reply codes that a driver must tell apart. */
export const CODES = {
  invalidCommand: 14,
  invalidJson: 23,
  missingCommand: 24,
  permissionDenied: 45,
  ok: 131,
  failed: 132,
  tokenIssued: 134,
  tokenRefused: 135,
  tooManyTokens: 136,
  badBase64: 137,
} as const;
