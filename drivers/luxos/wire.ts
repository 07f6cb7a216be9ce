// What LUXminer says on TCP 4028 (API 3.7): cgminer's API with Luxor's own commands. Shapes follow
// captures of an S19k Pro on 2025.4.8.220305; atm, tempctrl, limits, powertargetset as documented.
// A field that is missing or odd is undefined and costs nothing else.

import * as z from "zod";

/** Numbers come as numbers or as text in the same field across builds. */
const figure = z.union([z.number(), z.string()]).optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const flag = z.union([z.boolean(), z.string(), z.number()]).optional().catch(undefined);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).optional().catch(undefined);

/** STATUS is S success, I information, W warning, E error, F fatal. `When` is in Unix seconds. */
const Status = z.object({
  STATUS: text,
  Code: figure,
  Msg: text,
  Description: text,
  When: figure,
});
const header = { STATUS: list(Status), id: figure };

/** Every answer, whatever it answers. */
export const Answer = z.object(header);
export type Answer = z.output<typeof Answer>;

const Version = z.object({
  API: figure,
  CompileTime: text,
  /** With the commit: `2025.4.8.220305-57b389c7`. Nobody else has this key. */
  LUXminer: text,
  Miner: text,
  Type: text,
});

const Config = z.looseObject({
  ControlBoardType: text,
  Cooling: text,
  /** `None` or `Sleep`; builds of 2023 also had `Idle`. */
  CurtailMode: text,
  Hostname: text,
  ImmersionMode: flag,
  IsAtmEnabled: flag,
  IsPowerSupplyOn: flag,
  /** One supply voltage feeds all boards. */
  IsSingleVoltage: flag,
  IsTuning: flag,
  MACAddr: text,
  Model: text,
  NameplateTHS: figure,
  OS: text,
  PSULabel: text,
  Profile: text,
  /** `auto`, `on`, `off`, `blink`. */
  RedLed: text,
  SerialNumber: text,
  SystemStatus: text,
});

const Summary = z.looseObject({
  Accepted: figure,
  "Difficulty Accepted": figure,
  /** Seconds since the miner program started. */
  Elapsed: figure,
  "GHS 15m": figure,
  "GHS 1m": figure,
  "GHS 5m": figure,
  "GHS 5s": figure,
  "GHS av": figure,
  "Hardware Errors": figure,
  Rejected: figure,
  Stale: figure,
});

/** One board. Boards come in no order: ID counts, from 0. */
const Dev = z.object({
  Board: text,
  Enabled: flag,
  "Hardware Errors": figure,
  ID: figure,
  IsRamping: flag,
  IsUserShutdown: flag,
  /** Unix seconds. */
  "Last Share Time": figure,
  "MHS 5s": figure,
  "MHS 5m": figure,
  "MHS av": figure,
  "Nominal MHS": figure,
  Profile: text,
  SerialNumber: text,
  Status: text,
  Temperature: figure,
});

const Power = z.object({
  /** true: the supply measures; false: the firmware computes. */
  PSU: flag,
  Watts: figure,
});

/** Celsius of the four corner sensors; S9 has Board and Chip instead. */
const Temp = z.object({
  ID: figure,
  TopLeft: figure,
  TopRight: figure,
  BottomLeft: figure,
  BottomRight: figure,
  Board: figure,
  Chip: figure,
});
const Corner = z.looseObject({ Label: text }).optional().catch(undefined);
const Corners = z.object({
  TopLeft: Corner,
  TopRight: Corner,
  BottomLeft: Corner,
  BottomRight: Corner,
});

const Fan = z.object({ FAN: figure, ID: figure, RPM: figure, Speed: figure });
const FanControl = z.object({ MinFans: figure, PowerOffSpeed: figure });

const Pool = z.object({
  Accepted: figure,
  GROUP: figure,
  /** Time since, as `00:00:01`. */
  "Last Share Time": figure,
  POOL: figure,
  Priority: figure,
  Rejected: figure,
  Stale: figure,
  Status: text,
  "Stratum Active": flag,
  "Stratum Difficulty": figure,
  URL: text,
  User: text,
});

