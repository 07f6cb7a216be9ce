// Every way in which a reply of a real machine goes wrong, for the daemons of all wire protocols.

import { once } from "node:events";
import type { Writable } from "node:stream";
import { setImmediate as breath, setTimeout as pause } from "node:timers/promises";

/**
 * `split`, `bytewise`, `without-nul`, `double`, `nan` and `control-characters` are readable with care,
 * and what is left of `nan-everywhere`; the others must end in an error. `drip` is too slow for any deadline. `reset` drops the request
 * unread; `lost-after-send` acts on it, then drops. `unauthorized` and `key-refused` are HTTP's: 401 to
 * everything, or to every request that carries what a login gave. The last three are of framed replies.
 */
export type ReplyFault =
  | "split"
  | "bytewise"
  | "drip"
  | "truncate"
  | "without-nul"
  | "double"
  | "html"
  | "error-text"
  | "empty"
  | "silent"
  | "reset"
  | "huge"
  | "nan"
  | "nan-everywhere"
  | "control-characters"
  | "unauthorized"
  | "key-refused"
  | "lost-after-send"
  | "unframed"
  | "late-frame"
  | "late-half";

/** Length of a huge reply, without its few bytes of frame. */
export const HUGE_BYTES = 16 * 1024 * 1024;
const SPLIT_PAUSE_MS = 20;
/** Slow enough that no reply of a known firmware ends within a usual deadline. */
const DRIP_PAUSE_MS = 20;
/** So many bytes come one by one; more of them show nothing new and take their time. */
const BYTEWISE = 200;
const BLOCK = Buffer.alloc(64 * 1024, "x");

/** The reply's text with the fault in it; faults of delivery leave it as it is. */
export function spoil(reply: string, fault: ReplyFault | undefined): string {
  switch (fault) {
    case "double":
      return reply + reply;
    case "html":
      return "<html><head><title>401</title></head><body>Unauthorized</body></html>";
    case "error-text":
      return "Internal error: the service is unavailable";
    case "empty":
      return "";
    case "nan":
      return withNan(reply);
    case "nan-everywhere":
      return withoutNumbers(reply);
    case "control-characters":
      // Into the first text value, as a pool password or worker name brings them in.
      return reply.replace(/:(\s*)"/, ':$1"\u0001\n\t');
    default:
      return reply;
  }
}

/** Computed numbers become `nan`, as 0/0 prints in C: those with a decimal point, else the first. */
function withNan(reply: string): string {
  const spoiled = reply.replace(/:(\s*)-?\d+\.\d+/g, ":$1nan");
  return spoiled === reply ? reply.replace(/:(\s*)-?\d+(?=[,}\]\s])/, ":$1nan") : spoiled;
}

/** Also those in lists, in quotes, and in brackets inside of a text, as Avalon writes its figures. */
function withoutNumbers(reply: string): string {
  return reply
    .replace(/([:[,]\s*)-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*[,}\]])/g, "$1nan")
    .replace(/\[[-\d. ]+\]/g, "[nan]")
    .replace(/"-?\d+(?:\.\d+)?"(?!\s*:)/g, '"nan"');
}

const HUGE_HEAD = Buffer.from('{"STATUS":[{"Msg":"');
const HUGE_TAIL = Buffer.from('"}]}');

/** How many bytes `pour` means to send. */
export const lengthOf = (bytes: Buffer, fault: ReplyFault | undefined): number =>
  fault === "huge" ? HUGE_HEAD.length + HUGE_BYTES + HUGE_TAIL.length : bytes.length;

/** Writes the reply as slowly, as incomplete or as long as the fault says, until the client leaves. */
export async function pour(
  out: Writable,
  bytes: Buffer,
  fault: ReplyFault | undefined,
): Promise<void> {
  for await (const piece of pieces(bytes, fault)) {
    if (!out.writable) return;
    if (!out.write(piece) && fault === "huge") await drained(out);
  }
}

async function* pieces(bytes: Buffer, fault: ReplyFault | undefined): AsyncGenerator<Buffer> {
  const half = Math.ceil(bytes.length / 2);
  if (fault === "huge") {
    yield HUGE_HEAD;
    for (let sent = 0; sent < HUGE_BYTES; sent += BLOCK.length) yield BLOCK;
    yield HUGE_TAIL;
  } else if (fault === "truncate") {
    yield bytes.subarray(0, half);
  } else if (fault === "split") {
    yield bytes.subarray(0, half);
    await pause(SPLIT_PAUSE_MS);
    yield bytes.subarray(half);
  } else if (fault === "drip") {
    yield* dripped(bytes, () => pause(DRIP_PAUSE_MS));
  } else if (fault === "bytewise") {
    yield* dripped(bytes.subarray(0, BYTEWISE), () => breath());
    yield bytes.subarray(BYTEWISE);
  } else {
    yield bytes;
  }
}

async function* dripped(bytes: Buffer, between: () => Promise<unknown>): AsyncGenerator<Buffer> {
  for (const byte of bytes) {
    yield Buffer.of(byte);
    await between();
  }
}

// Not events.once() alone: a client that leaves never drains what was written for it.
async function drained(out: Writable): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  out.once("close", leave);
  try {
    await once(out, "drain", { signal: gone.signal });
  } catch {
    // The client left; the loop sees that the stream is not writable any more.
  } finally {
    out.off("close", leave);
  }
}
