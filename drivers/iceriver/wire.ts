// What an IceRiver machine with the maker's firmware says and what it is told: one page behind a session.

import * as z from "zod";
import { listOf } from "../transport/json-http.ts";

/** All of it is asked with POST; the number tells what. */
export const PANEL = "/user/userpanel?post=4";
export const locatePath = (on: boolean): string => `/user/userpanel?post=5&locate=${on ? 1 : 0}`;
/** The password goes into the address: nothing that holds it may become a message. */
export const loginPath = (user: string, pwd: string): string =>
  `/user/loginpost?${new URLSearchParams({ post: "6", user, pwd })}`;

/** Title of the start page: user interface. */
export const TITLE = "<title>用户界面</title>";

const raw = z.unknown().optional();

const Board = z.looseObject({
  no: raw,
  chipnum: raw,
  chipsuc: raw,
  freq: raw,
  rtpow: raw,
  intmp: raw,
  outtmp: raw,
});
export type PanelBoard = z.output<typeof Board>;

const Pool = z.looseObject({
  no: raw,
  addr: raw,
  user: raw,
  connect: raw,
  state: raw,
  diff: raw,
  priority: raw,
  accepted: raw,
  rejected: raw,
});
export type PanelPool = z.output<typeof Pool>;

/** `error` is 0 in an answer; what else it can be is not known. */
export const Refusal = z.looseObject({ error: raw, message: raw });

/** Rates are text with a letter (`1234.5 G`), `runtime` is `d:h:m:s`. */
export const PanelReply = z.looseObject({
  data: z.looseObject({
    model: raw,
    softver1: raw,
    mac: raw,
    host: raw,
    rtpow: raw,
    avgpow: raw,
    unit: raw,
    runtime: raw,
    locate: raw,
    powstate: raw,
    fans: z.array(z.unknown()).catch([]),
    pools: listOf(Pool),
    boards: listOf(Board),
  }),
});
export type Panel = z.output<typeof PanelReply>["data"];
