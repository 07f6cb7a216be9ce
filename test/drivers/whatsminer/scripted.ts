// A btminer that answers from a table: for the parts of the protocol that no simulated machine has.

import type { Envelope } from "../../../drivers/whatsminer/wire.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";

export type Script = Readonly<Record<string, unknown>>;

/** What the scripted machine does with a request instead of looking it up. */
export type Interceptor = (request: Readonly<Record<string, unknown>>) => unknown;

export interface Scripted {
  readonly port: number;
  /** Requests as they came, in their order. */
  readonly requests: Readonly<Record<string, unknown>>[];
  readonly daemon: TcpDaemon;
  stop(): Promise<void>;
}

export const refusal = (code: number, words: string): Envelope => ({
  STATUS: "E",
  When: 1,
  Code: code,
  Msg: words,
  Description: "",
});

/** `joins`: whether the firmware takes `summary+pools+edevs`. An interceptor's undefined is no answer. */
export async function startScripted(
  script: Script,
  options: { readonly joins: boolean; readonly intercept?: Interceptor },
): Promise<Scripted> {
  const requests: Readonly<Record<string, unknown>>[] = [];
  const look = (command: string): unknown => {
    if (script[command] !== undefined) return script[command];
    const parts = command.split("+");
    if (!options.joins || parts.length === 1) return refusal(14, "invalid cmd");
    return Object.fromEntries(parts.map((part) => [part, [look(part)]]));
  };
  const daemon = new TcpDaemon({
    host: "127.0.0.1",
    port: 0,
    nul: false,
    reply: (text) => {
      const request: Readonly<Record<string, unknown>> = JSON.parse(text);
      requests.push(request);
      const answer =
        options.intercept === undefined
          ? look(String(request["cmd"] ?? request["command"]))
          : options.intercept(request);
      if (answer === LOOK_UP)
        return JSON.stringify(look(String(request["cmd"] ?? request["command"])));
      if (answer === undefined) return undefined;
      return typeof answer === "string" ? answer : JSON.stringify(answer);
    },
  });
  const port = await daemon.start();
  return { port, requests, daemon, stop: () => daemon.stop() };
}

/** Returned by an interceptor that leaves a request to the table. */
export const LOOK_UP = Symbol("look it up");
