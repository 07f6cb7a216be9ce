// What firmware of API 3.x still tells only on the port of API 2.x: counts of shares, and the rate that it
// expects at its target frequency. An extra: a machine whose old port is closed is read without it.

import { isDeviceError } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import type { Known } from "./answers.ts";
import { ApiV2 } from "./api-v2.ts";
import { summaryRecordOf } from "./reply.ts";
import { problemOf } from "./session-parts.ts";
import { Summary } from "./wire.ts";

/** Shares come every few seconds; a minute is soon enough to see that they stopped. */
const PERIOD = 60_000;
/** After a failure. */
const PAUSE = 600_000;
/** A small answer; a port that hangs must not hold up the reading for long. Milliseconds. */
const DEADLINE = 3000;
const SOURCE = "summary";

export interface CompatOptions {
  readonly host: string;
  readonly port: number;
  readonly deadlineSeconds: number;
}

export class Compat {
  readonly #api: ApiV2;
  readonly #now: () => EpochMs;
  #dueAt = 0;
  #summary: Known<Summary> | undefined;

  constructor({ host, port, deadlineSeconds }: CompatOptions, now: () => EpochMs) {
    const deadline = Math.min(DEADLINE, deadlineSeconds * 1000);
    this.#api = new ApiV2({ host, port, deadline }, now);
    this.#now = now;
  }

  /** The last answer, asked anew when it is old. Throws ABORTED only. */
  async summary(problems: ReadProblem[], signal: AbortSignal): Promise<Known<Summary> | undefined> {
    const now = this.#now();
    if (now < this.#dueAt) return this.#summary;
    this.#dueAt = now + PERIOD;
    this.#summary = undefined;
    try {
      const { envelope, at } = await this.#api.ask(SOURCE, signal);
      const value = Summary.safeParse(summaryRecordOf(envelope)).data;
      if (value !== undefined) this.#summary = { value, at, source: SOURCE };
    } catch (error) {
      if (!isDeviceError(error) || error.code === "ABORTED") throw error;
      this.#dueAt = now + PAUSE;
      // Closed on purpose, or gone with a newer firmware: no fault of the machine.
      const absent = ["UNREACHABLE", "UNSUPPORTED", "REJECTED"].includes(error.code);
      if (!absent) problems.push(problemOf(error, `${SOURCE} (API 2)`));
    }
    return this.#summary;
  }
}
