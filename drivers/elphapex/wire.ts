// What an Elphapex machine says (DG-Home1 1.0.5, DG1+ 1.0.2) and what it is told: pages behind a digest.

import * as z from "zod";
import { PagePool } from "../transport/cgminer.ts";
import { listOf, partOf } from "../transport/json-http.ts";

export const PAGES = {
  stats: "/cgi-bin/stats.cgi",
  summary: "/cgi-bin/summary.cgi",
  pools: "/cgi-bin/pools.cgi",
  power: "/cgi-bin/get_power.cgi",
  conf: "/cgi-bin/get_miner_conf.cgi",
  system: "/cgi-bin/get_system_info.cgi",
  blinkStatus: "/cgi-bin/get_blink_status.cgi",
  blink: "/cgi-bin/blink.cgi",
  reboot: "/cgi-bin/reboot.cgi",
} as const;

const raw = z.unknown().optional();
const values = z.array(z.unknown()).catch([]);

const Info = partOf(z.looseObject({ dev_sn: raw, miner_version: raw, hw_version: raw, type: raw }));

const Chain = z.looseObject({
  index: raw,
  sn: raw,
  asic_num: raw,
  freq_avg: raw,
  rate_real: raw,
  rate_ideal: raw,
  hw: raw,
  temp_pcb: values,
  temp_chip: values,
});
export type Chain = z.output<typeof Chain>;

export const StatsReply = z.looseObject({
  STATUS: partOf(z.looseObject({ api_version: raw })),
  INFO: Info,
  STATS: z
    .tuple([
      z.looseObject({
        elapsed: raw,
        rate_unit: raw,
        rate_5s: raw,
        rate_15m: raw,
        rate_avg: raw,
        rate_ideal: raw,
        fan: values,
        chain: listOf(Chain),
      }),
    ])
    .rest(z.unknown()),
});
export type Stats = z.output<typeof StatsReply>;

/** `status` is s for good; the code and the words come with another one. */
export const SummaryReply = z.looseObject({
  SUMMARY: z
    .tuple([
      z.looseObject({
        status: listOf(z.looseObject({ type: raw, status: raw, code: raw, msg: raw })),
      }),
    ])
    .rest(z.unknown()),
});
export type Summary = z.output<typeof SummaryReply>["SUMMARY"][0];

export const PoolsReply = z.looseObject({ POOLS: listOf(PagePool) });

export const PowerReply = z.looseObject({ power_output: raw, power_sn: raw });
export type Power = z.output<typeof PowerReply>;

/** `fc-work-mode` 1 is asleep, by a public client. */
export const ConfReply = z.looseObject({ "fc-work-mode": raw, "fc-freq-level": raw });
export type Conf = z.output<typeof ConfReply>;

export const SystemInfo = z.looseObject({
  minertype: raw,
  macaddr: raw,
  hostname: raw,
  system_filesystem_version: raw,
});
export type SystemInfo = z.output<typeof SystemInfo>;

export const BlinkStatus = z.looseObject({ blink: raw });
export type BlinkStatus = z.output<typeof BlinkStatus>;

export const BlinkReply = z.looseObject({ code: raw });
/** What it answers when the light goes on and off. */
export const BLINKS = "B000";
export const BLINKS_NOT = "B100";

/** A word, not a boolean. */
export interface BlinkOrder {
  readonly blink: "true" | "false";
}
