// From the bytes of log files to pretty lines on a stream, no faster than the stream takes them.

import { StringDecoder } from "node:string_decoder";
import { prettyLine } from "./log-pretty.ts";

export interface PrinterOptions {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal: AbortSignal;
  /** ANSI colours; on a terminal unless NO_COLOR is set, when absent. */
  readonly color?: boolean;
  /** Times in UTC instead of local time. */
  readonly utc?: boolean;
}

/** A line without end is printed in pieces of this many characters. */
const MAX_LINE = 1024 * 1024;

export interface Printer {
  push(bytes: Buffer): Promise<void>;
  /** What is buffered counts as a line: its file has ended. */
  endLine(): Promise<void>;
  /** Prints nothing until release(), then only the last so many lines. */
  hold(lines: number | undefined): void;
  release(): Promise<void>;
}

export function createPrinter({ out, color, utc, signal }: PrinterOptions): Printer {
  const style = {
    color: color ?? (out.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""),
    utc: utc ?? false,
  };
  let decoder = new StringDecoder("utf8");
  let rest = "";
  let held: { readonly lines: string[]; readonly most: number } | undefined;
  const print = async (lines: readonly string[]): Promise<void> => {
    const wanted = lines.filter((line) => line !== "");
    if (wanted.length === 0 || signal.aborted) return;
    const text = wanted.map((line) => `${prettyLine(line, style)}\n`).join("");
    if (!out.write(text)) await drained(out, signal);
  };
  const accept = async (lines: readonly string[]): Promise<void> => {
    if (held === undefined) return await print(lines);
    held.lines.push(...lines.filter((line) => line !== ""));
    held.lines.splice(0, Math.max(0, held.lines.length - held.most));
  };
  return {
    async push(bytes) {
      const lines = (rest + decoder.write(bytes)).split(/\r?\n/);
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE) {
        lines.push(rest);
        rest = "";
      }
      await accept(lines);
    },
    async endLine() {
      const line = rest + decoder.end();
      decoder = new StringDecoder("utf8");
      rest = "";
      await accept([line]);
    },
    hold(most) {
      if (most !== undefined) held = { lines: [], most: Math.max(0, most) };
    },
    async release() {
      const lines = held?.lines ?? [];
      held = undefined;
      await print(lines);
    },
  };
}

function drained(out: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ["drain", "close", "error"]) out.removeListener(event, done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    // Its owner hears of an error by a listener of its own, and aborts.
    for (const event of ["drain", "close", "error"]) out.once(event, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
