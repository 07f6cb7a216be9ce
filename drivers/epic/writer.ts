// Sends the orders of a write: one after another, none twice, and tells what became of them.

import { setTimeout as sleep } from "node:timers/promises";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { EpicClient } from "./client.ts";
import type { Order } from "./encode.ts";
import { LostOrder } from "./refusal.ts";

/**
 * An order may find the one before it still at work. What was refused so was not done: it may be sent
 * again. A ramp of clocks takes longer than this and makes the write end as BUSY.
 */
const ATTEMPTS = 10;
const PAUSE_MS = 1000;

/** Throws what an order was refused with; what went before it is named in the message. */
export async function perform(
  client: EpicClient,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<Receipt> {
  const done: string[] = [];
  for (const order of orders) {
    try {
      await send(client, order, done.length > 0, signal);
      done.push(order.name);
    } catch (error) {
      if (error instanceof LostOrder) return silent(error, done, orders.length);
      throw partly(error, done);
    }
  }
  return { answer: "accepted", detail: done.join("; ") };
}

/** The first order is not repeated: what keeps the machine busy then is not ours. */
async function send(
  client: EpicClient,
  order: Order,
  follows: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.order(order, signal);
      return;
    } catch (error) {
      const busy = isDeviceError(error) && error.code === "BUSY";
      if (!busy || !follows || attempt === ATTEMPTS) throw error;
    }
    await pause(order.name, signal);
  }
}

async function pause(name: string, signal: AbortSignal): Promise<void> {
  try {
    await sleep(PAUSE_MS, undefined, { signal });
  } catch (error) {
    throw new DeviceError("ABORTED", `${name}: not sent`, { cause: error });
  }
}

function silent(error: LostOrder, done: readonly string[], total: number): Receipt {
  const left = total - done.length - 1;
  const rest = left === 0 ? [] : [`${left} more not sent`];
  return { answer: "silent", detail: [...done, error.message, ...rest].join("; ") };
}

function partly(error: unknown, done: readonly string[]): unknown {
  if (!isDeviceError(error) || done.length === 0) return error;
  return new DeviceError(error.code, `${error.message}; before it: ${done.join("; ")}`, {
    cause: error,
  });
}
