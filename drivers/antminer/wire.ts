// The messages of Bitmain's stock firmware: the API on TCP 4028 and the CGI pages behind the digest.
// Numbers come as numbers or strings, absent ones as "" or not at all, and any field may be missing.

import * as z from "zod";
import { toNumber } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import { parseReply } from "../transport/json.ts";

/** A field of an unexpected type counts as absent: one strange value must not cost the whole reply. */
export const scalar = z.union([z.number(), z.string(), z.boolean()]).optional().catch(undefined);
export type Scalar = z.output<typeof scalar>;

/** The four sensors of a board: `"45-42-45-42"` on 4028, `[45, 42, 45, 42]` on the pages. */
const sensors = z
  .union([z.string(), z.array(z.union([z.number(), z.string()]))])
  .optional()
  .catch(undefined);
export type Sensors = z.output<typeof sensors>;

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item).optional().catch(undefined);

const Status = z.looseObject({ STATUS: scalar, Code: scalar, Msg: scalar, Description: scalar });
/** One object in new_api replies, a list of one elsewhere. */
export const status = z
  .union([Status, z.array(Status)])
  .optional()
  .catch(undefined);

export const VersionReply = z.looseObject({
  STATUS: status,
  VERSION: z
    .array(
      z.looseObject({
        BMMiner: scalar,
        CGMiner: scalar,
        API: scalar,
        Miner: scalar,
        CompileTime: scalar,
        Type: scalar,
      }),
    )
    .min(1),
});

export const SummaryReply = z.looseObject({
  STATUS: status,
  SUMMARY: z
    .array(
      z.looseObject({
        Elapsed: scalar,
        "GHS 5s": scalar,
        "GHS av": scalar,
        "GHS 30m": scalar,
        Accepted: scalar,
        Rejected: scalar,
        Stale: scalar,
        "Hardware Errors": scalar,
        "Difficulty Accepted": scalar,
      }),
    )
    .min(1),
});

/** Element 0 names the machine, element 1 carries its data; S21 and T21 asleep send element 0 alone. */
const StatsRow = z.looseObject({
  Type: scalar,
  CompileTime: scalar,
  Miner: scalar,
  Elapsed: scalar,
  "GHS 5s": scalar,
  "GHS av": scalar,
  /** The work mode, on S17 and T17 alone. */
  Mode: scalar,
  rate_unit: scalar,
  fan_num: scalar,
  miner_count: scalar,
  total_rateideal: scalar,
  chain_power: scalar,
  /** Hiveon and MSKMiner. */
  total_power: scalar,
  power: scalar,
  watt: scalar,
});
export const StatsReply = z.looseObject({ STATUS: status, STATS: z.array(StatsRow).min(1) });
export type StatsRow = z.output<typeof StatsRow>;

/** Fields that a StatsRow has once a slot: `chain_rate2`, `temp2_2`. Slots count from 1 to 16. */
export type SlotField =
  | "fan"
  | "temp"
  | "temp2_"
  | "temp_pcb"
  | "temp_chip"
  | "temp_pic"
  | "freq"
  | "freq_avg"
  | "chain_acn"
  | "chain_hw"
  | "chain_rate"
  | "chain_rateideal"
  | "chain_consumption"
  | "chain_vol"
  | "chain_voltage"
  | "voltage";
export const SLOTS = 16;
export const slot = (row: StatsRow, field: SlotField, number: number): unknown =>
  row[`${field}${number}`];

export const SystemInfo = z.looseObject({
  minertype: scalar,
  macaddr: scalar,
  hostname: scalar,
  system_filesystem_version: scalar,
  firmware_type: scalar,
  Algorithm: scalar,
  serinum: scalar,
  serial_no: scalar,
});
export type SystemInfo = z.output<typeof SystemInfo>;

export const MinerType = z.looseObject({ miner_type: scalar, subtype: scalar, fw_version: scalar });
export type MinerType = z.output<typeof MinerType>;

