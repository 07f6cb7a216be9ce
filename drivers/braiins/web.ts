// The machine's web server: one connection, one login at a time, and no second knock with a refused key.

import { DeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import {
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  httpClient,
  mustFitHeaders,
} from "../transport/http.ts";
import { excerpt } from "../transport/json.ts";

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  /** Of one request, in milliseconds of real time. */
  readonly deadline: number;
  readonly username: string;
  readonly password?: string | undefined;
}

/** After a refusal nobody knocks with the same key for a while. */
const REFUSED_FOR = 5 * 60_000;
/** More logins than this only fill the machine's table of sessions. */
const LOGIN_PAUSE = 60_000;

/** How a protocol carries its login: REST in a header, GraphQL in a cookie. */
export interface LoginProtocol {
  /** The headers of a login that succeeded; undefined when user name or password was refused. */
  login(web: Web, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
}

export class Web {
  readonly options: LinkOptions;
  readonly where: string;
  readonly #client: HttpClient;
  readonly #now: () => EpochMs;
  readonly #protocol: LoginProtocol;
  #headers: Readonly<Record<string, string>> | undefined;
  #loggedInAt: number | undefined;
  #refusedAt: number | undefined;

  constructor(options: LinkOptions, now: () => EpochMs, protocol: LoginProtocol) {
    this.options = options;
    this.where = `${options.host}:${options.httpPort}`;
    this.#now = now;
    this.#protocol = protocol;
    this.#client = httpClient(clientOptions(options));
  }

  get loggedIn(): boolean {
    return this.#headers !== undefined;
  }

  /** Without login. Any status is an answer. */
  bare(request: HttpRequest): Promise<HttpAnswer> {
    return this.#client.request(request);
  }

  /**
   * With the login where a password is configured. A login that the machine has forgotten is made anew
   * once: the refused request did nothing. `refused` tells a refusal from an answer.
   */
  async request(
    request: HttpRequest,
    refused: (answer: HttpAnswer) => boolean,
  ): Promise<HttpAnswer> {
    const signal = request.signal ?? new AbortController().signal;
    const isFresh = this.#headers === undefined;
    const headers = this.options.password === undefined ? {} : await this.#login(signal);
    const answer = await this.#send(request, headers);
    if (!refused(answer)) return answer;
    this.#headers = undefined;
    if (this.options.password === undefined) {
      throw new DeviceError("UNAUTHORIZED", `${this.where}${request.path}: no password is set`);
    }
    // A login of this moment that is refused will be refused again.
    if (isFresh) throw this.#refusedAnyway(request.path);
    const again = await this.#send(request, await this.#login(signal));
    if (!refused(again)) return again;
    this.#headers = undefined;
    throw this.#refusedAnyway(request.path);
  }

  #refusedAnyway(path: string): DeviceError {
    const message = `${this.where}${path}: refused although the login succeeded`;
    return new DeviceError("UNAUTHORIZED", message);
  }

  forgetLogin(): void {
    this.#headers = undefined;
  }

  close(): void {
    this.#headers = undefined;
    this.#client.close();
  }

  #send(request: HttpRequest, login: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    return this.#client.request({ ...request, headers: { ...request.headers, ...login } });
  }

  async #login(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    if (this.#headers !== undefined) return this.#headers;
    const now = this.#now();
    if (this.#refusedAt !== undefined && now - this.#refusedAt < REFUSED_FOR) {
      throw new DeviceError(
        "UNAUTHORIZED",
        `${this.where}: user name or password was refused; not tried again for 5 min`,
      );
    }
    if (this.#loggedInAt !== undefined && now - this.#loggedInAt < LOGIN_PAUSE) {
      throw new DeviceError(
        "BUSY",
        `${this.where}: the login was lost; the next one is a minute off`,
      );
    }
    const headers = await this.#protocol.login(this, signal);
    if (headers === undefined) {
      this.#refusedAt = now;
      throw new DeviceError("UNAUTHORIZED", `${this.where}: user name or password was refused`);
    }
    // Once kept, a login that cannot be sent would end every reading.
    mustFitHeaders(headers, this.where);
    this.#refusedAt = undefined;
    this.#loggedInAt = now;
    this.#headers = headers;
    return headers;
  }
}

const clientOptions = ({ host, httpPort, deadline }: LinkOptions) => ({
  host,
  port: httpPort,
  deadline,
});

/** Statuses of a request that nobody had to refuse, as an error; undefined for 2xx. */
export function statusError(where: string, answer: HttpAnswer): DeviceError | undefined {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return undefined;
  const words = body.trim() === "" || body.trimStart().startsWith("<") ? "" : ` ${excerpt(body)}`;
  const message = `${where}: HTTP ${status}${words}`;
  if (status === 404 || status === 405 || status === 501) {
    return new DeviceError("UNSUPPORTED", message);
  }
  if (status === 400 || status === 403 || status === 409 || status === 422) {
    return new DeviceError("REJECTED", message);
  }
  return new DeviceError("HTTP_STATUS", message);
}
