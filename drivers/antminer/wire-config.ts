// The configuration of stock firmware, as the CGI reads it out and takes it in.

import * as z from "zod";
import { listOf, type Scalar, scalar } from "./wire.ts";

const WirePool = z.looseObject({ url: scalar, user: scalar, pass: scalar });
/** `get_miner_conf.cgi`. `miner-mode` is the name of the work mode on some builds from 2024 on. */
export const MinerConf = z.looseObject({
  pools: listOf(WirePool),
  "bitmain-fan-ctrl": scalar,
  "bitmain-fan-pwm": scalar,
  "bitmain-freq": scalar,
  "bitmain-voltage": scalar,
  "bitmain-work-mode": scalar,
  "miner-mode": scalar,
  "bitmain-freq-level": scalar,
  "bitmain-hashrate-percent": scalar,
  "bitmain-user-ip-cat": scalar,
  "bitmain-nobeeper": scalar,
  "bitmain-notempoverctrl": scalar,
  algo: scalar,
});
export type MinerConf = z.output<typeof MinerConf>;

export interface PoolEntry {
  readonly url: string;
  readonly user: string;
  readonly pass: string;
}

/** What `set_miner_conf.cgi` takes from S19 on. Absent keys keep or destroy the stored value, by build. */
export interface MinerConfWrite {
  readonly pools: readonly PoolEntry[];
  readonly "bitmain-fan-ctrl"?: boolean;
  readonly "bitmain-fan-pwm"?: string;
  readonly "miner-mode": number;
  readonly "freq-level": string;
  readonly "bitmain-hashrate-percent"?: Scalar;
  readonly "bitmain-user-ip-cat"?: Scalar;
  readonly algo?: Scalar;
}

/** The same up to S17 and Z15: a form that the script reads by position, so the order counts. */
export type MinerConfForm = readonly (readonly [name: string, value: string])[];
