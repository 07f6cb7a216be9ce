// What every answer of API 3.x has in common: was it a yes, and if not, whose job is it?

import { toNumber, toText } from "../contract/decoding.ts";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import { isObject, SWITCH_ON } from "./reply.ts";
import { CODES_V3, Reply } from "./wire-v3.ts";

/** Throws UNEXPECTED_SHAPE for what is no JSON object with a code. */
export function openReply(value: unknown, command: string): Reply {
  const parsed = Reply.safeParse(value);
  if (parsed.success && toNumber(parsed.data.code) !== undefined) return parsed.data;
  throw new DeviceError("UNEXPECTED_SHAPE", `${command}: an object with a code was expected`);
}

export const isGood = (reply: Reply): boolean => toNumber(reply.code) === CODES_V3.ok;

const LONGEST_WORDS = 120;

/** The machine's own words; "" when it has none. */
export function wordsOf(reply: Reply): string {
  return typeof reply.msg === "string" ? reply.msg.slice(0, LONGEST_WORDS) : "";
}

/** The machine's clock, Unix seconds. */
export const secondsOf = (reply: Reply): number | undefined => {
  const when = toNumber(reply.when);
  return when === undefined ? undefined : Math.floor(when);
};

/** In the whole device info and in its section `salt`, which may be the bare text. */
export function saltIn(reply: Reply): string | undefined {
  if (reply.desc !== undefined && reply.desc !== "get.device.info") return undefined;
  return toText(isObject(reply.msg) ? reply.msg["salt"] : reply.msg);
}

/** `hide` takes secrets out of the machine's words. */
export function refusalOfV3(
  reply: Reply,
  command: string,
  hide: (words: string) => string = (words) => words,
): DeviceError {
  const code = toNumber(reply.code);
  const kind = errorCodeOf(code);
  const said = hide(wordsOf(reply));
  const advice =
    kind === "WRITE_DISABLED"
      ? `; ${SWITCH_ON}; if that is done, check username, password and the permission of this account`
      : "";
  const words = said === "" ? "" : ` ${said}`;
  return new DeviceError(kind, `${command}: code ${code}${words}${advice}`);
}

function errorCodeOf(code: number | undefined): DeviceErrorCode {
  switch (code) {
    case CODES_V3.unknownCommand:
      return "UNSUPPORTED";
    case CODES_V3.notPermitted:
      return "WRITE_DISABLED";
    case CODES_V3.outOfMemory:
      return "BUSY";
    default:
      return "REJECTED";
  }
}
