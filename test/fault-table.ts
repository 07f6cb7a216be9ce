// What each driver makes of each fault of its machine, when all of the machine's ports have it.

import type { DeviceErrorCode } from "../drivers/contract/errors.ts";
import type { DriverKind } from "../drivers/index.ts";
import type { ReplyFault } from "./sim/reply-fault.ts";

/**
 * `same` reads what it reads without the fault. `part` reads the rest: what the fault took is absent or
 * a problem. Anything else is the error that the reading ends in.
 */
export type Outcome = "same" | "part" | DeviceErrorCode;

/** Those of a write and those of framed replies have tests of their own. */
export type ReadFault = Exclude<
  ReplyFault,
  "lost-after-send" | "unframed" | "late-frame" | "late-half"
>;

type Row = { readonly [Fault in ReadFault]: Outcome };

const EVERYWHERE = {
  split: "same",
  bytewise: "same",
  "without-nul": "same",
  double: "same",
  nan: "part",
  "nan-everywhere": "part",
  "control-characters": "same",
  drip: "NO_REPLY",
  html: "HTML_REPLY",
  "error-text": "NOT_JSON",
  empty: "EMPTY_REPLY",
  silent: "NO_REPLY",
  reset: "CONNECTION_LOST",
  huge: "REPLY_TOO_LARGE",
} as const;

/** Without a password for readings, and without HTTP: 401 does not concern it. */
const TCP: Row = {
  ...EVERYWHERE,
  truncate: "TRUNCATED_REPLY",
  unauthorized: "same",
  "key-refused": "same",
};

/** A truncated answer is shorter than its content-length says. */
const HTTP: Row = {
  ...EVERYWHERE,
  truncate: "CONNECTION_LOST",
  unauthorized: "UNAUTHORIZED",
  "key-refused": "UNAUTHORIZED",
};

/** Its pages need no login. */
const OPEN_HTTP: Row = { ...HTTP, "key-refused": "same" };

/** The first text of its login is the key, and no header carries control characters. */
const KEY_IN_JSON: Row = { ...HTTP, "control-characters": "UNEXPECTED_SHAPE" };

/** Readings come from 4028; the pages add to them what they can. */
const MIXED: Row = { ...TCP, unauthorized: "part", "key-refused": "part" };

export const FAULT_TABLE: { readonly [Kind in DriverKind]: Row } = {
  // "0:00:02 ago" is the first text of its pools.
  luxos: { ...TCP, "control-characters": "part" },
  // A summary without a single number is no summary.
  whatsminer: { ...TCP, "nan-everywhere": "UNEXPECTED_SHAPE" },
  antminer: MIXED,
  avalon: TCP,
  bitaxe: OPEN_HTTP,
  // A doubled "false" is no JSON.
  braiins: { ...KEY_IN_JSON, double: "part" },
  // Words that stand for a state are not guessed.
  epic: { ...OPEN_HTTP, "control-characters": "part" },
  // Its token unlocks the settings only; its words for states are not guessed.
  vnish: { ...HTTP, "control-characters": "part", "key-refused": "part" },
  innosilicon: HTTP,
  // Each of its answers carries a status number; without it nothing was granted.
  ebang: { ...HTTP, "nan-everywhere": "REJECTED" },
  proto: KEY_IN_JSON,
  auradine: KEY_IN_JSON,
  sealminer: MIXED,
  // Its watts are a number in quotes.
  elphapex: { ...HTTP, "control-characters": "part" },
  goldshell: KEY_IN_JSON,
  iceriver: HTTP,
};

/** What a reading ends in with 401 to everything, by how the device is configured. */
interface Refusal {
  /** Ten seconds after a reading that succeeded, by which time a login still stands. */
  readonly afterLogin: Outcome;
  readonly withoutPassword: Outcome;
}

const REFUSED: Refusal = { afterLogin: "UNAUTHORIZED", withoutPassword: "UNAUTHORIZED" };
const UNTOUCHED: Refusal = { afterLogin: "same", withoutPassword: "same" };

export const REFUSALS: { readonly [Kind in DriverKind]: Refusal } = {
  luxos: UNTOUCHED,
  whatsminer: UNTOUCHED,
  // The watts of the supply come over HTTP, without a login.
  antminer: { afterLogin: "part", withoutPassword: "part" },
  avalon: UNTOUCHED,
  bitaxe: REFUSED,
  // A login a minute at most; until then it is told as lost.
  braiins: { ...REFUSED, afterLogin: "BUSY" },
  epic: REFUSED,
  vnish: { ...REFUSED, afterLogin: "BUSY" },
  innosilicon: REFUSED,
  ebang: REFUSED,
  proto: REFUSED,
  // Without a password it leaves the pages alone.
  auradine: { ...REFUSED, withoutPassword: "same" },
  // The page that tells the identity is asked every ten minutes.
  sealminer: UNTOUCHED,
  elphapex: REFUSED,
  goldshell: REFUSED,
  iceriver: REFUSED,
};
