// Requests to the machine's web server: each a POST with a form and a token that the login gave.

import * as z from "zod";
import { toBoolean, toText } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import {
  type HttpAnswer,
  type HttpClient,
  HttpExchangeError,
  httpClient,
  mustFitHeaders,
} from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import { Answer, AUTH, AuthAnswer, type AuthForm, pathOf } from "./wire.ts";

export interface ClientOptions {
  readonly host: string;
  readonly httpPort: number;
  readonly deadlineSeconds: number;
  readonly username: string;
  readonly password?: string | undefined;
}

/** After a refusal nobody knocks with the same key for a while. */
const REFUSED_FOR = 300_000;
const LONGEST_WORDS = 120;

type Form = Readonly<Record<string, string | undefined>>;

export class Client {
  readonly #options: ClientOptions;
  readonly #now: () => EpochMs;
  readonly #http: HttpClient;
  #token: string | undefined;
  #refusal: { readonly error: DeviceError; readonly until: number } | undefined;

  constructor(options: ClientOptions, now: () => EpochMs) {
    this.#options = options;
    this.#now = now;
    this.#http = httpClient({
      host: options.host,
      port: options.httpPort,
      deadline: options.deadlineSeconds * 1000,
    });
  }

  /**
   * Throws what the connection throws, UNAUTHORIZED, UNSUPPORTED for an unknown page, UNEXPECTED_SHAPE,
   * and BUSY for `success: false`: the pages of readings say so while the miner program does not answer.
   */
  async ask<Shape extends z.ZodType>(
    name: string,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape>> {
    const answer = await this.#request(name, {}, signal);
    const value = readBody(answer.body, name);
    const refused = refusalOf(value, name, "BUSY");
    if (refused !== undefined) throw refused;
    const parsed = shape.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new DeviceError("UNEXPECTED_SHAPE", `${name}: ${z.prettifyError(parsed.error)}`);
  }

  /** The words of a yes. Throws REJECTED for a no, and what has no words as an exchange that was lost. */
  async order(name: string, form: Form, signal: AbortSignal): Promise<string> {
    const answer = await this.#request(name, form, signal);
    const refused = refusalOf(readBody(answer.body, name), name, "REJECTED");
    if (refused !== undefined) throw refused;
    return `${name}: success`;
  }

  close(): void {
    this.#token = undefined;
    this.#http.close();
  }

  async #request(name: string, form: Form, signal: AbortSignal): Promise<HttpAnswer> {
    const first = await this.#post(name, form, await this.#login(signal), signal);
    if (!isExpired(first)) return accepted(first, name);
    // It was refused unread, so sending it again is no second write.
    this.#token = undefined;
    const second = await this.#post(name, form, await this.#login(signal), signal);
    if (!isExpired(second)) return accepted(second, name);
    this.#token = undefined;
    throw new DeviceError("UNAUTHORIZED", `${name}: a fresh token was refused`);
  }

  async #login(signal: AbortSignal): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    if (this.#refusal !== undefined && this.#now() < this.#refusal.until) throw this.#refusal.error;
    const { username, password } = this.#options;
    if (password === undefined) {
      throw new DeviceError("UNAUTHORIZED", "password of the web pages is not set");
    }
    const parsed = AuthAnswer.safeParse(await this.#authenticate({ username, password }, signal));
    const token = parsed.success ? toText(parsed.data.jwt) : undefined;
    if (token !== undefined) {
      // Once kept, a token that cannot be sent would end every reading.
      mustFitHeaders({ authorization: token }, AUTH);
      this.#token = token;
      return token;
    }
    const said = parsed.success ? wordsOf(parsed.data) : undefined;
    const error = new DeviceError("UNAUTHORIZED", `auth: ${said ?? "no token in the answer"}`);
    this.#refusal = { error, until: this.#now() + REFUSED_FOR };
    throw error;
  }

  async #authenticate(form: AuthForm, signal: AbortSignal): Promise<unknown> {
    try {
      const answer = await this.#http.expectOk({
        method: "POST",
        path: AUTH,
        headers: { "content-type": FORM },
        body: encodeForm({ ...form }),
        signal,
      });
      return readBody(answer.body, "auth");
    } catch (error) {
      // A login that was sent is no write that may have acted.
      if (error instanceof HttpExchangeError) throw new DeviceError(error.code, error.message);
      throw error;
    }
  }

  async #post(name: string, form: Form, token: string, signal: AbortSignal): Promise<HttpAnswer> {
    return await this.#http.request({
      method: "POST",
      path: pathOf(name),
      headers: { "content-type": FORM, authorization: `Bearer ${token}` },
      body: encodeForm(form),
      signal,
    });
  }
}

const FORM = "application/x-www-form-urlencoded";

function encodeForm(form: Form): string {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    if (value !== undefined) body.append(name, value);
  }
  return body.toString();
}

/** The words of a broken answer stay out of the message: they may be a token or a pool's password. */
function readBody(body: string, name: string): unknown {
  try {
    return parseReply(body, name);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new HttpExchangeError(
      error.code,
      `${name}: ${body.length} characters, not readable`,
      true,
    );
  }
}

/** HTTP 401, or 200 with `success: false` and a word about the token. */
function isExpired({ status, body }: HttpAnswer): boolean {
  if (status === 401 || status === 403) return true;
  if (!body.includes('"token"')) return false;
  try {
    const parsed = Answer.safeParse(parseReply(body, "token"));
    return parsed.success && toBoolean(parsed.data.success) === false && "token" in parsed.data;
  } catch (error) {
    if (error instanceof DeviceError) return false;
    throw error;
  }
}

function accepted(answer: HttpAnswer, name: string): HttpAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  if (answer.status === 404) throw new DeviceError("UNSUPPORTED", `${name}: HTTP 404`);
  throw new DeviceError("HTTP_STATUS", `${name}: HTTP ${answer.status}`);
}

function refusalOf(value: unknown, name: string, code: "BUSY" | "REJECTED") {
  const parsed = Answer.safeParse(value);
  if (!parsed.success) {
    return new DeviceError("UNEXPECTED_SHAPE", `${name}: an object was expected`);
  }
  if (toBoolean(parsed.data.success) !== false) return undefined;
  return new DeviceError(code, `${name}: ${wordsOf(parsed.data) ?? "success is false"}`);
}

const wordsOf = (answer: Answer): string | undefined =>
  (toText(answer.message) ?? toText(answer.msg))?.slice(0, LONGEST_WORDS);
