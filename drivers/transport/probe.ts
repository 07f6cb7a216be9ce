// Identification: harmless questions, each sent at most once an address, one after another.

import type { Probe, ProbeHttpAnswer } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { httpClient } from "./http.ts";
import { exchange } from "./tcp.ts";

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  /** For each question, in milliseconds of real time. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** A machine's page is small; more than this tells nothing about who it is. */
const PAGE_LIMIT = 256 * 1024;

export interface OpenProbe extends Probe {
  /** False when neither port accepted a connection, as far as it was asked. */
  readonly answered: () => boolean;
}

export function openProbe(options: ProbeOptions): OpenProbe {
  const asked = new Map<string, Promise<unknown>>();
  let turn: Promise<unknown> = Promise.resolve();
  let answered = false;
  const closed = new Set<string>();

  /** A port that refused one question is not knocked at again. */
  const knock = async <Answer>(port: string, ask: () => Promise<Answer>) =>
    closed.has(port) ? undefined : await quietly(ask, () => closed.add(port));

  const once = <Answer>(
    port: "api" | "web",
    question: string,
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> => {
    const key = `${port} ${question}`;
    const known = asked.get(key);
    if (known !== undefined) return known as Promise<Answer | undefined>;
    const answer = turn
      .then(() => knock(port, ask))
      .then((value) => {
        if (value !== undefined) answered = true;
        return value;
      });
    turn = answer;
    asked.set(key, answer);
    return answer;
  };
  const signal = options.signal === undefined ? {} : { signal: options.signal };

  return {
    answered: () => answered,
    api: (command) =>
      once("api", command, () =>
        exchange({
          host: options.host,
          port: options.port,
          payload: JSON.stringify({ command }),
          deadline: options.deadline,
          ...signal,
        }),
      ),
    web: (path, port = "web") =>
      once(port, `GET ${path}`, () =>
        getPage(options, port === "api" ? options.port : options.httpPort, path),
      ),
  };
}

/** No answer is an answer here; a bug is not. */
async function quietly<Answer>(
  ask: () => Promise<Answer>,
  onClosed: () => void,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    if (error.code === "UNREACHABLE") onClosed();
    return undefined;
  }
}

async function getPage(
  options: ProbeOptions,
  port: number,
  path: string,
): Promise<ProbeHttpAnswer> {
  const client = httpClient({
    host: options.host,
    port,
    deadline: options.deadline,
    maxBytes: PAGE_LIMIT,
  });
  try {
    return await client.request({
      path,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } finally {
    client.close();
  }
}
