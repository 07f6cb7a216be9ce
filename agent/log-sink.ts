// Where log lines go. A log that cannot be written must never stop the agent that it tells about.

import { writeSync } from "node:fs";
import { RotatingFile } from "./log-file.ts";

export interface LogSink {
  /** One record with its newline. Never throws. */
  write(line: string): void;
}

/** Pause between attempts on a pipe whose reader is slow, in milliseconds. */
const PIPE_PAUSE = 5;
const PIPE_ATTEMPTS = 20;

/**
 * A file descriptor: 1 or 2. Lines that cannot be written are counted and told with the next one
 * that can.
 */
export function descriptorSink(
  descriptor: number,
  now: () => number,
  write: (descriptor: number, bytes: Buffer) => number = writeSync,
): LogSink {
  let lost = 0;
  let torn = false;
  const send = (line: string): boolean => {
    const bytes = Buffer.from(torn ? `\n${line}` : line);
    // Whoever keeps a pipe full stops the agent once, not at every line.
    const written = writePatiently(bytes, (rest) => write(descriptor, rest), lost > 0);
    if (written > 0) torn = written < bytes.length;
    return written === bytes.length;
  };
  return {
    write(line) {
      if (lost > 0 && send(record(now(), 40, "log records were lost", { lost }))) lost = 0;
      if (!send(line)) lost += 1;
    },
  };
}

/** Bytes that were written before the pipe stayed full or broke. */
function writePatiently(
  bytes: Buffer,
  write: (rest: Buffer) => number,
  isImpatient: boolean,
): number {
  let written = 0;
  let attempts = isImpatient ? 1 : PIPE_ATTEMPTS;
  while (written < bytes.length && attempts > 0) {
    try {
      written += write(bytes.subarray(written));
    } catch (error) {
      // A full pipe is not an end. Everything else (EPIPE, EIO, EBADF) is; the caller counts it.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return written;
      attempts -= 1;
      if (attempts > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE);
    }
  }
  return written;
}

export interface FileSinkOptions {
  readonly file: string;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  readonly now: () => number;
  /** Takes the records while the file cannot be written. */
  readonly fallback: LogSink;
}

/**
 * Files of bounded size. While they cannot be written (full or read-only disk) records go to the
 * fallback, which is told why once; each record tries the file again.
 */
export function fileSink({
  file,
  maxFileBytes,
  maxFiles,
  now,
  fallback,
}: FileSinkOptions): LogSink {
  const target = new RotatingFile({ path: file, maxBytes: maxFileBytes, maxFiles });
  let diverted = 0;
  const resume = () => {
    if (diverted === 0) return;
    const text = record(now(), 40, "log file can be written again", { file, diverted });
    diverted = 0;
    target.append(text);
  };
  return {
    write(line) {
      try {
        target.append(cut(line, maxFileBytes));
        resume();
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (diverted === 0) {
          const fields = { file, code: code ?? message };
          const text = "log file cannot be written, records go to standard error";
          fallback.write(record(now(), 50, text, fields));
        }
        diverted += 1;
        fallback.write(line);
      }
    },
  };
}

/** Longest record that is kept whole, in bytes. */
const MAX_RECORD = 32 * 1024;
const KEPT = 2000;

// A record of the size of a file would push everything else out.
function cut(line: string, maxFileBytes: number): string {
  const size = Buffer.byteLength(line);
  if (size <= Math.min(MAX_RECORD, maxFileBytes)) return line;
  const level = Number(/"level":(\d+)/.exec(line)?.[1] ?? 30);
  const time = Number(/"time":(-?\d+)/.exec(line)?.[1] ?? 0);
  const begin = line.slice(0, Math.min(KEPT, Math.floor(maxFileBytes / 8)));
  return record(time, level, "log record was too long and was cut", { bytes: size, begin });
}

function record(time: number, level: number, msg: string, fields: object): string {
  return `${JSON.stringify({ level, time: Math.round(time), ...fields, msg })}\n`;
}
