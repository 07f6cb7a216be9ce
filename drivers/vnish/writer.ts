// Sends a plan: one request after another, none twice, and tells what became of it.

import { toBoolean } from "../contract/decoding.ts";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import { HttpExchangeError } from "../transport/http.ts";
import { parsed, type VnishClient } from "./client.ts";
import { type Order, type Plan, RESTART } from "./encode.ts";
import { Saved } from "./wire.ts";

/** Throws what a request was refused with; what went before it is named in the message. */
export async function perform(
  client: VnishClient,
  plan: Plan,
  signal: AbortSignal,
): Promise<Receipt> {
  const done: string[] = [];
  try {
    if (plan.patch !== undefined) await save(client, plan, done, signal);
    for (const order of plan.orders) done.push(await send(client, order, signal));
    return { answer: "accepted", detail: done.join("; ") };
  } catch (error) {
    if (error instanceof LostWrite) {
      return { answer: "silent", detail: [...done, error.message].join("; ") };
    }
    throw partly(error, done);
  }
}

/** The answer only tells whether a restart is due: it says yes to what was not taken, too. */
async function save(
  client: VnishClient,
  { patch, restartIfAsked }: Plan,
  done: string[],
  signal: AbortSignal,
): Promise<void> {
  const body = { miner: patch };
  const answer = await orLost("settings", () => client.post("settings", body, signal));
  const saved = Saved.safeParse(parsed(answer.body));
  const restart = saved.success ? toBoolean(saved.data.restart_required) : undefined;
  if (!saved.success || restart === undefined) {
    throw new LostWrite("settings: the answer does not tell whether a restart is due");
  }
  const reboot = toBoolean(saved.data.reboot_required) === true ? ", a reboot is due" : "";
  done.push(`settings: stored${reboot}`);
  if (restart && restartIfAsked) done.push(await send(client, { path: RESTART }, signal));
}

async function send(client: VnishClient, order: Order, signal: AbortSignal): Promise<string> {
  const { path, body } = order;
  const answer = await orLost(path, () => client.post(path, body, signal));
  // Some answers have no body at all; a web page is none of the firmware's.
  if (answer.body.trimStart().startsWith("<")) throw new LostWrite(`${path}: a web page came back`);
  return `${path}: yes`;
}

/** The machine may have acted on a request whose answer never came, or makes no sense. */
class LostWrite extends Error {}

async function orLost<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const lost = error instanceof HttpExchangeError && error.sent && error.code !== "ABORTED";
    if (lost) throw new LostWrite(`${path}: no answer (${error.code})`, { cause: error });
    throw error;
  }
}

function partly(error: unknown, done: readonly string[]): unknown {
  if (!isDeviceError(error) || done.length === 0) return error;
  return new DeviceError(error.code, `${error.message}; before it: ${done.join("; ")}`, {
    cause: error,
  });
}
