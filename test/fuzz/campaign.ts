// Many inputs for one parser, and what came of them.

import fc from "fast-check";
import { LIMIT_MS, outcomeOf, timed } from "./must-hold.ts";
import type { Parser } from "./parser.ts";
import { type Twist, twists } from "./twist.ts";

export interface Result {
  readonly name: string;
  readonly inputs: number;
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
  const check = async (changes: readonly Twist[]) => {
    const { outcome, ms } = await timed(() => outcomeOf(() => parser.run(changes)), most);
    inputs += 1;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > most) throw new Error(`${ms.toFixed(1)} ms for one reply, four times`);
  };
  const details = await fc.check(fc.asyncProperty(twists, check), { numRuns, seed });
  const seconds = (performance.now() - began) / 1000;
  const result = { name: parser.name, inputs, outcomes, slowestMs, seconds };
  if (!details.failed) return result;
  const example = JSON.stringify(details.counterexample?.[0]);
  const { errorInstance: error } = details;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...result, broken: `seed ${seed}, twists ${example}\n${reason}` };
}
