// What is kept of the answers to side questions, and what is told of those that failed.

import { isDeviceError } from "../contract/errors.ts";
import { shared } from "../contract/shared.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import type { Reports } from "./client.ts";

/**
 * Kept for minutes in each of a thousand sessions: machines of one model and setting tell the same, but for
 * the time in their STATUS, which only that of the events is read for.
 */
export function lasting({ pools, events, ...others }: Reports): Reports {
  const alike = Object.entries(others).map(([name, answer]) => {
    const { STATUS: _status, ...tables } = answer;
    return [name, shared(tables)];
  });
  return { ...(pools && { pools }), ...(events && { events }), ...Object.fromEntries(alike) };
}

/** A side answer that failed is told with the rest; an abort ends the reading. */
export function problemOf(source: string, error: unknown): ReadProblem {
  if (!isDeviceError(error) || error.code === "ABORTED") throw error;
  return { code: error.code, source, message: error.message };
}
