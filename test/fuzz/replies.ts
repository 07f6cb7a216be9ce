// One parser for each question that a driver asks while it reads: the whole session runs, with that reply
// twisted and the others true.

import type { Session } from "../../drivers/contract/driver.ts";
import { drivers, identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { type FuzzMachine, MACHINES, open } from "./machines.ts";
import { type Reply, replaceNetwork } from "./network.ts";
import { anyOf, identityOf, type Parser } from "./parser.ts";
import { type Exchange, Playback, type Recording, record } from "./recording.ts";
import { type Anatomy, anatomyOf, type Twist, twisted } from "./twist.ts";

const NEVER = new AbortController().signal;

/** Starts the machine, hears one reading and one identification, and stops it. */
export async function parsersOf(machine: FuzzMachine): Promise<Parser[]> {
  const { options, now, stop } = await machine.start();
  const connect = () => open(options, now);
  // Nobody waits long for a question that the fake network always answers.
  const ask = () => identify(openProbe({ ...options, deadline: 2000 }));
  try {
    const read = await record(() => readOnce(connect()));
    const probed = await record(async () => {
      const sighting = await ask();
      const expected = machine.name === machine.kind ? machine.kind : sighting?.driver;
      if (sighting?.driver !== expected) throw new Error(`${machine.name}: not recognised`);
    });
    return [
      ...parsers(`${machine.name}: `, read, () => readOnce(connect())),
      // Every driver decodes what its question was answered with.
      {
        ...anyOf(`${machine.name}: identify`, parsers("", probed, ask)),
        decodes: drivers.length,
      },
    ];
  } finally {
    await stop();
  }
}

/** One machine after another: each has its own name in the table. */
export async function replyParsers(wanted: (name: string) => boolean): Promise<Parser[]> {
  const found: Parser[] = [];
  for (const machine of MACHINES) {
    if (wanted(machine.name)) found.push(...(await parsersOf(machine)));
  }
  return found;
}

async function readOnce(session: Session) {
  try {
    return await session.read(NEVER);
  } finally {
    await session.close();
  }
}

function parsers(prefix: string, recording: Recording, read: () => Promise<unknown>): Parser[] {
  return Array.from(recording, ([key, exchanges]) => ({
    name: prefix + titleOf(key),
    input: (twists) => {
      const changed = exchanges.map((exchange) => twistedExchange(exchange, twists));
      const heard = new Map(recording).set(key, changed);
      return {
        identity: changed.map(identityOfReply).join(),
        run: () => played(heard, read),
      };
    },
  }));
}

export const titleOf = (key: string): string =>
  key.length > 56 ? `${key.slice(0, 53).replace(/\s+/g, " ")}...` : key;

/** The network stays replaced: to put the real one back after each input takes longer than many an input. */
function played(recording: Recording, talk: () => Promise<unknown>): Promise<unknown> {
  const playback = new Playback(recording);
  replaceNetwork((asked) => playback.answer(asked)?.reply);
  return talk();
}

export const identityOfReply = ({ reply: { bytes, status, headers } }: Exchange): string =>
  identityOf(bytes, `${status} ${JSON.stringify(headers)}`);

const anatomies = new WeakMap<Exchange, Anatomy>();

export function twistedExchange(exchange: Exchange, twists: readonly Twist[]): Exchange {
  return { asked: exchange.asked, reply: twistedReply(exchange, twists) };
}

function twistedReply(exchange: Exchange, twists: readonly Twist[]): Reply {
  const { bytes, status, headers } = exchange.reply;
  const framed = isFramed(bytes);
  let anatomy = anatomies.get(exchange);
  if (anatomy === undefined) {
    anatomy = anatomyOf(bytes.subarray(framed ? 4 : 0).toString("utf8"));
    anatomies.set(exchange, anatomy);
  }
  const body = twisted(anatomy, twists);
  const [{ how, at, what } = { how: 0, at: 0, what: 0 }] = twists;
  // One in forty, beside the body: a firmware also changes what it says around it.
  if (exchange.asked.over === "http" && what % 40 === 3) {
    return { bytes: body, status: STATUSES[at % STATUSES.length] ?? 500, headers };
  }
  if (exchange.asked.over === "http" && what % 40 === 4) {
    return { bytes: body, status, headers: twistedHeaders(headers, twists) };
  }
  return { bytes: framed ? framedBody(body, how % 8 === 7 ? bytes : body) : body, status, headers };
}

const STATUSES = [200, 204, 302, 400, 401, 403, 404, 422, 500, 503];

function twistedHeaders(headers: Reply["headers"], twists: readonly Twist[]): Reply["headers"] {
  const changed = Object.entries(headers).map(([name, value]) => {
    const twist = (text: string) => twisted(anatomyOf(text), twists).toString("latin1");
    return [name, Array.isArray(value) ? value.map(twist) : twist(value ?? "")];
  });
  return Object.fromEntries(changed);
}

const isFramed = (bytes: Buffer): boolean =>
  bytes.length > 4 && bytes.readUInt32LE(0) === bytes.length - 4;

/** `measure` gives the length; it may be another text's. */
function framedBody(body: Buffer, measure: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(measure.length, 0);
  return Buffer.concat([head, body]);
}
