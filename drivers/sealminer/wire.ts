// What a SealMiner says (A2, 2025091001) and what it is told: bdminer on 4028, pages behind a cookie on 80.

import * as z from "zod";

const raw = z.unknown().optional();
const first = <Shape extends z.ZodType>(shape: Shape) => z.tuple([shape]).rest(z.unknown());

export const VersionReply = z.looseObject({
  VERSION: first(z.looseObject({ API: raw, BDMiner: raw })),
});
export type Version = z.output<typeof VersionReply>["VERSION"][0];

/** Boards and fans are in numbered keys: `0 Chip Count`, `3 Speed`. */
export const Stats = z.looseObject({
  Model: raw,
  MAC: raw,
  Firmware: raw,
  Elapsed: raw,
  "Ctrl Board": raw,
  "Ctrl Board SN": raw,
  "Board Count": raw,
  "Fan Count": raw,
  "MHS(30s)": raw,
  "MHS(5m)": raw,
  "MHS(Avg)": raw,
  "MHS(Ideal)": raw,
  "MHS(Rated)": raw,
  "Mining Mode": raw,
  "PM State": raw,
  "Power Limit": raw,
  "PSU Input Power": raw,
  "PSU Error": raw,
  "PSU Model": raw,
  "PSU Temp AMB": raw,
  "Error Code": raw,
  "Error Chip": raw,
});
export type Stats = z.output<typeof Stats>;

export const StatsReply = z.looseObject({ STATS: first(Stats) });

export const numbered = (stats: Stats, index: number, key: string): unknown =>
  stats[`${index} ${key}`];

export const PAGES = {
  login: "/cgi-bin/login.php",
  system: "/cgi-bin/get_system_info.php",
  reboot: "/cgi-bin/reboot.php",
} as const;

export const SystemInfo = z.looseObject({
  crtl_sn: raw,
  ctrl_version: raw,
  firmware_version: raw,
  macaddr: raw,
  miner_type: raw,
  psu_model: raw,
});
export type SystemInfo = z.output<typeof SystemInfo>;

export type Order =
  | { readonly kind: "ascset"; readonly parameter: string }
  | { readonly kind: "reboot" };
