// A log file and its older continuations, held open, so that a rotation cannot take one away.

import { type FileHandle, open } from "node:fs/promises";

export interface Tail {
  readonly handle: FileHandle;
  readonly inode: number;
  /** Bytes that were read. */
  offset: number;
}

const MOST_FILES = 100;
const CHUNK = 64 * 1024;

/**
 * Opens FILE, FILE.1, ... up to what `known` has read; the result is oldest first, empty when FILE
 * itself is missing.
 */
export async function openYounger(file: string, known?: Tail): Promise<Tail[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await scan(file, known);
    const newest = found[0];
    // Files only get older, so a scan from the newest on misses none. But two rotations during one
    // scan put a younger file behind an older one: then FILE is another one now.
    if (newest === undefined || (await inodeOf(file)) === newest.inode) return found.reverse();
    await Promise.all(found.map(({ handle }) => handle.close()));
  }
  throw new Error(`${file} is rotated faster than it can be opened`);
}

/** Newest first. */
async function scan(file: string, known?: Tail): Promise<Tail[]> {
  const since = known === undefined ? -Infinity : (await known.handle.stat()).mtimeMs;
  const found: Tail[] = [];
  for (let index = 0; index < MOST_FILES; index += 1) {
    const handle = await openIfThere(index === 0 ? file : `${file}.${index}`);
    if (handle === undefined) {
      if (index === 0) return [];
      continue;
    }
    const { ino, mtimeMs } = await handle.stat();
    const isTwice = found.some(({ inode }) => inode === ino);
    const isKnown = ino === known?.inode;
    // If `known` was deleted, those that were written later still follow it.
    if (isTwice || isKnown || mtimeMs < since) await handle.close();
    else found.push({ handle, inode: ino, offset: 0 });
    if (isKnown) break;
  }
  return found;
}

async function inodeOf(path: string): Promise<number | undefined> {
  const handle = await openIfThere(path);
  if (handle === undefined) return undefined;
  const { ino } = await handle.stat();
  await handle.close();
  return ino;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Everything from the offset to the present end; from the start when the file has been cut. */
export async function readOn(
  tail: Tail,
  push: (bytes: Buffer) => Promise<void>,
  onCut: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if ((await tail.handle.stat()).size < tail.offset) {
    await onCut();
    tail.offset = 0;
  }
  const buffer = Buffer.alloc(CHUNK);
  while (!signal.aborted) {
    const { bytesRead } = await tail.handle.read(buffer, 0, CHUNK, tail.offset);
    if (bytesRead === 0) return;
    tail.offset += bytesRead;
    await push(buffer.subarray(0, bytesRead));
  }
}
