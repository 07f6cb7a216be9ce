// One answer of a machine: asked again when it is due, kept with its own time, hidden when it must not
// pass for a new one.

import { type DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";

export interface Held<Value> {
  readonly value: Value;
  /** When it arrived. */
  readonly at: EpochMs;
  /** The request that gave it. */
  readonly source: string;
}

export interface Question<Value> {
  readonly source: string;
  /** Milliseconds from one asking to the next; 0 asks at every reading. */
  readonly every: number;
  readonly ask: (signal: AbortSignal) => Promise<Value>;
  /** Of the present state: an old answer must not pass for a new one. Always so where `every` is 0. */
  readonly live?: boolean;
  /** By which codes, besides UNSUPPORTED, a build that never answered says that it has no such answer. */
  readonly absentOn?: ReadonlySet<DeviceErrorCode>;
}

/** What is missing today may come with a new build or with the end of a start-up. */
const ABSENT_FOR = 30 * 60_000;

export class Answer<Value> {
  readonly #question: Question<Value>;
  readonly #live: boolean;
  readonly #now: () => EpochMs;
  #held: Held<Value> | undefined;
  #failure: DeviceError | undefined;
  #isAbsent = false;
  #isPast = false;
  #dueAt = 0;

  constructor(question: Question<Value>, now: () => EpochMs) {
    this.#question = question;
    this.#live = question.live ?? question.every === 0;
    this.#now = now;
  }

  get held(): Held<Value> | undefined {
    const hidden = this.#live && (this.#isPast || this.#failure !== undefined);
    return hidden ? undefined : this.#held;
  }

  /** Why there is no newer answer, absence included. */
  get failure(): DeviceError | undefined {
    return this.#failure;
  }

  /** What a build does not have is no problem. */
  get problem(): ReadProblem | undefined {
    const failure = this.#failure;
    if (failure === undefined || this.#isAbsent) return undefined;
    return { code: failure.code, source: this.#question.source, message: failure.message };
  }

  /** Asks if it is due; false when nobody answered. Throws ABORTED and bugs only. */
  async refresh(signal: AbortSignal, every = this.#question.every): Promise<boolean> {
    return this.#isDue ? await this.ask(signal, every) : true;
  }

  /** Asks in any case; else like `refresh`. */
  async ask(signal: AbortSignal, every = this.#question.every): Promise<boolean> {
    const now = this.#now();
    this.#dueAt = now + every;
    try {
      const value = await this.#question.ask(signal);
      this.#held = { value, at: this.#now(), source: this.#question.source };
      this.#failure = undefined;
      this.#isAbsent = false;
      this.#isPast = false;
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
    const { absentOn } = this.#question;
    const isMissing = error.code === "UNSUPPORTED" || absentOn?.has(error.code) === true;
    this.#failure = error;
    // What was answered once and is not any more has failed.
    this.#isAbsent = isMissing && this.#held === undefined;
    if (this.#isAbsent) this.#dueAt = now + ABSENT_FOR;
  }

  /** A reading begins: an answer of the last one's moment counts only if it is asked anew. */
  begin(): void {
    this.#isPast = this.#isDue;
  }

  /** Due at once, e.g. after a write; the old answer stays until a new one comes. Absent stays absent. */
  expire(): void {
    if (!this.#isAbsent) this.#dueAt = 0;
  }

  get #isDue(): boolean {
    return this.#now() >= this.#dueAt;
  }
}

/** One deadline is enough to know that a machine hangs. */
const SILENCE: ReadonlySet<string> = new Set(["NO_REPLY", "UNREACHABLE"]);

/** After such a failure nothing else is asked on the same port. */
export const isSilence = (code: string | undefined): boolean => SILENCE.has(code ?? "");

/**
 * Asks `main`, which must answer, and then what is due of `sides`, one after another, until one is met
 * with silence. Throws what `main` throws.
 */
export async function askAll<Value>(
  main: Answer<Value>,
  sides: readonly Answer<unknown>[],
  signal: AbortSignal,
): Promise<{ readonly main: Held<Value>; readonly problems: readonly ReadProblem[] }> {
  for (const side of sides) side.begin();
  await main.ask(signal);
  const { held, failure } = main;
  if (failure !== undefined || held === undefined) throw failure ?? new Error("nothing was asked");
  for (const side of sides) {
    if (!(await side.refresh(signal))) break;
  }
  return { main: held, problems: sides.flatMap((side) => side.problem ?? []) };
}
