// FluxOS' commands on 8080, with the token that they need.

import type * as z from "zod";
import type { Ports } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import { messageOf, mustBeGranted } from "../transport/cgminer.ts";
import type { HttpAnswer, HttpClient } from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import { jsonBody, KeyedClient, mustBeOk, shaped } from "../transport/json-http.ts";
import { type Order, TokenReply, type WebCommand } from "./wire.ts";

export interface WebOptions {
  readonly host: string;
  readonly httpPort: number;
  /** Milliseconds. */
  readonly deadline: number;
  readonly username: string;
  readonly password: string;
}

export class Web {
  readonly #client: KeyedClient;

  constructor(options: WebOptions, now: Ports["now"]) {
    this.#client = new KeyedClient(
      {
        host: options.host,
        port: options.httpPort,
        deadline: options.deadline,
        login: (client, signal) => logIn(client, options, signal),
        expired: saysExpired,
      },
      now,
    );
  }

  async ask<Shape extends z.ZodType>(
    command: WebCommand,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape>> {
    const reply = granted(await this.#client.request({ path: `/${command}`, signal }), command);
    return shaped(shape, reply, command);
  }

  /** Resolves with the machine's own words. */
  async order({ command, parameters }: Order, signal: AbortSignal): Promise<string> {
    const answer = await this.#client.request({
      method: "POST",
      path: `/${command}`,
      ...jsonBody({ command, ...parameters }),
      signal,
    });
    return `${command}: ${messageOf(granted(answer, command))}`;
  }

  close(): void {
    this.#client.close();
  }
}

function granted(answer: HttpAnswer, command: string): unknown {
  mustBeOk(answer, `/${command}`);
  const reply = parseReply(answer.body, command);
  mustBeGranted(reply, command);
  return reply;
}

/** An old token is refused in words, with HTTP 200. */
function saysExpired({ status, body }: HttpAnswer): boolean {
  if (status !== 200) return false;
  try {
    mustBeGranted(parseReply(body, "token"), "token");
    return false;
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return (
      error.code === "REJECTED" &&
      /token|session|expired|unauthorized/i.test(error.message.replace("token:", ""))
    );
  }
}

async function logIn(
  client: HttpClient,
  { username, password }: WebOptions,
  signal: AbortSignal | undefined,
) {
  const answer = await client.request({
    method: "POST",
    path: "/token",
    ...jsonBody({ command: "token", user: username, password }),
    ...(signal === undefined ? {} : { signal }),
  });
  mustBeOk(answer, "/token");
  const reply = parseReply(answer.body, "token");
  try {
    mustBeGranted(reply, "token");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    throw new DeviceError("UNAUTHORIZED", error.message);
  }
  return { token: shaped(TokenReply, reply, "token").Token[0].Token };
}
