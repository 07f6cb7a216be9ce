// The messages of btminer's API 3.x on TCP 4433, both directions. Every field is optional and tolerant:
// a value of a wrong type counts as absent.

import * as z from "zod";

const scalar = z.union([z.number(), z.string(), z.boolean()]).optional().catch(undefined);
const text = z.string().optional().catch(undefined);

/** What every answer has around its content. */
export const Reply = z.looseObject({
  code: z.union([z.number(), z.string()]).optional().catch(undefined),
  /** Unix seconds of the machine's own clock. */
  when: scalar,
  msg: z.unknown().optional(),
  /** The command that is answered. */
  desc: text,
});
export type Reply = z.output<typeof Reply>;

const section = <Shape extends z.ZodType>(shape: Shape) => shape.optional().catch(undefined);

const Miner = z.looseObject({
  /** "true" while the mining program runs. */
  working: scalar,
  /** `M60S_VK40`. */
  type: scalar,
  "board-num": scalar,
  "miner-sn": scalar,
  pcbsn0: scalar,
  pcbsn1: scalar,
  pcbsn2: scalar,
  pcbsn3: scalar,
  "fast-boot": scalar,
  /** `super=255 user1=0 user2=0 user3=0`. */
  permission: scalar,
});

const System = z.looseObject({
  api: scalar,
  platform: scalar,
  fwversion: scalar,
  "control-board-version": scalar,
  /** "1" while writes are allowed. */
  apiswitch: scalar,
  /** `auto`, or what set.system.led was told. */
  ledstatus: z.unknown().optional(),
});

const Power = z.looseObject({
  /** "0" low, "1" normal, "2" high. */
  mode: scalar,
  model: scalar,
  type: scalar,
  /** A. */
  iin: scalar,
  /** V. */
  vin: scalar,
  /** 10 mV. */
  vout: scalar,
  /** W. */
  pin: scalar,
  fanspeed: scalar,
  temp0: scalar,
  sn: scalar,
  vendor: scalar,
});

const Network = z.looseObject({ ip: scalar, proto: scalar, mac: scalar, hostname: scalar });

/** `get.device.info`, whole or one section. */
export const DeviceInfo = z.looseObject({
  miner: section(Miner),
  system: section(System),
  power: section(Power),
  network: section(Network),
  salt: text,
  /** `[{"<code>": "<time>", "reason": "<text>"}]`. */
  "error-code": z.unknown().optional(),
});
export type DeviceInfo = z.output<typeof DeviceInfo>;

/** Rates in TH/s, times in s, power in W, temperatures in °C. */
export const Summary = z.looseObject({
  elapsed: scalar,
  "bootup-time": scalar,
  "freq-avg": scalar,
  /** MHz on some firmware; 0 or a share of the factory's on others. */
  "target-freq": scalar,
  "factory-hash": scalar,
  "hash-average": scalar,
  "hash-1min": scalar,
  "hash-15min": scalar,
  "hash-realtime": scalar,
  "power-rate": scalar,
  "power-5min": scalar,
  "power-realtime": scalar,
  "environment-temperature": scalar,
  /** A list with one value a board. */
  "board-temperature": z.unknown().optional(),
  "chip-temp-min": scalar,
  "chip-temp-avg": scalar,
  "chip-temp-max": scalar,
  "power-limit": scalar,
  "up-freq-finish": scalar,
  "fan-speed-in": scalar,
  "fan-speed-out": scalar,
});
export type Summary = z.output<typeof Summary>;

export const Pool = z.looseObject({
  /** Counts from 1. */
  id: scalar,
  url: scalar,
  status: scalar,
  account: scalar,
  "stratum-active": scalar,
  "stratum-diff": scalar,
  "reject-rate": scalar,
  "reject-percent": scalar,
  "last-share-time": scalar,
});
export type Pool = z.output<typeof Pool>;

export const Device = z.looseObject({
  id: scalar,
  slot: scalar,
  "hash-average": scalar,
  "hash-realtime": scalar,
  "factory-hash": scalar,
  freq: scalar,
  "effective-chips": scalar,
  "chip-temp-min": scalar,
  "chip-temp-avg": scalar,
  "chip-temp-max": scalar,
});
export type Device = z.output<typeof Device>;

/** `get.miner.status` with `summary+pools+edevs`; lists as they come, checked one by one. */
export const Status = z.looseObject({
  summary: section(Summary),
  pools: z.array(z.unknown()).optional().catch(undefined),
  edevs: z.array(z.unknown()).optional().catch(undefined),
});
export type Status = z.output<typeof Status>;

/** `get.miner.setting`. */
export const MinerSetting = z.looseObject({
  "power-limit": scalar,
  "power-mode": scalar,
  /** Percent of the factory's frequency that is added, 0 untouched; some firmware tells MHz here. */
  "target-freq": scalar,
  /** 0: no override. */
  "power-percent": scalar,
  "upfreq-speed": scalar,
  "fast-boot": scalar,
  power: scalar,
});
export type MinerSetting = z.output<typeof MinerSetting>;

/** `get.fan.setting`. */
export const FanSetting = z.looseObject({
  "fan-poweroff-cool": scalar,
  "fan-zero-speed": scalar,
  /** K, 0 or less. */
  "fan-temp-offset": scalar,
});
export type FanSetting = z.output<typeof FanSetting>;

/** A question. */
export const Question = z.looseObject({ cmd: z.string(), param: z.unknown().optional() });

/** A write; `param` is base64 of the encrypted text for the commands that carry passwords. */
export const Order = z.looseObject({
  cmd: z.string(),
  /** Unix seconds. */
  ts: z.int(),
  token: z.string(),
  account: z.string(),
  param: z.unknown().optional(),
});

/** The decrypted parameter of `set.miner.pools`. */
export const PoolOrders = z
  .array(z.strictObject({ pool: z.string(), worker: z.string(), passwd: z.string() }))
  .max(3);

export const CODES_V3 = {
  ok: 0,
  failed: -1,
  unknownCommand: -2,
  badItem: -3,
  notPermitted: -4,
  outOfMemory: -5,
} as const;
