// HTTP to a miner's own web server: one connection, a deadline, a size limit, digest where asked.

import {
  Agent,
  type IncomingMessage,
  type RequestOptions,
  request as send,
  validateHeaderValue,
} from "node:http";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import { disregard, heed } from "./abort.ts";
import { authorize, type Credentials, type DigestChallenge, parseChallenge } from "./digest.ts";
import { afterPatience } from "./patience.ts";
import { type WireExchange, wireTap } from "./tap.ts";

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** For each request, in milliseconds of real time. */
  readonly deadline: number;
  /** For a new connection alone; the whole deadline when absent. */
  readonly connectDeadline?: number;
  readonly maxBytes?: number;
  readonly credentials?: Credentials;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Overrides the deadline of the client, e.g. for slow writes. */
  readonly deadline?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** `sent` tells a writer whether the machine may have acted on the request. */
export class HttpExchangeError extends DeviceError {
  readonly sent: boolean;

  constructor(code: DeviceErrorCode, message: string, sent: boolean, options?: ErrorOptions) {
    super(code, message, options);
    this.sent = sent;
  }
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

export interface HttpClient {
  /**
   * Any HTTP status is an answer, except a 401 to the configured credentials: UNAUTHORIZED. Throws also
   * UNREACHABLE, NO_REPLY, CONNECTION_LOST, REPLY_TOO_LARGE, NOT_JSON (no web server), ABORTED, and
   * UNEXPECTED_SHAPE for a header that cannot be sent.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The same, and UNAUTHORIZED for 401, HTTP_STATUS for all else that is not 2xx. */
  expectOk(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export function httpClient(options: HttpOptions): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1, timeout: 15_000 });
  let challenge: DigestChallenge | undefined;
  let uses = 0;

  const attempt = async (request: HttpRequest): Promise<HttpAnswer> => {
    const headers: Record<string, string> = { ...request.headers };
    if (challenge !== undefined && options.credentials !== undefined) {
      uses += 1;
      headers["authorization"] = authorize(challenge, options.credentials, {
        method: request.method ?? "GET",
        path: request.path,
        count: uses,
      });
    }
    mustFitHeaders(headers, `${options.host}:${options.port}${request.path}`);
    return await roundTrip(options, agent, { ...request, headers });
  };

  const authenticated = async (request: HttpRequest): Promise<HttpAnswer> => {
    const answer = await attempt(request);
    if (answer.status !== 401 || options.credentials === undefined) return answer;
    const offered = parseChallenge(answer.headers["www-authenticate"]);
    const where = `${options.host}:${options.port}${request.path}`;
    // A second refusal of a nonce that is not merely stale means the password is wrong.
    const refused = challenge !== undefined && offered?.stale !== true && uses === 1;
    if (offered === undefined || refused) {
      challenge = undefined;
      throw new DeviceError("UNAUTHORIZED", `${where}: user name or password refused`);
    }
    challenge = offered;
    uses = 0;
    const second = await attempt(request);
    if (second.status !== 401) return second;
    challenge = undefined;
    throw new DeviceError("UNAUTHORIZED", `${where}: user name or password refused`);
  };

  const expectOk = async (request: HttpRequest): Promise<HttpAnswer> => {
    const answer = await authenticated(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (answer.status === 401) {
      const where = `${options.host}:${options.port}${request.path}`;
      throw new DeviceError("UNAUTHORIZED", `${where}: HTTP 401, no valid login`);
    }
    throw new DeviceError(
      "HTTP_STATUS",
      `${options.host}:${options.port}${request.path}: HTTP ${answer.status}`,
    );
  };

  return { request: authenticated, expectOk, close: () => agent.destroy() };
}

/**
 * Throws UNEXPECTED_SHAPE for a value that no HTTP header can carry: a machine may give out such a key.
 * The value stays out of the message.
 */
export function mustFitHeaders(headers: Readonly<Record<string, string>>, where: string): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value);
    } catch (error) {
      const message = `${where}: the ${name} for the header has characters that HTTP forbids`;
      throw new HttpExchangeError("UNEXPECTED_SHAPE", message, false, { cause: error });
    }
  }
}

