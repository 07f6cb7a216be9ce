// `nockd logs [-f] [FILE]`: the log for people, across rotation and truncation.

import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createPrinter, type Printer, type PrinterOptions } from "./log-printer.ts";
import { openYounger, readOn, type Tail } from "./log-tail.ts";

export interface ViewOptions extends PrinterOptions {
  /** The current log file; FILE.1, FILE.2, ... hold what is older. */
  readonly file: string;
  /** Goes on with what is written later until the signal is aborted. */
  readonly follow: boolean;
  /** Only the last so many lines of what is there at the start; all of them when absent. */
  readonly lines?: number;
  /** Longest time until a change is noticed that the file system does not announce, in ms. */
  readonly pollInterval?: number;
}

/** Throws ENOENT when there is no file and it need not follow; EACCES and the like always. */
export async function viewLog(options: ViewOptions): Promise<void> {
  const { file, follow, signal } = options;
  const printer = createPrinter(options);
  const files = await openYounger(file);
  if (files.length === 0 && !follow) await stat(file);
  const reader = { printer, signal };
  printer.hold(options.lines);
  const last = await readAll(files, reader);
  if (!follow) await printer.endLine();
  await printer.release();
  if (follow) await followOn(options, reader, last);
  else await last?.handle.close();
}

interface Reader {
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

/** Reads the files in turn and closes all but the last, which it returns. */
async function readAll(files: readonly Tail[], reader: Reader): Promise<Tail | undefined> {
  for (const [index, tail] of files.entries()) {
    await read(tail, reader);
    if (index === files.length - 1) break;
    await reader.printer.endLine();
    await tail.handle.close();
  }
  return files.at(-1);
}

const read = (tail: Tail, { printer, signal }: Reader): Promise<void> =>
  readOn(tail, printer.push, printer.endLine, signal);

async function followOn(options: ViewOptions, reader: Reader, start?: Tail): Promise<void> {
  const changes = watchFolder(options.file);
  let tail = start;
  try {
    while (!options.signal.aborted) {
      const changed = changes.next();
      tail = await catchUp(options.file, reader, tail);
      await wait(changed, options);
    }
  } finally {
    changes.close();
    await tail?.handle.close();
  }
}

async function catchUp(file: string, reader: Reader, tail?: Tail): Promise<Tail | undefined> {
  if (tail !== undefined) await read(tail, reader);
  const younger = await openYounger(file, tail);
  // Nothing new, or in the middle of a rotation: FILE will be there at the next look.
  if (younger.length === 0) return tail;
  if (tail !== undefined) {
    // Written between the reading above and the rotation.
    await read(tail, reader);
    await reader.printer.endLine();
    await tail.handle.close();
  }
  return await readAll(younger, reader);
}

interface Changes {
  /** Resolves at the next change after the call. */
  next(): Promise<void>;
  close(): void;
}

// A hint only: network drives announce nothing, and the number of watches of a system is limited.
function watchFolder(file: string): Changes {
  let notify: () => void = () => undefined;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(file), (_event, name) => {
      if (name === null || name === basename(file)) notify();
    });
    watcher.on("error", () => watcher?.close());
  } catch {
    // Polling remains.
  }
  return {
    next: () =>
      new Promise((resolve) => {
        notify = resolve;
      }),
    close: () => watcher?.close(),
  };
}

async function wait(changed: Promise<void>, { signal, pollInterval }: ViewOptions): Promise<void> {
  const done = new AbortController();
  const onAbort = () => done.abort();
  if (signal.aborted) return;
  signal.addEventListener("abort", onAbort, { once: true });
  const timeout = pause(pollInterval ?? 1000, undefined, { signal: done.signal }).catch(
    () => undefined,
  );
  await Promise.race([changed, timeout]);
  signal.removeEventListener("abort", onAbort);
  done.abort();
}
