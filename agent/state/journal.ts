// Durable memory: an append-only file, each line checked, each append on disk before it returns.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "./crc32.ts";

/** Rewritten to its newest records when it grows past this; flash wears, and 64 KiB hold weeks. */
const COMPACT_ABOVE = 64 * 1024;

export interface Journal {
  /** The newest record of each key, as found when the journal was opened and appended since. */
  readonly records: ReadonlyMap<string, unknown>;
  /** Lines that could not be trusted: a torn write at a power cut, or damaged flash. */
  readonly damaged: number;
  /** Returns when the record is on disk. Throws what the file system says. */
  append(key: string, record: unknown): void;
  close(): void;
}

/** Opens or creates `file`. A damaged line loses that line only. */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const { records, damaged } = load(file);
  let descriptor = openSync(file, "a");
  let size = rewrite();

  function rewrite(): number {
    const temporary = `${file}.new`;
    const fresh = openSync(temporary, "w");
    let written = 0;
    for (const [key, record] of records) written += writeSync(fresh, line(key, record));
    fsyncSync(fresh);
    closeSync(fresh);
    closeSync(descriptor);
    renameSync(temporary, file);
    syncFolder(dirname(file));
    descriptor = openSync(file, "a");
    return written;
  }

  return {
    records,
    damaged,
    append(key, record) {
      records.set(key, record);
      const text = line(key, record);
      if (size + text.length > Math.max(COMPACT_ABOVE, records.size * 4096)) {
        size = rewrite();
        return;
      }
      size += writeSync(descriptor, text);
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

export const journalFile = (stateDir: string): string => join(stateDir, "journal.ndjson");

function line(key: string, record: unknown): string {
  const body = JSON.stringify([key, record]);
  return `${crc32(body).toString(16).padStart(8, "0")} ${body}\n`;
}

function load(file: string): { records: Map<string, unknown>; damaged: number } {
  const records = new Map<string, unknown>();
  let damaged = 0;
  for (const text of readLines(file)) {
    const parsed = parse(text);
    if (parsed === undefined) damaged += 1;
    else records.set(parsed.key, parsed.record);
  }
  return { records, damaged };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((text) => text !== "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function parse(text: string): { key: string; record: unknown } | undefined {
  const body = text.slice(9);
  if (text.slice(0, 8) !== crc32(body).toString(16).padStart(8, "0")) return undefined;
  const [key, record] = JSON.parse(body) as [string, unknown];
  return { key, record };
}

/** A rename is durable only when its folder is. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
