// Requests and replies with their length before them, on one connection that stays open: btminer's API 3.

import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import { disregard, heed } from "./abort.ts";
import { FrameReader } from "./frame-reader.ts";
import { connectTo } from "./read-buffer.ts";
import { wireTap } from "./tap.ts";
import { TcpExchangeError } from "./tcp.ts";

export interface FramedOptions {
  readonly host: string;
  readonly port: number;
  /** Longer replies are refused. */
  readonly maxBytes?: number;
}

export interface FramedRequest {
  readonly payload: string;
  /** For the whole request, in milliseconds of real time. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /**
   * true: uses the kept connection, and goes out once more when that turns out to be dead. false: goes
   * out once, on a new connection, so that an old one's death is never taken for a lost answer.
   */
  readonly repeatable: boolean;
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** How a connection ends that the machine had closed while nobody looked. */
const DEAD: readonly DeviceErrorCode[] = ["CONNECTION_LOST", "EMPTY_REPLY"];

/** One request at a time. A connection on which anything went wrong is never used again. */
export class FramedConnection {
  readonly #options: FramedOptions;
  #link: Link | undefined;

  constructor(options: FramedOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the reply's text. Throws UNREACHABLE, NO_REPLY, CONNECTION_LOST, EMPTY_REPLY,
   * TRUNCATED_REPLY, REPLY_TOO_LARGE, UNEXPECTED_SHAPE (no length before the reply) or ABORTED.
   */
  async request(request: FramedRequest): Promise<string> {
    const kept = request.repeatable ? this.#usableLink() : undefined;
    if (kept === undefined) return await this.#renew().ask(request);
    const started = performance.now();
    try {
      return await kept.ask(request);
    } catch (error) {
      if (!(error instanceof DeviceError) || !DEAD.includes(error.code)) throw error;
      const deadline = Math.max(1, request.deadline - (performance.now() - started));
      return await this.#renew().ask({ ...request, deadline });
    }
  }

  close(): void {
    this.#link?.end();
    this.#link = undefined;
  }

  #usableLink(): Link | undefined {
    return this.#link?.usable === true ? this.#link : undefined;
  }

  #renew(): Link {
    this.close();
    this.#link = new Link(this.#options);
    return this.#link;
  }
}

/** One connection, from its first request to its end. */
class Link {
  readonly #where: string;
  readonly #port: number;
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  #connected = false;
  #usable = true;
  #settle: ((outcome: string | TcpExchangeError) => void) | undefined;

  constructor({ host, port, maxBytes = DEFAULT_MAX_BYTES }: FramedOptions) {
    this.#where = `${host}:${port}`;
    this.#port = port;
    this.#frames = new FrameReader(maxBytes);
    this.#socket = connectTo({ host, port }, (chunk) => this.#take(chunk));
    this.#socket.setNoDelay(true);
    this.#socket.once("connect", () => {
      this.#connected = true;
    });
    this.#socket.once("end", () => this.#ended());
    this.#socket.once("error", (error: NodeJS.ErrnoException) => {
      const what = error.code ?? error.message;
      const after = this.#connected ? ` after ${this.#frames.size} bytes` : "";
      this.#fail(this.#connected ? "CONNECTION_LOST" : "UNREACHABLE", `${what}${after}`);
    });
  }

  /** Not with the beginning of a reply that nobody asked for. */
  get usable(): boolean {
    return this.#usable && this.#frames.empty;
  }

  end(): void {
    this.#usable = false;
    this.#socket.destroy();
  }

  ask({ payload, deadline, signal }: FramedRequest): Promise<string> {
    const heard = this.#listener(payload);
    return new Promise((resolve, reject) => {
      const late = () =>
        this.#connected
          ? this.#fail("NO_REPLY", `no complete reply (${this.#frames.size} bytes)${within}`)
          : this.#fail("UNREACHABLE", `no connection${within}`);
      const within = ` within ${Math.round(deadline)} ms`;
      const timer = setTimeout(late, deadline);
      const onAbort = () => this.#fail("ABORTED", "stopped waiting");
      this.#settle = (outcome) => {
        this.#settle = undefined;
        clearTimeout(timer);
        disregard(signal, onAbort);
        // A session that waits for its next reading is no reason for the program to stay.
        this.#socket.unref();
        heard?.(outcome);
        if (typeof outcome === "string") resolve(outcome);
        else reject(outcome);
      };
      if (signal?.aborted) {
        onAbort();
        return;
      }
      heed(signal, onAbort);
      this.#socket.ref();
      this.#socket.write(frame(payload));
    });
  }

  /** Undefined when nobody listens. */
  #listener(payload: string) {
    const tap = wireTap();
    if (tap === undefined) return undefined;
    const exchange = { transport: "framed", port: this.#port, request: { payload } } as const;
    return (outcome: string | TcpExchangeError) =>
      typeof outcome === "string"
        ? tap({ ...exchange, reply: Buffer.from(outcome, "utf8") })
        : tap({ ...exchange, reply: Buffer.alloc(0), failure: outcome });
  }

  #take(chunk: Buffer): void {
    this.#frames.add(chunk);
    if (this.#frames.unframed) {
      this.#fail("UNEXPECTED_SHAPE", "text without a length: another service answers here");
      return;
    }
    if (this.#frames.oversize !== undefined) {
      this.#fail("REPLY_TOO_LARGE", `reply of ${this.#frames.oversize} bytes`);
      return;
    }
    const text = this.#frames.next();
    if (text === undefined) return;
    // A reply to nothing, or more than one: the next would answer the wrong question.
    if (this.#settle === undefined || !this.#frames.empty) this.end();
    this.#settle?.(text);
  }

  #ended(): void {
    const { size } = this.#frames;
    if (size === 0) this.#fail("EMPTY_REPLY", "closed without a byte");
    else this.#fail("TRUNCATED_REPLY", `closed after ${size} bytes of a reply`);
  }

  #fail(code: DeviceErrorCode, message: string): void {
    this.end();
    this.#settle?.(new TcpExchangeError(code, `${this.#where}: ${message}`, this.#connected));
  }
}

function frame(payload: string): Buffer {
  const body = Buffer.from(payload, "utf8");
  const framed = Buffer.allocUnsafe(4 + body.length);
  framed.writeUInt32LE(body.length, 0);
  body.copy(framed, 4);
  return framed;
}
