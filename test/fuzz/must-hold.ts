// What holds for every reply, however twisted.

import { isDeviceError } from "../../drivers/contract/errors.ts";

/** Milliseconds for one reply, garbage collection left out by measuring again. */
export const LIMIT_MS = 50;

/** What became of one input: "read", or the code of the error. */
export type Outcome = string;

/** Runs one input; every result is looked through for numbers that are none. Throws the broken property. */
export async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    mustBeClean(await run());
    return "read";
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return error.code;
  } finally {
    mustBeUnpolluted();
  }
}

export interface Timed {
  readonly outcome: Outcome;
  readonly ms: number;
}

/**
 * The fastest of four runs where the first is too slow: what is slow four times is no garbage collection.
 * Processor time is looked at for those alone; to ask for it takes as long as a short reply.
 */
export async function timed(run: () => Promise<Outcome>, limit: number): Promise<Timed> {
  const began = performance.now();
  const outcome = await run();
  let ms = performance.now() - began;
  for (let again = 0; again < 3 && ms > limit; again += 1) ms = Math.min(ms, await busy(run));
  return { outcome, ms };
}

/** Where others share the processor, its time is less than that of the clock. */
async function busy(run: () => Promise<Outcome>): Promise<number> {
  const began = performance.now();
  const before = process.cpuUsage();
  await run();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return Math.min(ms, (user + system) / 1000);
}

function mustBeClean(value: unknown, place = "result"): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${place} is ${value}`);
  if (typeof value === "function") throw new Error(`${place} is a function`);
  if (typeof value !== "object" || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      mustBeClean(value[index], `${place}[${index}]`);
    }
    return;
  }
  if (prototype !== Object.prototype) throw new Error(`${place} has a prototype of its own`);
  for (const [key, item] of Object.entries(value)) mustBeClean(item, `${place}.${key}`);
}

const CLEAN = Reflect.ownKeys(Object.prototype).length;

function mustBeUnpolluted(): void {
  if (Reflect.ownKeys(Object.prototype).length === CLEAN && !("polluted" in {})) return;
  Reflect.deleteProperty(Object.prototype, "polluted");
  throw new Error("Object.prototype was changed");
}