/** Board volts; Watts and Hashrate (TH/s) are labels. */
const Profile = z.object({
  Frequency: figure,
  Hashrate: figure,
  IsTuned: flag,
  "Profile Name": text,
  Step: figure,
  Voltage: figure,
  Watts: figure,
});

/** The thermal manager; the power values are there on models with power targets only. */
const Atm = z.object({
  Enabled: flag,
  MaxProfile: text,
  MinProfile: text,
  PowerLimit: figure,
  PowerMin: figure,
  PowerTarget: figure,
});

const Autotuner = z.object({ Enabled: flag });

/** Volts and MHz. */
const Limits = z.object({
  FrequencyMin: figure,
  FrequencyMax: figure,
  VoltageMin: figure,
  VoltageMax: figure,
  VoltageStepMin: figure,
});

/** Celsius. Board sensors; at `Dangerous` the firmware cuts the power. */
const TempControl = z.object({
  /** Of the fans: `Automatic` or `Manual`. */
  Mode: text,
  Target: figure,
  Hot: figure,
  Dangerous: figure,
  ChipHot: figure,
  ChipDangerous: figure,
});

/** A history, not a state: entries of the day before are still there. */
const Event = z.object({
  Code: text,
  /** ISO 8601 by the machine's clock. */
  CreatedAt: text,
  Description: text,
  ID: figure,
  Target: text,
});

/** Per board after the first element: chain_acnN, freqN count from 1. */
const Stats = z.looseObject({ frequency: figure });

const Voltage = z.object({ Board: figure, Voltage: figure });

/** Reports that need no parameter, so that several fit in one request joined with `+`. */
export const REPORTS = {
  version: z.object({ ...header, VERSION: list(Version) }),
  config: z.object({ ...header, CONFIG: list(Config) }),
  summary: z.object({ ...header, SUMMARY: list(Summary) }),
  stats: z.object({ ...header, STATS: list(Stats) }),
  devs: z.object({ ...header, DEVS: list(Dev) }),
  power: z.object({ ...header, POWER: list(Power) }),
  temps: z.object({ ...header, TEMPS: list(Temp), METADATA: list(Corners) }),
  fans: z.object({ ...header, FANS: list(Fan), FANCTRL: list(FanControl) }),
  pools: z.object({ ...header, POOLS: list(Pool) }),
  profiles: z.object({ ...header, PROFILES: list(Profile) }),
  atm: z.object({ ...header, ATM: list(Atm) }),
  autotunerget: z.object({ ...header, AUTOTUNER: list(Autotuner) }),
  limits: z.object({ ...header, LIMITS: list(Limits) }),
  tempctrl: z.object({ ...header, TEMPCTRL: list(TempControl) }),
  events: z.object({ ...header, EVENTS: list(Event) }),
} as const;
export type ReportName = keyof typeof REPORTS;
export type Report<Name extends ReportName> = z.output<(typeof REPORTS)[Name]>;

/** `voltageget` asks one board; without a parameter it blocks the API for seconds (2026.4.3). */
export const VoltageAnswer = z.object({ ...header, VOLTAGE: list(Voltage) });
export type VoltageAnswer = z.output<typeof VoltageAnswer>;

/** MHz and GH/s. */
const Chip = z.object({
  Board: figure,
  Chip: figure,
  Frequency: figure,
  "GHS 5m": figure,
  "GHS 15m": figure,
});

/** `healthchipget` of one board: a row a chip. */
export const ChipAnswer = z.object({ ...header, CHIPS: list(Chip) });
export type ChipAnswer = z.output<typeof ChipAnswer>;

/** `logon` and `session`. The id is "" when no session is open. */
export const SessionAnswer = z.object({
  ...header,
  SESSION: list(z.object({ SessionID: text })),
});
export type SessionAnswer = z.output<typeof SessionAnswer>;

/** Answers to several commands in one request: by command, each in a list of one. */
export type BatchAnswer = Readonly<Record<string, unknown>>;