/** `stats.cgi`: the new_api shape, with boards where 4028 has none, and serials. */
const Chain = z.looseObject({
  index: scalar,
  freq_avg: scalar,
  rate_ideal: scalar,
  rate_real: scalar,
  asic_num: scalar,
  temp_pic: sensors,
  temp_pcb: sensors,
  temp_chip: sensors,
  hw: scalar,
  sn: scalar,
});
export type Chain = z.output<typeof Chain>;
const ChainStats = z.looseObject({
  elapsed: scalar,
  rate_5s: scalar,
  rate_avg: scalar,
  rate_ideal: scalar,
  rate_unit: scalar,
  fan_num: scalar,
  fan: listOf(scalar),
  power: scalar,
  watt: scalar,
  chain: listOf(Chain),
});
const Info = z.looseObject({ type: scalar, CompileTime: scalar }).optional().catch(undefined);
export const ChainStatsReply = z.looseObject({
  STATUS: status,
  INFO: Info,
  /** Empty while some builds sleep. */
  STATS: z.array(ChainStats),
});
export type ChainStatsReply = z.output<typeof ChainStatsReply>;

/** `summary.cgi`: the four lamps of the start page. */
export const LampsReply = z.looseObject({
  STATUS: status,
  INFO: Info,
  SUMMARY: z.array(
    z.looseObject({
      status: listOf(z.looseObject({ type: scalar, status: scalar, code: scalar, msg: scalar })),
    }),
  ),
});
export type LampsReply = z.output<typeof LampsReply>;

export const WarningReply = z.looseObject({
  STATUS: status,
  WARNING: z.array(z.looseObject({ code: scalar, cause: scalar, suggestion: scalar })),
});
export type WarningReply = z.output<typeof WarningReply>;

export const BlinkStatus = z.looseObject({ blink: scalar, isBlinking: scalar });
export type BlinkStatus = z.output<typeof BlinkStatus>;

/** Answers of `set_miner_conf.cgi` (`M000`) and `blink.cgi` (`B000`). `stats` is not to be trusted. */
export const WriteAnswer = z.looseObject({ stats: scalar, code: scalar, msg: scalar });

export const PAGES = {
  system: "/cgi-bin/get_system_info.cgi",
  type: "/cgi-bin/miner_type.cgi",
  conf: "/cgi-bin/get_miner_conf.cgi",
  setConf: "/cgi-bin/set_miner_conf.cgi",
  chains: "/cgi-bin/stats.cgi",
  lamps: "/cgi-bin/summary.cgi",
  pools: "/cgi-bin/pools.cgi",
  warning: "/cgi-bin/warning.cgi",
  blink: "/cgi-bin/blink.cgi",
  blinkStatus: "/cgi-bin/get_blink_status.cgi",
  reboot: "/cgi-bin/reboot.cgi",
} as const;

/** `GET /miner_power` on port 6060 answers `miner power:3456`, in watts, measured by the supply. */
export const POWER_PATH = "/miner_power";
export function powerOf(text: string): number | undefined {
  return toNumber(/miner\s*power\s*:\s*(\d+(?:\.\d+)?)/i.exec(text)?.[1]);
}

/**
 * One reply as its shape. Throws UNEXPECTED_SHAPE with the machine's own message where it has one, and
 * what parseReply throws.
 */
export function decodeReply<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  source: string,
): z.output<Shape> {
  const value = parseReply(text, source);
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const said = statusMessage(value);
  const issue = parsed.error.issues[0];
  const lack = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "another shape"}`;
  throw new DeviceError("UNEXPECTED_SHAPE", `${source}: ${said ?? lack}`);
}

/** `Code 45: Access denied`, from a reply that carries nothing else. */
function statusMessage(value: unknown): string | undefined {
  const parsed = z.looseObject({ STATUS: status }).safeParse(value);
  const given = parsed.success ? parsed.data.STATUS : undefined;
  const first = Array.isArray(given) ? given[0] : given;
  if (first?.Msg === undefined) return undefined;
  return first.Code === undefined ? `${first.Msg}` : `code ${first.Code}: ${first.Msg}`;
}
