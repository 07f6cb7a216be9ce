// One of the protocols of Braiins OS, as the session sees it.

import type { Setting } from "../contract/controls.ts";
import type { Receipt } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";

export interface Backend {
  read(signal: AbortSignal): Promise<Telemetry>;
  /** Settings that were validated against the controls of the last reading. */
  write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt>;
  close(): Promise<void>;
}

/** A side answer that failed is told with the rest; an abort ends the reading. */
export function problemOf(source: string, error: unknown): ReadProblem {
  if (!isDeviceError(error) || error.code === "ABORTED") throw error;
  return { code: error.code, source, message: error.message };
}

const DEAD_LINK: ReadonlySet<string> = new Set(["UNREACHABLE", "NO_REPLY", "CONNECTION_LOST"]);

/** Who does not answer one question will not answer the next: each would cost a deadline. */
export const isDeadLink = (problem: ReadProblem): boolean => DEAD_LINK.has(problem.code);
