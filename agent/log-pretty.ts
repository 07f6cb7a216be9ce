// One log record as one line for people. What came from a machine may hold terminal control codes;
// none of them gets through.

import { printable } from "../config/printable.ts";

export interface PrettyOptions {
  /** ANSI colours. */
  readonly color: boolean;
  /** Times in UTC instead of local time. */
  readonly utc: boolean;
}

const LEVELS: readonly { readonly from: number; readonly word: string; readonly color: string }[] =
  [
    { from: 60, word: "FATAL", color: "\u001b[1;31m" },
    { from: 50, word: "ERROR", color: "\u001b[31m" },
    { from: 40, word: "WARN ", color: "\u001b[33m" },
    { from: 30, word: "INFO ", color: "\u001b[32m" },
    { from: 20, word: "DEBUG", color: "\u001b[36m" },
    { from: -Infinity, word: "TRACE", color: "\u001b[2m" },
  ];
const DIM = "\u001b[2m";
const BOLD = "\u001b[1m";
const RESET = "\u001b[0m";

/** Without newline at its end; a stack trace has more lines. Anything but a record stays as it is. */
export function prettyLine(line: string, options: PrettyOptions): string {
  const record = parseRecord(line);
  if (record === undefined) return printable(line);
  const { level, time, msg, device, err, ...fields } = record;
  const paint = (code: string, text: string) => (options.color ? `${code}${text}${RESET}` : text);
  const { word, color } = levelOf(level);
  const parts = [
    paint(DIM, typeof time === "number" ? timeText(time, options.utc) : "-"),
    paint(color, word),
    ...(device === undefined ? [] : [paint(BOLD, short(device))]),
    ...(typeof msg === "string" ? [printable(msg)] : []),
    ...Object.entries(fields).map(([key, value]) => field(key, value, paint)),
  ];
  return parts.join(" ") + errorText(err, paint);
}

type Paint = (code: string, text: string) => string;

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

function levelOf(level: unknown): { readonly word: string; readonly color: string } {
  const found = typeof level === "number" && LEVELS.find(({ from }) => level >= from);
  return found || { word: "-    ", color: DIM };
}

function timeText(time: number, utc: boolean): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  // The same digits as UTC shows, moved by the offset of this very date.
  const shown = utc ? date : new Date(time - date.getTimezoneOffset() * 60_000);
  return `${shown.toISOString().slice(0, -1).replace("T", " ")}${utc ? "Z" : ""}`;
}

function field(key: string, value: unknown, paint: Paint): string {
  return `${paint(DIM, `${printable(key)}=`)}${short(value)}`;
}

const MAX_FIELD = 160;

function short(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(7)));
  const isBare = typeof value === "string" && /^[^\s"=]+$/.test(value);
  const text = printable(isBare ? value : JSON.stringify(value));
  return text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD)}...` : text;
}

function errorText(err: unknown, paint: Paint): string {
  if (err === undefined) return "";
  if (typeof err !== "object" || err === null) return ` ${field("err", err, paint)}`;
  const { type, message, stack, code } = err as Record<string, unknown>;
  const facts = { ...(code === undefined ? {} : { code }), err: message ?? type ?? "unknown" };
  const head = Object.entries(facts).map(([key, value]) => ` ${field(key, value, paint)}`);
  if (typeof stack !== "string") return head.join("");
  const frames = stack.split("\n").filter((frame) => /^\s+at /.test(frame));
  return head.join("") + frames.map((frame) => `\n${paint(DIM, printable(frame))}`).join("");
}
