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

/** Fans stand in every row, each row with all of the machine. */
export const FAN_KEYS = ["fan0", "fan1", "fan2", "fan3"] as const;

const Dev = z.looseObject({
  ID: raw,
  "MHS 20s": raw,
  "MHS av": raw,
  /** Celsius: where there are three, the last is on the board and the others in chips. */
  "tstemp-0": raw,
  "tstemp-1": raw,
  "tstemp-2": raw,
  Accepted: raw,
  Rejected: raw,
  "Hardware Errors": raw,
  /** MHz and mV. */
  clock: raw,
  voltage: raw,
  fan0: raw,
  fan1: raw,
  fan2: raw,
  fan3: raw,
  /** Seconds since the program started. */
  "Device Elapsed": raw,
});

/** bfgminer's table: rates in MH/s. */
export const DevsReply = z.preprocess(
  (reply) => fromPage(reply) ?? reply,
  z.looseObject({ DEVS: listOf(Dev) }),
);
export type Devs = z.output<typeof DevsReply>["DEVS"];

/** Under DEVS, not DEVDETAILS. */
export const DetailsReply = z.looseObject({
  DEVS: listOf(z.looseObject({ ID: raw, "chips-nr": raw })),
});
export type Details = z.output<typeof DetailsReply>["DEVS"];

/** The table of the page itself, which releases of 2020 and 2021 send instead: CK5, HS5, LT5. */
const Page = z.looseObject({
  data: z.array(
    z.looseObject({
      id: raw,
      hashrate: raw,
      av_hashrate: raw,
      /** `83.0 C/73.8 C`, chip and board; others have one a side, 0 where there is no sensor. */
      temp: raw,
      l_temp: raw,
      m_temp: raw,
      r_temp: raw,
      t_temp: raw,
      /** `2940rpm/2940rpm`. */
      fanspeed: raw,
      accepted: raw,
      rejected: raw,
      hwerrors: raw,
      time: raw,
    }),
  ),
});

function fromPage(reply: unknown): unknown {
  const page = Page.safeParse(reply);
  if (!page.success || "DEVS" in page.data) return undefined;
  return { ...page.data, DEVS: page.data.data.map(devOf) };
}

function devOf(row: z.output<typeof Page>["data"][number]): unknown {
  const [chip, board] = numbersIn(row.temp);
  const sides = [row.l_temp, row.m_temp, row.r_temp, row.t_temp].flatMap(numbersIn);
  const side = sides.length === 0 ? undefined : Math.max(...sides);
  const fans = numbersIn(row.fanspeed).map((speed, index) => [FAN_KEYS[index] ?? "", speed]);
  return {
    ID: row.id,
    "MHS 20s": row.hashrate,
    "MHS av": row.av_hashrate,
    "tstemp-0": chip,
    "tstemp-2": board ?? side,
    Accepted: row.accepted,
    Rejected: row.rejected,
    "Hardware Errors": row.hwerrors,
    "Device Elapsed": row.time,
    ...Object.fromEntries(fans),
  };
}

const numbersIn = (text: unknown): number[] =>
  typeof text === "string" ? (text.match(/\d+(?:\.\d+)?/g) ?? []).map(Number) : [];
