// What a Goldshell machine says and what it is told: JSON behind a token, and cgminer's tables in it.

import * as z from "zod";
import { answerOf, listOf } from "../transport/json-http.ts";

export const PAGES = {
  status: "/mcb/status",
  setting: "/mcb/setting",
  pools: "/mcb/pools",
  devs: "/mcb/cgminer?cgminercmd=devs",
  details: "/mcb/cgminer?cgminercmd=devdetails",
} as const;

/** The password goes into the address: nothing that holds it may become a message. */
export const loginPath = (username: string, password: string): string =>
  `/user/login?${new URLSearchParams({ username, password, cipher: "false" })}`;

const raw = z.unknown().optional();

export const LoginReply = z.looseObject({ "JWT Token": z.string().min(1) });

export const StatusReply = z.looseObject({ model: raw, firmware: raw, hardware: raw });
export type Status = z.output<typeof StatusReply>;

/** Sent back whole, so that nothing of it is lost. */
export const SettingReply = z.record(z.string(), z.unknown());
export type WholeSetting = z.output<typeof SettingReply>;

/** The part of it that is understood. `name` is the MAC, `select` an index of `powerplans`. */
export const SettingView = z.looseObject({
  name: raw,
  select: raw,
  ledcontrol: raw,
  powerplans: z
    .array(z.looseObject({ level: raw, info: raw }))
    .optional()
    .catch(undefined),
});
export type SettingView = z.output<typeof SettingView>;

export const PoolsReply = answerOf(
  z.looseObject({ url: raw, user: raw, active: raw, legal: raw, dragid: raw }),
);
export type GoldshellPools = z.output<typeof PoolsReply>;

/** bfgminer's table: rates in MH/s. */
export const DevsReply = z.looseObject({
  DEVS: listOf(
    z.looseObject({
      ID: raw,
      "MHS 20s": raw,
      "MHS av": raw,
      "tstemp-2": raw,
      Accepted: raw,
      Rejected: raw,
      "Hardware Errors": raw,
    }),
  ),
});
export type Devs = z.output<typeof DevsReply>["DEVS"];

/** Under DEVS, not DEVDETAILS. */
export const DetailsReply = z.looseObject({
  DEVS: listOf(z.looseObject({ ID: raw, "chips-nr": raw })),
});
export type Details = z.output<typeof DetailsReply>["DEVS"];
