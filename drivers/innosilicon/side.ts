// One slow-changing answer: asked again when it is due, kept with its own time when that fails.

import { type DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";

export interface Held<Value> {
  readonly value: Value;
  /** When it arrived. */
  readonly at: EpochMs;
}

export interface Question<Value> {
  readonly source: string;
  /** Milliseconds. */
  readonly every: number;
  readonly ask: (signal: AbortSignal) => Promise<Value>;
  /** Of the present state: an old answer must not pass for a new one. */
  readonly live?: boolean;
}

/** Not every build has every page; a new build may bring it. */
const ABSENT_FOR = 1_800_000;
const MEANS_ABSENT: ReadonlySet<string> = new Set([
  "UNSUPPORTED",
  "HTML_REPLY",
  "EMPTY_REPLY",
  "UNREACHABLE",
]);
const MEANS_SILENT: ReadonlySet<string> = new Set(["UNREACHABLE", "NO_REPLY"]);

export class Side<Value> {
  readonly #question: Question<Value>;
  readonly #now: () => EpochMs;
  #held: Held<Value> | undefined;
  #failure: DeviceError | undefined;
  #dueAt = 0;

  constructor(question: Question<Value>, now: () => EpochMs) {
    this.#question = question;
    this.#now = now;
  }

  get held(): Held<Value> | undefined {
    return this.#failure !== undefined && this.#question.live === true ? undefined : this.#held;
  }

  get problem(): ReadProblem | undefined {
    const failure = this.#failure;
    if (failure === undefined) return undefined;
    return { code: failure.code, source: this.#question.source, message: failure.message };
  }

  /** Asks if it is due; false when nobody answered. Throws only ABORTED and bugs. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    const now = this.#now();
    if (now < this.#dueAt) return true;
    this.#dueAt = now + this.#question.every;
    try {
      const value = await this.#question.ask(signal);
      this.#held = { value, at: this.#now() };
      this.#failure = undefined;
      return true;
    } catch (error) {
      if (!isDeviceError(error) || error.code === "ABORTED") {
        this.#dueAt = 0;
        throw error;
      }
      this.#settle(error, now);
      return !MEANS_SILENT.has(error.code);
    }
  }

  #settle(error: DeviceError, now: EpochMs): void {
    // What a refused user may not see any more must not look as if it were still known.
    if (error.code === "UNAUTHORIZED") this.#held = undefined;
    if (this.#held === undefined && MEANS_ABSENT.has(error.code)) {
      this.#failure = undefined;
      this.#dueAt = now + ABSENT_FOR;
    } else {
      this.#failure = error;
    }
  }

  /** Due at once, e.g. after a write; the old answer stays until a new one comes. Absent stays absent. */
  expire(): void {
    if (this.#held !== undefined || this.#failure !== undefined) this.#dueAt = 0;
  }
}
