// The agent's log: one JSON object a line, to standard output or to files of bounded size. Facts go
// into fields, the message is constant; agent/log-view.ts makes it pretty.

import { type Logger, pino } from "pino";
import { descriptorSink, fileSink, type LogSink } from "./log-sink.ts";

export type Log = Logger;

export interface LogOptions {
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
  /** Standard output when absent. */
  readonly file?: string;
  /** Most bytes of one file. */
  readonly maxFileBytes: number;
  /** The current file included. */
  readonly maxFiles: number;
  /**
   * Paths of secrets in what may be logged, as in `devices[*].password`. The last key of each is
   * hidden anywhere in the first four levels of a record, whatever holds it there.
   */
  readonly redact?: readonly string[];
  /** Milliseconds since 1970; the clock of the agent, so that simulated time is shown right. */
  readonly now: () => number;
  /** Instead of file or standard output. */
  readonly sink?: LogSink;
}

/** Fields of every record: `level` (pino's numbers), `time` (ms since 1970), `msg`. Never throws. */
export function createLog(options: LogOptions): Log {
  const { level, file, now } = options;
  const sink =
    options.sink ??
    (file === undefined
      ? descriptorSink(1, now)
      : fileSink({ ...options, file, fallback: descriptorSink(2, now) }));
  return pino(
    {
      level,
      // One process on one machine: pid and host name in each line would only wear the flash.
      base: null,
      timestamp: () => `,"time":${Math.round(now())}`,
      redact: { paths: everywhere(options.redact ?? []), censor: "***" },
    },
    sink,
  );
}

function everywhere(paths: readonly string[]): string[] {
  const keys = new Set(paths.map((path) => path.slice(path.lastIndexOf(".") + 1)));
  const anywhere = [...keys].flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]);
  return [...new Set([...paths, ...anywhere])];
}

type Fields = Readonly<Record<string, unknown>>;

/** Conditions that last: told when they begin and when they end, not at every poll in between. */
export interface Edges {
  /** Logs `message` as a warning unless the condition holds already; true when it was logged. */
  raise(key: string, fields: Fields, message: string): boolean;
  /** Logs `message` with the duration if the condition held; true when it was logged. */
  clear(key: string, fields: Fields, message: string): boolean;
  /** Drops conditions of something that is gone, without a word. */
  forget(prefix: string): void;
  /** What holds now, and since when (ms since 1970). */
  readonly active: ReadonlyMap<string, { readonly since: number; readonly times: number }>;
}

export function createEdges(log: Log, now: () => number): Edges {
  const active = new Map<string, { readonly since: number; times: number }>();
  return {
    active,
    raise(key, fields, message) {
      const held = active.get(key);
      if (held !== undefined) {
        held.times += 1;
        return false;
      }
      active.set(key, { since: now(), times: 1 });
      log.warn({ ...fields, condition: key, edge: "triggered" }, message);
      return true;
    },
    clear(key, fields, message) {
      const held = active.get(key);
      if (held === undefined) return false;
      active.delete(key);
      const durationMs = now() - held.since;
      const { times } = held;
      log.info({ ...fields, condition: key, edge: "resolved", durationMs, times }, message);
      return true;
    },
    forget(prefix) {
      for (const key of active.keys()) if (key.startsWith(prefix)) active.delete(key);
    },
  };
}
