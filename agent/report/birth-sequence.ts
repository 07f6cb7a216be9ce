// bdSeq: the number that ties a death to its birth. It goes up by one with each CONNECT, 0 to 255, and
// lives in a small file so that a restarted agent does not repeat the number of a will still pending.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Log } from "./log.ts";

export interface BirthSequence {
  /** The number of the next CONNECT. */
  next(): number;
}

/** Starts at 0 without a file; its folder must exist. A file that cannot be read or written is reported, never fatal. */
export function openBirthSequence(file: string | undefined, log: Log): BirthSequence {
  let last = file === undefined ? undefined : readLast(file, log);
  let writable = file !== undefined;
  return {
    next() {
      const current = last === undefined ? 0 : (last + 1) % 256;
      last = current;
      if (file !== undefined && writable) writable = save(file, current, log);
      return current;
    },
  };
}

function readLast(file: string, log: Log): number | undefined {
  try {
    const text = readFileSync(file, "utf8").trim();
    if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
    log("warn", "birth sequence file is damaged: starting at 0", { file });
  } catch (error) {
    if (!isMissing(error)) log("warn", "birth sequence file is not readable", facts(file, error));
  }
  return undefined;
}

function save(file: string, value: number, log: Log): boolean {
  try {
    writeFileSync(`${file}.new`, `${value}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return true;
  } catch (error) {
    // Told once: a read-only file system would repeat it with every connection.
    log("warn", "birth sequence is not kept across restarts", facts(file, error));
    return false;
  }
}

const facts = (file: string, error: unknown) => ({ file, error: String(error) });

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";
