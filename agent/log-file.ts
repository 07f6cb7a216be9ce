// A text file of bounded size that is continued as FILE.1, FILE.2, ... Synchronous, so that the last
// words before a crash are on disk; never fsync'd, so that the flash is not worn.

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

export interface RotatingFileOptions {
  readonly path: string;
  /** No file ever grows beyond it. */
  readonly maxBytes: number;
  /** The current one included, 1 to 100. */
  readonly maxFiles: number;
}

/** The most files that a configuration may ask for; older ones are looked for up to here. */
const MOST_FILES = 100;

interface Open {
  readonly descriptor: number;
  readonly inode: number;
  size: number;
}

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #open: Open | undefined;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /**
   * Appends one line, not longer than `maxBytes`, whole or not at all. Throws what the file system
   * throws (ENOSPC, EROFS, EACCES, ...); the next call starts afresh.
   */
  append(line: string): void {
    const bytes = Buffer.from(line);
    try {
      let file = this.#current();
      if (file.size > 0 && file.size + bytes.length > this.#options.maxBytes) {
        this.#rotate();
        file = this.#current();
      }
      writeWhole(file, bytes);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const file = this.#open;
    this.#open = undefined;
    if (file !== undefined) closeSync(file.descriptor);
  }

  /** The open file, or a new one if it was moved, deleted or cut by somebody else meanwhile. */
  #current(): Open {
    const { path } = this.#options;
    const onDisk = statSync(path, { throwIfNoEntry: false });
    if (this.#open !== undefined && onDisk?.ino === this.#open.inode) {
      this.#open.size = onDisk.size;
      return this.#open;
    }
    const isFirst = this.#open === undefined;
    this.close();
    mkdirSync(dirname(path), { recursive: true });
    if (isFirst) this.#dropSurplus();
    this.#open = openLog(path);
    return this.#open;
  }

  #rotate(): void {
    this.close();
    const { path, maxFiles } = this.#options;
    if (maxFiles === 1) {
      rmSync(path);
      return;
    }
    // Up to the first gap only: a rotation that a power cut interrupted must not cost another file.
    let free = 1;
    while (free < maxFiles - 1 && exists(`${path}.${free}`)) free += 1;
    for (let index = free; index > 1; index -= 1) {
      renameSync(`${path}.${index - 1}`, `${path}.${index}`);
    }
    renameSync(path, `${path}.1`);
  }

  // Left behind by a configuration with more files.
  #dropSurplus(): void {
    const { path, maxFiles } = this.#options;
    for (let index = maxFiles; index < MOST_FILES; index += 1) {
      rmSync(`${path}.${index}`, { force: true });
    }
  }
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

function openLog(path: string): Open {
  // Other users of the machine need not read it. Reading serves the look at the last byte.
  const descriptor = openSync(path, "a+", 0o640);
  const { ino, size } = fstatSync(descriptor);
  const file = { descriptor, inode: ino, size };
  const last = Buffer.alloc(1);
  // A power cut may have left half a line, which must not swallow the next one.
  if (size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) {
    writeWhole(file, Buffer.from("\n"));
  }
  return file;
}

function writeWhole(file: Open, bytes: Buffer): void {
  const before = file.size;
  let written = 0;
  try {
    while (written < bytes.length) {
      written += writeSync(file.descriptor, bytes, written);
    }
    file.size = before + bytes.length;
  } catch (error) {
    // A full disk takes a part of a line; half a record is worth nothing.
    if (written > 0) ftruncateSync(file.descriptor, before);
    throw error;
  }
}
