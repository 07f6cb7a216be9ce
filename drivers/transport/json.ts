// From reply text to a value, with the repairs that real firmwares need and no others.

import { DeviceError } from "../contract/errors.ts";

/**
 * Parses a reply. Repairs, in this order, only when plain parsing fails: bytes after the first complete
 * value (doubled replies, `"}` tails), bare control characters inside strings, `\'`, `}{` between list
 * items, stray commas, missing values and bare nan/inf (both become null: absent). Seen on S9, L3+, Z11,
 * S9k, S19 Pro, old bmminer and Whatsminer builds.
 * Throws EMPTY_REPLY, HTML_REPLY, TRUNCATED_REPLY or NOT_JSON, and UNEXPECTED_SHAPE for a list of more than
 * 4096 rows; never guesses a missing tail.
 */
export function parseReply(text: string, where: string): unknown {
  const body = cutAtNul(text).trim();
  if (body === "") throw new DeviceError("EMPTY_REPLY", `${where}: nothing but white space`);
  // A shorter text cannot hold so many rows.
  if (body.length >= 2 * MOST_ROWS && /^[[{]/.test(body)) mustBeShort(body, where);
  const plain = tryParse(body);
  if (plain !== undefined) return plain.value;
  if (body.startsWith("<")) {
    throw new DeviceError("HTML_REPLY", `${where}: ${excerpt(body)}`);
  }
  if (!/^[[{]/.test(body)) {
    throw new DeviceError("NOT_JSON", `${where}: ${excerpt(body)}`);
  }
  // What only has bytes behind it needs no other repair, which costs far more.
  const first = tryParse(body.slice(0, endOfFirstValue(body) ?? 0));
  if (first !== undefined) return first.value;
  const repaired = repair(body);
  const end = endOfFirstValue(repaired);
  if (end === undefined) {
    throw new DeviceError("TRUNCATED_REPLY", `${where}: ends after ${body.length} characters`);
  }
  const value = tryParse(repaired.slice(0, end));
  if (value !== undefined) return value.value;
  throw new DeviceError("NOT_JSON", `${where}: ${excerpt(body)}`);
}

/** Ten times the chips of the largest board: what is longer only keeps the agent from its other machines. */
const MOST_ROWS = 4096;

/** Before anything is parsed: to build such a list, and to mend it, is what takes the time. */
function mustBeShort(body: string, where: string): void {
  const commas: number[] = [];
  for (let index = 0; index < body.length; index += 1) {
    const letter = body[index];
    if (letter === '"') index = endOfString(body, index) - 1;
    else if (letter === "[" || letter === "{") commas.push(0);
    else if (letter === "]" || letter === "}") commas.pop();
    else if (letter === "," && countComma(commas) >= MOST_ROWS) {
      throw new DeviceError("UNEXPECTED_SHAPE", `${where}: a list of more than ${MOST_ROWS} rows`);
    }
    // What follows the first value is not read.
    if (commas.length === 0) return;
  }
}

/** Of the innermost list. */
function countComma(commas: number[]): number {
  const count = (commas.at(-1) ?? 0) + 1;
  commas[commas.length - 1] = count;
  return count;
}

function cutAtNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** First words of a reply for an error message, free of control characters. */
export function excerpt(text: string): string {
  const printable = Array.from(text.slice(0, 80), (letter) => (letter < " " ? " " : letter)).join(
    "",
  );
  return JSON.stringify(text.length > 80 ? `${printable}...` : printable);
}

// One pass, linear time: strings are copied (control characters escaped), the rest is mended.
function repair(text: string): string {
  const out: string[] = [];
  // Most of what is between strings is the same few letters again and again.
  const mended = new Map<string, string>();
  let index = 0;
  while (index < text.length) {
    if (text[index] === '"') {
      const end = endOfString(text, index);
      out.push(mendString(text.slice(index, end)));
      index = end;
    } else {
      const next = text.indexOf('"', index);
      const end = next < 0 ? text.length : next;
      const between = text.slice(index, end);
      let mend = mended.get(between);
      if (mend === undefined) {
        mend = mendStructure(between);
        mended.set(between, mend);
      }
      out.push(mend);
      index = end;
    }
  }
  return out.join("");
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return Math.min(index + 1, text.length);
}

// Escapes are read in pairs: in `\\\\'` the backslash is escaped and the apostrophe is not.
function mendString(literal: string): string {
  if (!/[\\\p{Cc}]/u.test(literal)) return literal;
  return literal
    .replace(/\\([\s\S])/g, (pair, letter) => (letter === "'" ? letter : pair))
    .replace(/\p{Cc}/gu, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function mendStructure(between: string): string {
  return between
    .replace(/-?\b(?:nan|inf(?:inity)?)\b/gi, "null")
    .replace(/([}\]])\s*([{[])/g, "$1,$2")
    .replace(/:\s*(?=[,}\]])/g, ":null")
    .replace(/([[{,])\s*,+/g, "$1")
    .replace(/,\s*([}\]])/g, "$1");
}

function endOfFirstValue(text: string): number | undefined {
  let depth = 0;
  let index = 0;
  while (index < text.length) {
    const letter = text[index];
    if (letter === '"') {
      index = endOfString(text, index);
      continue;
    }
    if (letter === "{" || letter === "[") depth += 1;
    if (letter === "}" || letter === "]") {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
    index += 1;
  }
  return undefined;
}
