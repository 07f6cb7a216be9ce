// Identification: harmless questions, each sent at most once an address, one after another.

import type { Probe, ProbeHttpAnswer } from "../contract/driver.ts";
import { Doors, type Way } from "./doors.ts";
import { FramedConnection } from "./framed.ts";
import { httpClient } from "./http.ts";
import { exchange } from "./tcp.ts";

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  /** Of framed questions; 4433 when absent. */
  readonly apiPort3?: number;
  /**
   * For each question, in milliseconds of real time. Once an address was silent it gets half of the time
   * for each further question.
   */
  readonly deadline: number;
  /** For each connection, likewise; the whole deadline when absent. */
  readonly connectDeadline?: number;
  readonly signal?: AbortSignal;
}

/** A machine's page is small; more than this tells nothing about who it is. */
const PAGE_LIMIT = 256 * 1024;
const API_PORT_3 = 4433;

export interface OpenProbe extends Probe {
  /** False when no port accepted a connection, as far as it was asked. */
  readonly answered: () => boolean;
}

export function openProbe(options: ProbeOptions): OpenProbe {
  const asked = new Map<string, Promise<unknown>>();
  const doors = new Doors();
  const { host } = options;
  let turn: Promise<unknown> = Promise.resolve();
  let answered = false;

  const once = <Answer>(
    way: Way,
    question: string,
    ask: (limits: Limits) => Promise<Answer>,
  ): Promise<Answer | undefined> => {
    const key = `${way} ${question}`;
    const known = asked.get(key);
    if (known !== undefined) return known as Promise<Answer | undefined>;
    const answer = turn
      .then(() => doors.knock(way, () => ask(limitsOf(options, doors.silent))))
      .then((value) => {
        if (value !== undefined) answered = true;
        return value;
      });
    turn = answer;
    asked.set(key, answer);
    return answer;
  };

  return {
    answered: () => answered,
    api: (command) => {
      const payload = JSON.stringify({ command });
      return once("api", command, (limits) =>
        exchange({ host, port: options.port, payload, ...limits }),
      );
    },
    web: (path, at = "web") => {
      const port = at === "api" ? options.port : options.httpPort;
      const way = at === "api" ? "api http" : "web";
      return once(way, path, (limits) => getPage({ host, port }, path, limits));
    },
    framed: (command) => {
      const port = options.apiPort3 ?? API_PORT_3;
      return once("framed", command, (limits) => askFramed({ host, port }, command, limits));
    },
  };
}

interface Limits {
  readonly deadline: number;
  readonly connectDeadline: number;
  readonly signal?: AbortSignal;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

function limitsOf(options: ProbeOptions, silent: boolean): Limits {
  const { deadline, connectDeadline = deadline, signal } = options;
  const share = silent ? 0.5 : 1;
  return {
    deadline: deadline * share,
    connectDeadline: connectDeadline * share,
    ...(signal === undefined ? {} : { signal }),
  };
}

async function getPage(target: Target, path: string, limits: Limits): Promise<ProbeHttpAnswer> {
  const { signal, ...deadlines } = limits;
  const client = httpClient({ ...target, ...deadlines, maxBytes: PAGE_LIMIT });
  try {
    return await client.request({ path, ...(signal === undefined ? {} : { signal }) });
  } finally {
    client.close();
  }
}

async function askFramed(target: Target, command: string, limits: Limits): Promise<string> {
  const { connectDeadline: _, ...rest } = limits;
  const connection = new FramedConnection({ ...target, maxBytes: PAGE_LIMIT });
  try {
    const payload = JSON.stringify({ cmd: command });
    return await connection.request({ payload, ...rest, repeatable: true });
  } finally {
    connection.close();
  }
}
