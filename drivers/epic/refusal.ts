// What an order that did not succeed means.

import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import { HttpExchangeError } from "../transport/http.ts";
import type { OrderAnswer } from "./wire.ts";

/** The machine may have acted on an order whose answer never came, or makes no sense. */
export class LostOrder extends Error {}

const UNREADABLE: ReadonlySet<string> = new Set([
  "EMPTY_REPLY",
  "TRUNCATED_REPLY",
  "HTML_REPLY",
  "NOT_JSON",
] satisfies DeviceErrorCode[]);

export function mayHaveActed(error: unknown): boolean {
  if (error instanceof HttpExchangeError) return error.sent && error.code !== "ABORTED";
  return isDeviceError(error) && UNREADABLE.has(error.code);
}

/** `LastCmdStillPending` is told as a word or as "Last command is still pending". */
const CODES: readonly (readonly [RegExp, DeviceErrorCode])[] = [
  [/badpassword|bad password/i, "UNAUTHORIZED"],
  [/pending|inprogress|in progress/i, "BUSY"],
  [/invalidurl|invalidmethod/i, "UNSUPPORTED"],
];

/** The machine's own words go into the message, without any of the secrets. */
export function refusal(
  name: string,
  answer: OrderAnswer,
  secrets: readonly string[],
): DeviceError {
  const words = wordsOf(answer.error);
  const code = CODES.find(([pattern]) => pattern.test(words))?.[1] ?? "REJECTED";
  return new DeviceError(code, `${name}: ${hide(words, secrets)}`);
}

function wordsOf(error: OrderAnswer["error"]): string {
  if (error === null || error === undefined) return "refused without a reason";
  if (typeof error === "string") return error;
  try {
    return JSON.stringify(error);
  } catch (broken) {
    // What was parsed without recursion may be nested deeper than writing it bears.
    if (broken instanceof RangeError) return "refused with a reason nested too deep to be told";
    throw broken;
  }
}

const LONGEST_WORDS = 200;

/** An error of the decoder may quote what it was sent. */
function hide(words: string, secrets: readonly string[]): string {
  let text = words;
  for (const secret of secrets) {
    if (secret === "") continue;
    const escaped = JSON.stringify(secret).slice(1, -1);
    text = text.replaceAll(escaped, "***").replaceAll(secret, "***");
  }
  return text.slice(0, LONGEST_WORDS);
}
