// What ESP-Miner (AxeOS) and its forks say on HTTP port 80 and take in. Shapes follow a capture of v2.4.5,
// ESP-Miner up to v2.15 and ESP-Miner-NerdQAxePlus up to v1.0.38.
// A field that is missing or odd is undefined and costs nothing else.

import * as z from "zod";

export const PATHS = {
  info: "/api/system/info",
  /** Since v2.7.0, on NerdAxe since v1.0.32. */
  asic: "/api/system/asic",
  settings: "/api/system",
  restart: "/api/system/restart",
  /** Since v2.14.0; paused until resumed or restarted. */
  pause: "/api/system/pause",
  resume: "/api/system/resume",
  /** NerdAxe since v1.0.35: chips off until a restart. */
  shutdown: "/api/system/shutdown",
} as const;

const figure = z.union([z.number(), z.string()]).optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const flag = z.union([z.boolean(), z.string(), z.number()]).optional().catch(undefined);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).optional().catch(undefined);

/** Of one chip, from the counters on it; v2.11 and later. */
const MonitoredChip = z.looseObject({
  /** GH/s. */
  total: figure,
  errorCount: figure,
});

/** `GET /api/system/info`: measurements and settings in one. */
export const Info = z.looseObject({
  ASICModel: text,
  /** Up to v2.8 and on NerdAxe; later only `/api/system/asic` has it. */
  asicCount: figure,
  /** ESP-Miner: `401`. */
  boardVersion: text,
  /** NerdAxe: `NerdQAxe++`. */
  deviceModel: text,
  version: text,
  axeOSVersion: text,
  macAddr: text,
  hostname: text,

  /** MHz; whole ones before v2.10 and on NerdAxe. */
  frequency: figure,
  /** What the PLL made of it; since v2.14. */
  actualFrequency: figure,
  /** Millivolts of one chip: set, and measured. */
  coreVoltage: figure,
  coreVoltageActual: figure,

  /** GH/s. */
  hashRate: figure,
  hashRate_1m: figure,
  hashRate_10m: figure,
  hashRate_1h: figure,
  expectedHashrate: figure,
  hashrateMonitor: z
    .looseObject({ asics: list(MonitoredChip) })
    .optional()
    .catch(undefined),

  /** Watts: at the input where a meter is fitted, else the regulator's output and a constant. */
  power: figure,
  /** Celsius; -1 or 0 where nothing is measured. */
  temp: figure,
  temp2: figure,
  vrTemp: figure,
  /** NerdAxe: where the firmware cuts the core voltage. */
  overheat_temp: figure,

  /** Percent. */
  fanspeed: figure,
  /** Percent wanted while automatic control is off; since v2.11, on NerdAxe since v1.0.35. */
  manualFanSpeed: figure,
  /** 0 manual, 1 automatic; on NerdAxe 2 is its PID control. */
  autofanspeed: figure,
  /** NerdAxe; -1 where the board has no PID control. */
  pidTargetTemp: figure,
  fanrpm: figure,
  fan2rpm: figure,
  /** NerdAxe: how many fans the board has. */
  fanCount: figure,
  /** NerdAxe's names for the second fan. */
  fanrpm2: figure,
  fanspeed2: figure,

  /** Seconds. */
  uptimeSeconds: figure,
  sharesAccepted: figure,
  sharesRejected: figure,
  stratumURL: text,
  stratumPort: figure,
  stratumUser: text,
  fallbackStratumURL: text,
  fallbackStratumPort: figure,
  fallbackStratumUser: text,
  isUsingFallbackStratum: flag,
  /**
   * NerdAxe since v1.0.34: one entry for the pool in use, or, while both are used (activePoolMode 1),
   * one a pool.
   */
  stratum: z
    .looseObject({
      activePoolMode: figure,
      usingFallback: flag,
      pools: list(z.looseObject({ connected: flag, accepted: figure, rejected: figure }).catch({})),
    })
    .optional()
    .catch(undefined),

  overheat_mode: flag,
  miningPaused: flag,
  /** NerdAxe. */
  shutdown: flag,
  /** NerdAxe: settings need a one-time password. */
  otp: flag,
  power_fault: text,
  hardware_fault: text,
});
export type Info = z.output<typeof Info>;

/** `GET /api/system/asic`. */
export const AsicFacts = z.looseObject({
  ASICModel: text,
  deviceModel: text,
  asicCount: figure,
});
export type AsicFacts = z.output<typeof AsicFacts>;

/** `PATCH /api/system`. Settings that are not named stay; names that a build does not know are ignored. */
export const SettingsPatch = z.looseObject({
  frequency: z.number().optional(),
  coreVoltage: z.int().optional(),
  autofanspeed: z.int().optional(),
  manualFanSpeed: z.int().optional(),
  fanspeed: z.int().optional(),
});
export type SettingsPatch = z.output<typeof SettingsPatch>;
