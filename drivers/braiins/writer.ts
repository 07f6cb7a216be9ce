// Sends the steps of a write: one after another, none twice, and tells what became of them.

import type { Receipt } from "../contract/driver.ts";
import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import { HttpExchangeError } from "../transport/http.ts";

export interface Step {
  /** Without secrets. */
  readonly name: string;
  /** The machine's answer in words, without secrets. */
  run(signal: AbortSignal): Promise<string>;
}

/** Throws what a step was refused with; what went before it is named in the message. */
export async function perform(steps: readonly Step[], signal: AbortSignal): Promise<Receipt> {
  const done: string[] = [];
  for (const step of steps) {
    try {
      done.push(`${step.name}: ${await step.run(signal)}`);
    } catch (error) {
      if (mayHaveActed(error)) return silent(step, done, steps);
      throw partly(error, done);
    }
  }
  return { answer: "accepted", detail: done.length === 0 ? "was so already" : done.join("; ") };
}

const UNREADABLE: ReadonlySet<string> = new Set([
  "EMPTY_REPLY",
  "TRUNCATED_REPLY",
  "HTML_REPLY",
  "NOT_JSON",
  "UNEXPECTED_SHAPE",
  "REPLY_TOO_LARGE",
] satisfies DeviceErrorCode[]);

function mayHaveActed(error: unknown): boolean {
  if (error instanceof HttpExchangeError) return error.sent && error.code !== "ABORTED";
  return isDeviceError(error) && UNREADABLE.has(error.code);
}

function silent(step: Step, done: readonly string[], steps: readonly Step[]): Receipt {
  const left = steps.length - done.length - 1;
  const rest = left === 0 ? [] : [`${left} more not sent`];
  return { answer: "silent", detail: [...done, `${step.name}: no answer`, ...rest].join("; ") };
}

function partly(error: unknown, done: readonly string[]): unknown {
  if (!isDeviceError(error) || done.length === 0) return error;
  return new DeviceError(error.code, `${error.message}; before it: ${done.join("; ")}`, {
    cause: error,
  });
}