function roundTrip(options: HttpOptions, agent: Agent, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const where = `${options.host}:${options.port}${request.path}`;
    const deadline = request.deadline ?? options.deadline;
    const heard = listener(options, request);
    let connected = false;
    let failed: HttpExchangeError | undefined;

    // Before the request exists: a destroyed one without listeners would end the process.
    if (request.signal?.aborted) {
      reject(new HttpExchangeError("ABORTED", `${where}: stopped waiting`, false));
      return;
    }
    const outgoing = send(requestOptions(options, agent, request));
    const stop = (
      code: DeviceErrorCode,
      message: string,
      part: Buffer = NOTHING,
      cause?: Error,
    ) => {
      if (failed === undefined) heard?.({ reply: part, failure: { code, message } });
      failed ??= new HttpExchangeError(code, `${where}: ${message}`, connected, { cause });
      endWait();
      endConnecting();
      disregard(request.signal, onAbort);
      reject(failed);
      outgoing.destroy();
    };
    const onAbort = () => stop("ABORTED", "stopped waiting");
    const endWait = afterPatience(deadline, () =>
      stop(connected ? "NO_REPLY" : "UNREACHABLE", `no complete answer within ${deadline} ms`),
    );
    const patience = Math.min(options.connectDeadline ?? deadline, deadline);
    const endConnecting = afterPatience(patience, () =>
      stop("UNREACHABLE", `no connection within ${patience} ms`),
    );
    const onConnected = () => {
      connected = true;
      endConnecting();
    };
    heed(request.signal, onAbort);

    outgoing.once("socket", (socket) => {
      if (socket.connecting) socket.once("connect", onConnected);
      else onConnected();
    });
    outgoing.once("response", (incoming) => {
      collect(incoming, options.maxBytes ?? DEFAULT_MAX_BYTES, (error, body) => {
        if (error !== undefined) return stop(error.code, error.message, body);
        endWait();
        disregard(request.signal, onAbort);
        const answer = { status: incoming.statusCode ?? 0, headers: flatHeaders(incoming) };
        heard?.({ reply: body, ...answer });
        resolve({ ...answer, body: body.toString("utf8") });
      });
    });
    outgoing.once("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      // The parser's own codes: something answers here, and it is no web server.
      if (code.startsWith("HPE_")) stop("NOT_JSON", `the answer is not HTTP (${code})`);
      else if (connected) stop("CONNECTION_LOST", code);
      else stop("UNREACHABLE", code, NOTHING, error);
    });
    outgoing.end(request.body);
  });
}

function requestOptions(options: HttpOptions, agent: Agent, request: HttpRequest): RequestOptions {
  const length =
    request.body === undefined ? {} : { "content-length": String(Buffer.byteLength(request.body)) };
  return {
    host: options.host,
    port: options.port,
    agent,
    method: request.method ?? "GET",
    path: request.path,
    headers: { accept: "*/*", ...length, ...request.headers },
    // Miners' web servers are careless with header syntax; the parser need not be strict with them.
    insecureHTTPParser: true,
  };
}

const NOTHING = Buffer.alloc(0);

/** Undefined when nobody listens. */
function listener({ port }: HttpOptions, { method = "GET", path, headers, body }: HttpRequest) {
  const tap = wireTap();
  if (tap === undefined) return undefined;
  const request = { method, path, headers: { ...headers }, payload: body ?? "" };
  return (outcome: Pick<WireExchange, "reply" | "status" | "headers" | "failure">) =>
    tap({ transport: "http", port, request, ...outcome });
}

type Collected = (
  error: { code: DeviceErrorCode; message: string } | undefined,
  body: Buffer,
) => void;

function collect(incoming: IncomingMessage, limit: number, done: Collected): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish: Collected = (error, body) => {
    if (finished) return;
    finished = true;
    done(error, body);
  };
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      finish({ code: "REPLY_TOO_LARGE", message: `answer exceeds ${limit} bytes` }, NOTHING);
      return;
    }
    chunks.push(chunk);
  });
  incoming.once("end", () => finish(undefined, Buffer.concat(chunks)));
  incoming.once("error", (error: NodeJS.ErrnoException) =>
    finish(
      { code: "CONNECTION_LOST", message: error.code ?? error.message },
      Buffer.concat(chunks),
    ),
  );
  incoming.once("close", () =>
    finish(
      { code: "CONNECTION_LOST", message: `closed after ${size} bytes` },
      Buffer.concat(chunks),
    ),
  );
}

function flatHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
