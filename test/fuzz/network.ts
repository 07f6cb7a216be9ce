// The narrowest seam under every driver: node:net and node:http themselves. All of our code runs, from the
// bytes on; only the sockets are missing, which would be a thousand times slower.

import { EventEmitter } from "node:events";
import http, { type IncomingMessage, type RequestOptions } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import net, { type NetConnectOpts, type Socket } from "node:net";
import timers from "node:timers/promises";

/** One request as it goes out. Ports are left out: they differ from run to run. */
export interface Asked {
  readonly over: "tcp" | "http";
  /** The payload of a TCP request; method, path, login or not, and body of an HTTP request. */
  readonly key: string;
}

export interface Reply {
  readonly bytes: Buffer;
  /** HTTP only. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** undefined: the connection ends without a byte, or HTTP 404. */
export type Answer = (asked: Asked) => Reply | undefined;

const real = {
  createConnection: net.createConnection,
  request: http.request,
  setTimeout: timers.setTimeout,
};

/** What connections that are opened from now on are answered. */
let answering: Answer = () => undefined;
let replaced = false;

/**
 * From now on nothing of this process reaches a network, until it is restored; and nobody waits between two
 * orders for a machine that is not there.
 */
export function replaceNetwork(answer: Answer): void {
  answering = answer;
  if (replaced) return;
  put(
    (options) => new FakeSocket(options, answering),
    (options) => new FakeRequest(options, answering),
  );
  Object.assign(timers, { setTimeout: () => Promise.resolve() });
  syncBuiltinESMExports();
  replaced = true;
}

/** Everything goes out as usual, and `heard` is told each request with its reply. */
export function tapNetwork(heard: (asked: Asked, reply: Reply) => void): void {
  put(
    (options) => tappedSocket(options, heard),
    (options) => tappedRequest(options, heard),
  );
}

export function restoreNetwork(): void {
  replaced = false;
  Object.assign(net, { createConnection: real.createConnection });
  Object.assign(http, { request: real.request });
  Object.assign(timers, { setTimeout: real.setTimeout });
  syncBuiltinESMExports();
}

function put(
  connect: (options: NetConnectOpts) => EventEmitter,
  request: (options: RequestOptions) => EventEmitter,
): void {
  replaced = false;
  Object.assign(net, { createConnection: connect });
  Object.assign(http, { request });
  syncBuiltinESMExports();
}

function httpKey(options: RequestOptions, body: string): string {
  const headers = options.headers as Readonly<Record<string, unknown>>;
  // Tokens and nonces differ each time; that one is sent decides the reply.
  const login = Object.keys(headers).some((name) => !PLAIN_HEADERS.has(name.toLowerCase()));
  return `${options.method} ${options.path}${login ? " +" : ""}${body === "" ? "" : ` ${body}`}`;
}

const PLAIN_HEADERS = new Set(["accept", "content-length", "content-type"]);

type Arrive = (bytes: Buffer) => void;

/** Hands bytes over as the system does: in parts that fit the buffer of the caller. */
function arrivalOf({ onread }: NetConnectOpts, isOpen: () => boolean): Arrive {
  const buffer = onread?.buffer;
  if (!(buffer instanceof Uint8Array))
    throw new Error("a connection without a buffer to read into");
  return (bytes) => {
    for (let start = 0; start < bytes.length && isOpen(); start += buffer.length) {
      const part = bytes.subarray(start, start + buffer.length);
      buffer.set(part);
      onread?.callback(part.length, buffer);
    }
  };
}

class FakeSocket extends EventEmitter {
  readonly #answer: Answer;
  readonly #arrive: Arrive;
  #open = true;

  constructor(options: NetConnectOpts, answer: Answer) {
    super();
    this.#answer = answer;
    this.#arrive = arrivalOf(options, () => this.#open);
    queueMicrotask(() => this.#tell("connect"));
  }

  write(payload: string | Buffer): void {
    const reply = this.#answer({ over: "tcp", key: tcpKey(payload) });
    queueMicrotask(() => {
      if (reply !== undefined) this.#arrive(reply.bytes);
      this.#tell("end");
    });
  }

  #tell(event: string): void {
    if (this.#open) this.emit(event);
  }

  destroy(): void {
    this.#open = false;
  }

  setNoDelay(): void {}
  ref(): void {}
  unref(): void {}
}

/** A frame's length is no part of the question. */
function tcpKey(payload: string | Buffer): string {
  if (typeof payload === "string") return payload;
  const text = payload.toString("utf8");
  return text.startsWith("{") ? text : payload.subarray(4).toString("utf8");
}

class FakeRequest extends EventEmitter {
  readonly #options: RequestOptions;
  readonly #answer: Answer;
  #open = true;

  constructor(options: RequestOptions, answer: Answer) {
    super();
    this.#options = options;
    this.#answer = answer;
  }

  end(body = ""): void {
    this.emit("socket", { connecting: false });
    const reply = this.#answer({ over: "http", key: httpKey(this.#options, body) }) ?? NOT_FOUND;
    queueMicrotask(() => {
      if (!this.#open) return;
      const incoming = new EventEmitter();
      Object.assign(incoming, { statusCode: reply.status, headers: reply.headers });
      this.emit("response", incoming);
      if (reply.bytes.length > 0) incoming.emit("data", reply.bytes);
      incoming.emit("end");
    });
  }

  destroy(): void {
    this.#open = false;
  }
}

const NOT_FOUND: Reply = { bytes: Buffer.alloc(0), status: 404, headers: {} };

function tappedSocket(
  options: NetConnectOpts,
  heard: (asked: Asked, reply: Reply) => void,
): Socket {
  let key: string | undefined;
  let chunks: Buffer[] = [];
  const { onread } = options;
  if (onread === undefined) throw new Error("a connection without a buffer to read into");
  const callback: typeof onread.callback = (length, bytes) => {
    chunks.push(Buffer.from(bytes.subarray(0, length)));
    return onread.callback(length, bytes);
  };
  const socket = real.createConnection({ ...options, onread: { ...onread, callback } });
  const write = socket.write.bind(socket);
  const tell = () => {
    if (key !== undefined) {
      heard({ over: "tcp", key }, { bytes: Buffer.concat(chunks), status: 0, headers: {} });
    }
    key = undefined;
    chunks = [];
  };
  socket.write = (payload: string | Buffer | Uint8Array) => {
    // The one before it has its reply when the next goes out.
    tell();
    key = tcpKey(typeof payload === "string" ? payload : Buffer.from(payload));
    return write(payload);
  };
  socket.once("close", tell);
  return socket;
}

function tappedRequest(options: RequestOptions, heard: (asked: Asked, reply: Reply) => void) {
  const request = real.request(options);
  const end = request.end.bind(request);
  let body = "";
  request.end = (text?: unknown) => {
    body = typeof text === "string" ? text : "";
    return end(text);
  };
  request.once("response", (incoming: IncomingMessage) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => {
      const { statusCode = 0, headers } = incoming;
      const reply = { bytes: Buffer.concat(chunks), status: statusCode, headers: { ...headers } };
      heard({ over: "http", key: httpKey(options, body) }, reply);
    });
  });
  return request;
}
