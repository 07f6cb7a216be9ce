// The three doors of one machine: the API on 4028, the pages on 80, the supply's watts on 6060.

import type * as z from "zod";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import {
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  httpClient,
} from "../transport/http.ts";
import { exchange } from "../transport/tcp.ts";
import { decodeReply, PAGES, POWER_PATH, powerOf } from "./wire.ts";

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly powerPort: number;
  readonly deadlineSeconds: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** After a refusal nobody knocks with the same key for a while. */
const REFUSED_FOR = 300_000;
/** One page that does not come must not cost a deadline for each of the others. */
const SILENT_FOR = 30_000;

/** One request, one connection, never two at once: the daemon serves one client after another. */
export async function askApi<Shape extends z.ZodType>(
  options: LinkOptions,
  command: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.output<Shape>> {
  const ask = async () => {
    const text = await exchange({
      host: options.host,
      port: options.port,
      payload: JSON.stringify({ command }),
      deadline: options.deadlineSeconds * 1000,
      signal,
    });
    return decodeReply(shape, text, command);
  };
  try {
    return await ask();
  } catch (error) {
    // New servers give up on a reader that was slow for a moment; once more is worth it, a guess is not.
    if (isDeviceError(error) && error.code === "TRUNCATED_REPLY") return await ask();
    throw error;
  }
}

/** The pages behind the digest. */
export class Web {
  readonly configured: boolean;
  readonly #client: HttpClient;
  readonly #now: () => EpochMs;
  #holdOff: { readonly error: DeviceError; readonly until: number } | undefined;

  constructor(options: LinkOptions, now: () => EpochMs) {
    const { username, password } = options;
    this.configured = username !== undefined && password !== undefined;
    this.#now = now;
    this.#client = httpClient({
      host: options.host,
      port: options.httpPort,
      deadline: options.deadlineSeconds * 1000,
      ...(username === undefined || password === undefined
        ? {}
        : { credentials: { username, password } }),
    });
  }

  async page<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape>> {
    const answer = await this.request({ path, signal });
    try {
      return decodeReply(shape, answer.body, path);
    } catch (error) {
      // The words of a broken reply go into the message; here they may be a pool's password.
      if (path !== PAGES.conf || !isDeviceError(error)) throw error;
      throw new DeviceError(error.code, `${path}: ${answer.body.length} characters, not readable`);
    }
  }

  /** Throws what expectOk throws, and for a while the last refusal or silence again, unasked. */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#holdOff !== undefined && this.#now() < this.#holdOff.until) {
      throw this.#holdOff.error;
    }
    try {
      const answer = await this.#client.expectOk(request);
      this.#holdOff = undefined;
      return answer;
    } catch (error) {
      if (isDeviceError(error)) this.#remember(error);
      throw error;
    }
  }

  #remember(error: DeviceError): void {
    const pause =
      error.code === "UNAUTHORIZED"
        ? REFUSED_FOR
        : error.code === "UNREACHABLE" || error.code === "NO_REPLY"
          ? SILENT_FOR
          : 0;
    this.#holdOff = pause === 0 ? undefined : { error, until: this.#now() + pause };
  }

  close(): void {
    this.#client.close();
  }
}

/** Watts of the supply. Throws UNEXPECTED_SHAPE for a program that does not know the question. */
export async function askPower(options: LinkOptions, signal: AbortSignal): Promise<number> {
  const client = httpClient({
    host: options.host,
    port: options.powerPort,
    deadline: options.deadlineSeconds * 1000,
    maxBytes: 4096,
  });
  try {
    const { body } = await client.expectOk({ path: POWER_PATH, signal });
    const power = powerOf(body);
    if (power !== undefined) return power;
    throw new DeviceError("UNEXPECTED_SHAPE", `miner_power: ${JSON.stringify(body.slice(0, 40))}`);
  } finally {
    client.close();
  }
}
