// Many inputs for one parser, and what came of them.

import fc from "fast-check";
import { LIMIT_MS, type Outcome, outcomeOf, type Timed, timed } from "./must-hold.ts";
import { restoreNetwork } from "./network.ts";
import type { Parser } from "./parser.ts";
import { type Twist, twists } from "./twist.ts";

export interface Result {
  readonly name: string;
  readonly inputs: number;
  /** Inputs of the same bytes count once. */
  readonly distinct: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly seconds: number;
  /** The shrunk counterexample with its error; absent when everything held. */
  readonly broken?: string;
}

/** `limit` in milliseconds for one input. */
export async function campaign(
  parser: Parser,
  numRuns: number,
  seed: number,
  limit = LIMIT_MS,
): Promise<Result> {
  const most = limit * (parser.decodes ?? 1);
  const outcomes: Record<string, number> = {};
  let inputs = 0;
  let slowestMs = 0;
  const began = performance.now();
  // The same bytes are decoded to the same: every session begins from nothing.
  const known = new Map<string, Outcome>();
  const check = async (changes: readonly Twist[]) => {
    const { identity, run } = parser.input(changes);
    const { outcome, ms } = await decoded(known.get(identity), run);
    inputs += 1;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > most) throw new Error(`${ms.toFixed(1)} ms for one reply, four times`);
    known.set(identity, outcome);
  };
  const decoded = async (before: Outcome | undefined, run: () => unknown): Promise<Timed> =>
    before === undefined ? timed(() => outcomeOf(run), most) : { outcome: before, ms: 0 };
  const details = await fc
    .check(fc.asyncProperty(twists, check), { numRuns, seed })
    .finally(restoreNetwork);
  const seconds = (performance.now() - began) / 1000;
  const distinct = known.size;
  const result = { name: parser.name, inputs, distinct, outcomes, slowestMs, seconds };
  if (!details.failed) return result;
  const example = JSON.stringify(details.counterexample?.[0]);
  const { errorInstance: error } = details;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...result, broken: `seed ${seed}, twists ${example}\n${reason}` };
}
