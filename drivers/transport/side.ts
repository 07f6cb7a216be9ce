// One slow-changing answer: asked again when it is due, kept with its own time when that fails.

import { type DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import { isSilence } from "./answer.ts";

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
  /** Codes by which a build says that it has no such answer: no problem then, and hardly asked again. */
  readonly absentOn?: ReadonlySet<string>;
  /** The main answer: due again at once when it failed. */
  readonly insist?: boolean;
}

/** What is missing today may come with a new build or with the end of a start-up. */
const ABSENT_FOR = 1_800_000;

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

  get failure(): DeviceError | undefined {
    return this.#failure;
  }

  get problem(): ReadProblem | undefined {
    const failure = this.#failure;
    if (failure === undefined) return undefined;
    return { code: failure.code, source: this.#question.source, message: failure.message };
  }

  /** Asks if it is due; false when nobody answered. Throws only ABORTED and bugs. */
  async refresh(signal: AbortSignal, every = this.#question.every): Promise<boolean> {
    const now = this.#now();
    if (now < this.#dueAt) return true;
    this.#dueAt = now + every;
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
      return !isSilence(error.code);
    }
  }

  #settle(error: DeviceError, now: EpochMs): void {
    // What a refused user may not see any more must not look as if it were still known.
    if (error.code === "UNAUTHORIZED") this.#held = undefined;
    if (this.#held === undefined && this.#question.absentOn?.has(error.code) === true) {
      this.#failure = undefined;
      this.#dueAt = now + ABSENT_FOR;
    } else {
      this.#failure = error;
      if (this.#question.insist === true) this.#dueAt = 0;
    }
  }

  /** Due at once, e.g. after a write; the old answer stays until a new one comes. Absent stays absent. */
  expire(): void {
    if (this.#held !== undefined || this.#failure !== undefined) this.#dueAt = 0;
  }
}
