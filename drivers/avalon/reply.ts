// From the text of a reply to its status and records. Requests are sent as JSON, but some builds answer in
// cgminer's text form whatever the request looked like.

import { toNumber } from "../contract/decoding.ts";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import { excerpt, parseReply } from "../transport/json.ts";
import { CODES, Status } from "./wire.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: Status;
  /** `VERSION`, `SUMMARY`, `POOLS`, `STATS`, `LCD`. */
  readonly sections: Readonly<Record<string, readonly Fields[]>>;
}

/** Throws the errors of parseReply(), and UNEXPECTED_SHAPE for what is no cgminer reply. */
export function openReply(text: string, where: string): Reply {
  const body = text.split("\0", 1)[0]?.trim() ?? "";
  if (body.startsWith("STATUS=")) return openText(body, where);
  const value = parseReply(text, where);
  if (!isFields(value)) throw shapeError(where, body);
  const sections = Object.fromEntries(
    Object.entries(value).map(([key, list]) => [
      key,
      Array.isArray(list) ? list.filter(isFields) : [],
    ]),
  );
  const status = Object.hasOwn(sections, "STATUS") ? sections["STATUS"]?.[0] : undefined;
  if (status === undefined) throw shapeError(where, body);
  return { status: Status.parse(status), sections };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shapeError = (where: string, body: string): DeviceError =>
  new DeviceError("UNEXPECTED_SHAPE", `${where}: no STATUS in ${excerpt(body)}`);

/** A message may hold commas, line ends and bars (setpool, help), so it ends at `,Description=`. */
const STATUS_TEXT = /^STATUS=(\w),When=(-?\d+),Code=(\d+),Msg=([\s\S]*?),Description=([^|]*)\|?/;

function openText(body: string, where: string): Reply {
  const found = STATUS_TEXT.exec(body);
  if (found === null || !body.endsWith("|")) {
    throw new DeviceError("TRUNCATED_REPLY", `${where}: ends after ${body.length} characters`);
  }
  const [all, severity, when, code, message, description] = found;
  const sections = new Map<string, Fields[]>();
  for (const section of splitOutside(body.slice(all.length), "|")) {
    const [head = "", ...rest] = splitOutside(section, ",");
    if (head.trim() === "") continue;
    const record = Object.fromEntries([head, ...rest].map(pairOf));
    const name = SECTION_NAMES.get(head.split("=", 1)[0]?.trim() ?? "") ?? head.trim();
    const list = sections.get(name);
    if (list === undefined) sections.set(name, [record]);
    else list.push(record);
  }
  return {
    status: Status.parse({
      STATUS: severity,
      When: when,
      Code: code,
      Msg: message,
      Description: description,
    }),
    sections: Object.fromEntries(sections),
  };
}

/** The text form counts records where JSON lists them. */
const SECTION_NAMES = new Map([
  ["POOL", "POOLS"],
  ["STATS", "STATS"],
]);

function pairOf(field: string): [string, string] {
  const equals = field.indexOf("=");
  return equals < 0 ? [field.trim(), ""] : [field.slice(0, equals).trim(), field.slice(equals + 1)];
}

/** Commas and bars inside of brackets belong to the value: `SYSTEMSTATU[Work: In Idle, Hash Board: 3 ]`. */
function splitOutside(text: string, mark: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (letter === "[") depth += 1;
    else if (letter === "]") depth = Math.max(0, depth - 1);
    else if (letter === mark && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** What the machine says; it may repeat the passwords of a request, so `secrets` are masked. */
export function wordsOf(status: Status, secrets: readonly string[] = []): string {
  let words = (status.Msg ?? "").replaceAll(/\s+/g, " ").trim();
  for (const secret of secrets) {
    if (secret !== "") words = words.replaceAll(secret, "***");
  }
  return words;
}

/** In the firmware's own words, because it uses code 120, and on A13 119 too, for every refusal. */
const REFUSALS: readonly (readonly [RegExp, DeviceErrorCode])[] = [
  [/invalid command|unknown option/i, "UNSUPPORTED"],
  [/access denied/i, "WRITE_DISABLED"],
  [/auth failed|username err|userpass err|password invalid/i, "UNAUTHORIZED"],
  // "current mode 1 is caling Don't permit switch mode": its own tuning is not finished.
  [/\bcal+ing\b/i, "BUSY"],
];

/** Throws when the machine said no. S and I are both yes: A10 answers a set work mode with I. */
export function judgeReply(reply: Reply, where: string, secrets: readonly string[] = []): void {
  const { STATUS, Code } = reply.status;
  if (STATUS !== "E" && STATUS !== "F") return;
  const words = wordsOf(reply.status, secrets);
  const code = toNumber(Code);
  const refusal = REFUSALS.find(([pattern]) => pattern.test(words))?.[1];
  const byCode =
    code === CODES.invalidCommand
      ? "UNSUPPORTED"
      : code === CODES.accessDenied
        ? "WRITE_DISABLED"
        : "REJECTED";
  throw new DeviceError(refusal ?? byCode, `${where}: ${words} (code ${code ?? "missing"})`);
}
