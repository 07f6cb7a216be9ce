// What BOSminer (20 to 22.05) says on TCP 4028: cgminer's API with tables of its own. Later releases
// (BOSer) answer `version` only. Rates are in MH/s.

import * as z from "zod";
import { figure, flag, list, text } from "../shapes.ts";

const Status = z.looseObject({ Code: figure, Description: text, Msg: text, STATUS: text });
const header = { STATUS: list(Status), id: figure };

const Version = z.looseObject({
  API: figure,
  /** With the commit: `boser-openwrt 0.1.0-11012d53`. */
  BOSer: text,
  BOSminer: text,
  "BOSminer+": text,
  Type: text,
});
export const VersionReport = z.looseObject({ ...header, VERSION: list(Version) });

const Summary = z.looseObject({
  Accepted: figure,
  "Difficulty Accepted": figure,
  Elapsed: figure,
  "Hardware Errors": figure,
  "MHS 5s": figure,
  "MHS 1m": figure,
  "MHS 5m": figure,
  "MHS 15m": figure,
  "MHS av": figure,
  Rejected: figure,
  Stale: figure,
});

const Dev = z.looseObject({
  /** Y or N. */
  Enabled: text,
  "Hardware Errors": figure,
  ID: figure,
  "MHS 5s": figure,
  "MHS 1m": figure,
  "Nominal MHS": figure,
});

/** MHz and volts. */
const Detail = z.looseObject({ Chips: figure, Frequency: figure, ID: figure, Voltage: figure });
const Temp = z.looseObject({ Board: figure, Chip: figure, ID: figure, TEMP: figure });
const Fan = z.looseObject({ FAN: figure, ID: figure, RPM: figure, Speed: figure });
const TempControl = z.looseObject({ Dangerous: figure, Hot: figure, Mode: text, Target: figure });

const Tuner = z.looseObject({
  ApproximateMinerPowerConsumption: figure,
  PowerLimit: figure,
  /** "Stable", "Testing performance profile", "Tuning individual chips". */
  TunerChainStatus: list(z.looseObject({ HashchainIndex: figure, Status: text })),
});

const Pool = z.looseObject({
  Accepted: figure,
  "Last Share Time": figure,
  POOL: figure,
  Priority: figure,
  Rejected: figure,
  Stale: figure,
  Status: text,
  "Stratum Active": flag,
  URL: text,
  User: text,
});

/** Reports that need no parameter, so that several fit in one request joined with `+`. */
export const REPORTS = {
  version: VersionReport,
  summary: z.looseObject({ ...header, SUMMARY: list(Summary) }),
  devs: z.looseObject({ ...header, DEVS: list(Dev) }),
  devdetails: z.looseObject({ ...header, DEVDETAILS: list(Detail) }),
  temps: z.looseObject({ ...header, TEMPS: list(Temp) }),
  fans: z.looseObject({ ...header, FANS: list(Fan) }),
  tempctrl: z.looseObject({ ...header, TEMPCTRL: list(TempControl) }),
  tunerstatus: z.looseObject({ ...header, TUNERSTATUS: list(Tuner) }),
  pools: z.looseObject({ ...header, POOLS: list(Pool) }),
} as const;
export type ReportName = keyof typeof REPORTS;
export type Report<Name extends ReportName> = z.output<(typeof REPORTS)[Name]>;

/** Answers to several commands in one request: by command, each in a list of one. */
export const BatchAnswer = z.record(z.string(), z.unknown());
