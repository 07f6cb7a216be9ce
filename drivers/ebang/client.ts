// Requests to the machine's web server: each a POST with the cookie that the login gave.

import type * as z from "zod";
import { toNumber, toText } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import {
  type HttpAnswer,
  type HttpClient,
  HttpExchangeError,
  httpClient,
} from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import { Answer, type LoginForm, PATHS, type Path, sessionCookie } from "./wire.ts";

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
const OK = 1;

type Form = Readonly<Record<string, string>>;

export class Client {
  readonly #options: ClientOptions;
  readonly #now: () => EpochMs;
  readonly #http: HttpClient;
  #cookie: string | undefined;
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

  /** The feedback. Throws what the connection throws, UNAUTHORIZED, REJECTED and UNEXPECTED_SHAPE. */
  async ask<Shape extends z.ZodType>(
    path: Path,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape>> {
    const { body } = await this.#request(path, {}, signal);
    const parsed = shape.safeParse(feedbackOf(body, path));
    if (parsed.success) return parsed.data;
    throw new DeviceError("UNEXPECTED_SHAPE", `${path}: expected an object as feedback`);
  }

  /** The words of a yes. Throws REJECTED for a no, and what has no words as an exchange that was lost. */
  async order(path: Path, form: Form, signal: AbortSignal): Promise<string> {
    const answer = await this.#request(path, form, signal);
    feedbackOf(answer.body, path);
    return `${path}: status 1`;
  }

  close(): void {
    this.#cookie = undefined;
    this.#http.close();
  }

  async #request(path: Path, form: Form, signal: AbortSignal): Promise<HttpAnswer> {
    const first = await this.#post(path, form, await this.#login(signal), signal);
    if (!isLoginPage(first)) return accepted(first, path);
    // It was not let in, so sending it again is no second write.
    this.#cookie = undefined;
    const second = await this.#post(path, form, await this.#login(signal), signal);
    if (!isLoginPage(second)) return accepted(second, path);
    this.#cookie = undefined;
    if (isRefusal(second)) {
      throw new DeviceError("UNAUTHORIZED", `${path}: HTTP ${second.status} after a fresh login`);
    }
    throw new DeviceError("HTML_REPLY", `${path}: the login page came, after a fresh login too`);
  }

  async #login(signal: AbortSignal): Promise<string> {
    if (this.#cookie !== undefined) return this.#cookie;
    if (this.#refusal !== undefined && this.#now() < this.#refusal.until) throw this.#refusal.error;
    const { username, password } = this.#options;
    if (password === undefined) {
      throw new DeviceError("UNAUTHORIZED", "password of the web pages is not set");
    }
    const answer = await this.#authenticate(
      { username, word: password, yuyan: "1", login: "Login", get_password: "" },
      signal,
    );
    const cookie = sessionCookie(answer.headers["set-cookie"]);
    if (cookie !== undefined) {
      this.#cookie = cookie;
      return cookie;
    }
    if (answer.status >= 400 && !isRefusal(answer)) {
      throw new DeviceError("HTTP_STATUS", `${PATHS.login}: HTTP ${answer.status}`);
    }
    const error = new DeviceError("UNAUTHORIZED", `${PATHS.login}: no session was given`);
    this.#refusal = { error, until: this.#now() + REFUSED_FOR };
    throw error;
  }

  async #authenticate(form: LoginForm, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#http.request({
        method: "POST",
        path: PATHS.login,
        headers: { "content-type": FORM },
        body: new URLSearchParams({ ...form }).toString(),
        signal,
      });
    } catch (error) {
      // A login that was sent is no write that may have acted.
      if (error instanceof HttpExchangeError) throw new DeviceError(error.code, error.message);
      throw error;
    }
  }

  async #post(path: Path, form: Form, cookie: string, signal: AbortSignal): Promise<HttpAnswer> {
    return await this.#http.request({
      method: "POST",
      path,
      headers: { "content-type": FORM, cookie },
      body: new URLSearchParams(form).toString(),
      signal,
    });
  }
}

const FORM = "application/x-www-form-urlencoded";

/** Throws REJECTED for another status than 1. Broken answers stay out of messages: they may hold passwords. */
function feedbackOf(body: string, path: Path): unknown {
  let value: unknown;
  try {
    value = parseReply(body, path);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new HttpExchangeError(
      error.code,
      `${path}: ${body.length} characters, not readable`,
      true,
    );
  }
  const parsed = Answer.safeParse(value);
  if (!parsed.success) {
    throw new DeviceError("UNEXPECTED_SHAPE", `${path}: an object was expected`);
  }
  if (toNumber(parsed.data.status) === OK) return parsed.data.feedback;
  const words = toText(parsed.data.feedback)?.slice(0, LONGEST_WORDS) ?? "";
  const status = parsed.data.status === undefined ? "no status" : `status ${parsed.data.status}`;
  throw new DeviceError("REJECTED", `${path}: ${status} ${words}`.trim());
}

const isRefusal = ({ status }: HttpAnswer): boolean => status === 401 || status === 403;

/** Without a session the machine sends to its login form, or shows it where data was asked for. */
function isLoginPage(answer: HttpAnswer): boolean {
  const { status, headers, body } = answer;
  if (isRefusal(answer)) return true;
  if (status >= 300 && status < 400) return /login|^\/?$/i.test(headers["location"] ?? "");
  return status < 400 && body.trimStart().startsWith("<") && /\byuyan\b/.test(body);
}

function accepted(answer: HttpAnswer, path: Path): HttpAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  if (answer.status === 404) throw new DeviceError("UNSUPPORTED", `${path}: HTTP 404`);
  throw new DeviceError("HTTP_STATUS", `${path}: HTTP ${answer.status}`);
}
