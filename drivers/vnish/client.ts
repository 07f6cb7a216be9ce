// Requests to /api/v1: the token that privileged ones need, and what refusals mean.

import type * as z from "zod";
import { toNumber } from "../contract/decoding.ts";
import type { Ports } from "../contract/driver.ts";
import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import { type HttpAnswer, type HttpClient, httpClient } from "../transport/http.ts";
import { excerpt, parseReply } from "../transport/json.ts";
import { Locked, Refusal, Unlocked } from "./wire.ts";

export interface ClientOptions {
  readonly host: string;
  readonly httpPort: number;
  /** For one request, milliseconds. */
  readonly deadline: number;
  readonly password?: string;
}

const BASE = "/api/v1";
/** The firmware locks out whoever tries too often, the operator's browser included. */
const LOGIN_PAUSE = 60_000;
/** A refused password does not become right by itself. */
const REFUSED_PAUSE = 15 * 60_000;

export class VnishClient {
  readonly #options: ClientOptions;
  readonly #now: Ports["now"];
  readonly #http: HttpClient;
  #token: string | undefined;
  #nextLogin = 0;
  #refused: DeviceError | undefined;

  constructor(options: ClientOptions, now: Ports["now"]) {
    this.#options = options;
    this.#now = now;
    const { host, httpPort: port, deadline } = options;
    this.#http = httpClient({ host, port, deadline });
  }

  /** Can do what needs a password. */
  get hasPassword(): boolean {
    return this.#options.password !== undefined;
  }

  async get<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const ask = () => this.#authorised("GET", path, undefined, signal);
    // A connection that idled since the last reading may have died unseen; asking twice harms nothing.
    const answer = await ask().catch((error: unknown) => {
      if (isDeviceError(error) && error.code === "CONNECTION_LOST") return ask();
      throw error;
    });
    return this.#shaped(schema, path, answer);
  }

  /** Resolves with any yes; its body is the caller's to judge. */
  post(path: string, body: unknown, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#authorised("POST", path, body, signal);
  }

  /** Gives the token back. Never throws for what the machine does. */
  async close(): Promise<void> {
    try {
      if (this.#token !== undefined) await this.#send("POST", "lock", undefined);
    } catch (error) {
      if (!isDeviceError(error)) throw error;
    } finally {
      this.#token = undefined;
      this.#http.close();
    }
  }

  /** A refused request did nothing, so it is sent once more with a new token. */
  async #authorised(
    method: "GET" | "POST",
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const first = await this.#send(method, path, body, signal);
    if (first.status !== 401) return this.#accepted(path, first);
    await this.#login(signal);
    const second = await this.#send(method, path, body, signal);
    if (second.status !== 401) return this.#accepted(path, second);
    this.#token = undefined;
    throw new DeviceError("UNAUTHORIZED", `${this.#where(path)}: a new token was refused`);
  }

  async #login(signal: AbortSignal): Promise<void> {
    const { password } = this.#options;
    const where = this.#where("unlock");
    if (password === undefined) {
      throw new DeviceError("UNAUTHORIZED", `${where}: no password is configured`);
    }
    this.#token = undefined;
    const wait = this.#nextLogin - this.#now();
    if (wait > 0) {
      const words = `the next login is in ${Math.ceil(wait / 1000)} s`;
      if (this.#refused !== undefined) {
        throw new DeviceError(this.#refused.code, `${this.#refused.message}; ${words}`);
      }
      throw new DeviceError("BUSY", `${where}: the token was revoked too soon; ${words}`);
    }
    this.#nextLogin = this.#now() + LOGIN_PAUSE;
    this.#refused = undefined;
    const answer = await this.#unlock(password, signal);
    if (answer.status !== 200) throw this.#noteRefusal(answer);
    this.#token = this.#shaped(Unlocked, "unlock", answer).token;
  }

  /** Plain errors: whoever waits for a write must not take a lost login for a lost write. */
  async #unlock(password: string, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#send("POST", "unlock", { pw: password }, signal);
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      throw new DeviceError(error.code, error.message, { cause: error });
    }
  }

  #noteRefusal(answer: HttpAnswer): DeviceError {
    const locked = Locked.safeParse(parsed(answer.body));
    const seconds = (locked.success ? toNumber(locked.data.unlock_timeout) : undefined) ?? 0;
    const isRefused = answer.status === 401 || answer.status === 403;
    const pause = isRefused ? REFUSED_PAUSE : LOGIN_PAUSE;
    this.#nextLogin = this.#now() + Math.max(pause, seconds * 1000);
    const where = this.#where("unlock");
    const wait = seconds > 0 ? `, locked for ${seconds} s` : "";
    this.#refused = isRefused
      ? new DeviceError("UNAUTHORIZED", `${where}: password refused${wait}`)
      : answer.status === 429
        ? new DeviceError("BUSY", `${where}: too many attempts to log in${wait}`)
        : new DeviceError("HTTP_STATUS", `${where}: HTTP ${answer.status}`);
    return this.#refused;
  }

  #send(
    method: "GET" | "POST",
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    const json = body === undefined ? undefined : JSON.stringify(body);
    return this.#http.request({
      method,
      path: `${BASE}/${path}`,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(json === undefined ? {} : { body: json }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #accepted(path: string, answer: HttpAnswer): HttpAnswer {
    if (answer.status >= 200 && answer.status < 300) return answer;
    const refusal = Refusal.safeParse(parsed(answer.body));
    const words = refusal.success ? refusal.data.err : undefined;
    const code: DeviceErrorCode =
      answer.status === 404 ? "UNSUPPORTED" : words === undefined ? "HTTP_STATUS" : "REJECTED";
    const told = words === undefined ? "" : `: ${excerpt(words)}`;
    throw new DeviceError(code, `${this.#where(path)}: HTTP ${answer.status}${told}`);
  }

  #shaped<Schema extends z.ZodType>(schema: Schema, path: string, answer: HttpAnswer) {
    const where = this.#where(path);
    const result = schema.safeParse(parseReply(answer.body, where));
    if (result.success) return result.data;
    const words = result.error.issues.map((issue) => issue.message).join("; ");
    throw new DeviceError("UNEXPECTED_SHAPE", `${where}: ${words}`);
  }

  #where(path: string): string {
    return `${this.#options.host}:${this.#options.httpPort}${BASE}/${path}`;
  }
}

/** undefined for what is no JSON. */
export function parsed(body: string | undefined): unknown {
  if (body === undefined) return undefined;
  try {
    return parseReply(body, "answer");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
