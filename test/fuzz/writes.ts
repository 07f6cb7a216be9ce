// One parser for each question that a driver asks while it writes: the machine is read with its true replies,
// then one knob is turned, and that reply comes twisted.

import type { KnobName } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import { isDeviceError } from "../../drivers/contract/errors.ts";
import { changeOf } from "../write-trial.ts";
import { type FuzzMachine, MACHINES, open, type Running } from "./machines.ts";
import { type Asked, replaceNetwork } from "./network.ts";
import type { Parser } from "./parser.ts";
import { type Exchange, Playback, type Recording, record } from "./recording.ts";
import { identityOfReply, titleOf, twistedExchange } from "./replies.ts";

const NEVER = new AbortController().signal;

/** A machine of its own for each knob: what one write has changed is no matter of the next. */
export async function writeParsersOf(machine: FuzzMachine): Promise<Parser[]> {
  const knobs = await at(machine, async (connect) => {
    const session = connect();
    const { controls } = await session.read(NEVER);
    await session.close();
    return Object.keys(controls) as KnobName[];
  });
  const found: Parser[] = [];
  for (const knob of knobs) {
    found.push(...(await at(machine, (connect) => parsersFor(machine.name, knob, connect))));
  }
  return found;
}

export async function writeParsers(wanted: (name: string) => boolean): Promise<Parser[]> {
  const found: Parser[] = [];
  for (const machine of MACHINES) {
    if (wanted(machine.name)) found.push(...(await writeParsersOf(machine)));
  }
  return found;
}

type Connect = () => Session;

async function at<Result>(
  machine: FuzzMachine,
  task: (connect: Connect) => Promise<Result>,
): Promise<Result> {
  const { options, now, stop }: Running = await machine.start();
  const restless = options.driver === "luxos" ? { ...options, pauseSeconds: 0 } : options;
  try {
    return await task(() => open(restless, now));
  } finally {
    await stop();
  }
}

async function parsersFor(name: string, knob: KnobName, connect: Connect): Promise<Parser[]> {
  const read = await record(() => trial(knob, connect(), false));
  const heard = await record(async () => {
    await trial(knob, connect(), true).catch(mustTakeNoOrders);
  });
  const orders = Array.from(heard).filter(([key]) => !read.has(key));
  return orders.map(([key, exchanges]) => ({
    name: `${name}: write ${knob}: ${titleOf(key)}`,
    // Read before, and by some drivers again after.
    decodes: 3,
    input: (twists) => {
      const changed = exchanges.map((exchange) => twistedExchange(exchange, twists));
      return {
        identity: changed.map(identityOfReply).join(),
        run: () => played(heard, key, changed, () => trial(knob, connect(), true)),
      };
    },
  }));
}

/** Two of the machines are there for readings alone. */
function mustTakeNoOrders(error: unknown): undefined {
  if (isDeviceError(error) && error.code === "UNSUPPORTED") return undefined;
  throw error;
}

/** undefined where nothing is sent. */
async function trial(knob: KnobName, session: Session, sends: boolean) {
  try {
    const wish = changeOf(knob, await session.read(NEVER));
    if (!sends || wish === undefined) return undefined;
    const receipt = await session.write([wish], NEVER);
    if (receipt.answer !== "accepted" && receipt.answer !== "silent") {
      throw new Error(`a receipt that says ${JSON.stringify(receipt)}`);
    }
    return receipt;
  } finally {
    await session.close();
  }
}

/** Orders that carry a nonce are another text each time: what was never heard is the order. */
function played(
  recording: Recording,
  key: string,
  changed: readonly Exchange[],
  talk: () => Promise<unknown>,
): Promise<unknown> {
  const playback = new Playback(new Map(recording).set(key, changed));
  const answer = (asked: Asked) => (playback.answer(asked) ?? changed[0])?.reply;
  replaceNetwork(answer);
  return talk();
}
