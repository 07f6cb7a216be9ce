// One answer of a machine: asked again when it is due, kept with its own time, dropped when it must not
// pass for a new one.

import { type DeviceError, isDeviceError } from "../contract/errors.ts";
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
  /** Milliseconds until it is asked again; 0 asks at every reading and keeps nothing older. */
  readonly every: number;
  readonly ask: (signal: AbortSignal) => Promise<Value>;
}

/** What a build does not know may come with an update. */
const MISSING_FOR = 30 * 60_000;

export class Answer<Value> {
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
    return this.#held;
  }

  get failure(): DeviceError | undefined {
    return this.#failure;
  }

  /** What a build does not know is no problem. */
  get problem(): ReadProblem | undefined {
    const failure = this.#failure;
    if (failure === undefined || failure.code === "UNSUPPORTED") return undefined;
    return { code: failure.code, source: this.#question.source, message: failure.message };
  }

  get isDue(): boolean {
    return this.#now() >= this.#dueAt;
  }

  /** Throws ABORTED and bugs only; every other failure is `failure`. */
  async ask(signal: AbortSignal): Promise<void> {
    this.skip();
    try {
      const value = await this.#question.ask(signal);
      this.#held = { value, at: this.#now(), source: this.#question.source };
      this.#failure = undefined;
      this.#dueAt = this.#now() + this.#question.every;
    } catch (error) {
      if (!isDeviceError(error) || error.code === "ABORTED") throw error;
      this.#failure = error;
      // Who may not see it any more must not look as if it were still known.
      if (error.code === "UNAUTHORIZED") this.#held = undefined;
      const pause = error.code === "UNSUPPORTED" ? MISSING_FOR : this.#question.every;
      this.#dueAt = this.#now() + pause;
    }
  }

  /** The reading goes on without it: a value of this very moment is forgotten. */
  skip(): void {
    if (this.#question.every === 0) this.#held = undefined;
  }

  /** Due at the next reading, e.g. after a write; what the build does not know stays unasked. */
  expire(): void {
    if (this.#failure?.code !== "UNSUPPORTED") this.#dueAt = 0;
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
export async function askAll(
  main: Answer<unknown>,
  sides: readonly Answer<unknown>[],
  signal: AbortSignal,
): Promise<readonly ReadProblem[]> {
  for (const side of sides) side.skip();
  await main.ask(signal);
  if (main.failure !== undefined) throw main.failure;
  for (const side of sides) {
    if (!side.isDue) continue;
    await side.ask(signal);
    if (isSilence(side.failure?.code)) break;
  }
  return sides.flatMap((side) => side.problem ?? []);
}
