// Durable memory: an append-only file, each line checked, each append on disk before it returns.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "./crc32.ts";

/**
 * Rewritten to its newest records when it grows past this, and past twice what they take: flash wears, and
 * 64 KiB hold weeks.
 */
const COMPACT_ABOVE = 64 * 1024;

export interface Journal {
  /** The newest record of each key that is on disk. */
  readonly records: ReadonlyMap<string, unknown>;
  /** Lines that could not be trusted: a torn write at a power cut, or damaged flash. */
  readonly damaged: number;
  /**
   * Returns when the record is on disk. Throws what the file system says (ENOSPC, EIO, ...): then the
   * record before it counts, and the next call tries again.
   */
  append(key: string, record: unknown): void;
  close(): void;
}

type Write = (descriptor: number, bytes: Buffer) => number;

/** Opens or creates `file`. A damaged line loses that line only. */
export function openJournal(file: string, write: Write = writeSync): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const { records, damaged } = load(file);
  let descriptor = openSync(file, "a");
  let size = statSync(file).size;
  /** Bytes after the last rewrite. */
  let least = 0;
  // What a power cut or a full disk left of a line must not swallow the next one.
  let torn = true;

  function rewrite(kept: ReadonlyMap<string, unknown>): void {
    const text = [...kept].map(([key, record]) => line(key, record)).join("");
    const old = descriptor;
    descriptor = replace(file, text, write);
    closeSync(old);
    size = Buffer.byteLength(text);
    least = size;
    torn = false;
  }

  try {
    rewrite(records);
  } catch {
    // A full disk need not stop the agent: the next append says so if it stays full.
  }

  return {
    records,
    damaged,
    append(key, record) {
      const text = (torn ? "\n" : "") + line(key, record);
      if (size + text.length > Math.max(COMPACT_ABOVE, 2 * least)) {
        rewrite(new Map(records).set(key, record));
      } else {
        torn = true;
        size += writeWhole(descriptor, text, write);
        fsyncSync(descriptor);
        torn = false;
      }
      records.set(key, record);
    },
    close: () => closeSync(descriptor),
  };
}

/** The old file stays whole until the new one is on disk. Returns the descriptor of the new one. */
function replace(file: string, text: string, write: Write): number {
  const temporary = `${file}.new`;
  const fresh = openSync(temporary, "w");
  try {
    writeWhole(fresh, text, write);
    fsyncSync(fresh);
    renameSync(temporary, file);
    syncFolder(dirname(file));
    return fresh;
  } catch (error) {
    closeSync(fresh);
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A disk that runs full takes a part of the bytes first, and says so at the next call only. */
function writeWhole(descriptor: number, text: string, write: Write): number {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += write(descriptor, bytes.subarray(written));
  return written;
}

export const journalFile = (stateDir: string): string => join(stateDir, "journal.ndjson");

function line(key: string, record: unknown): string {
  const body = JSON.stringify([key, record]);
  return `${crc32(body).toString(16).padStart(8, "0")} ${body}\n`;
}

/** The newest record of each key, for those who only look: an agent may be writing. Throws as `openJournal`. */
export const readJournal = (file: string): ReadonlyMap<string, unknown> => load(file).records;

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
