// One request, one reply, one connection: the framing of cgminer's API and of btminer's v2.

import { DeviceError } from "../contract/errors.ts";
import { disregard, heed } from "./abort.ts";
import { afterPatience } from "./patience.ts";
import { connectTo } from "./read-buffer.ts";
import { type WireExchange, wireTap } from "./tap.ts";

export interface TcpRequest {
  readonly host: string;
  readonly port: number;
  readonly payload: string;
  /** For the whole exchange, in milliseconds of real time. */
  readonly deadline: number;
  /** For the connection alone; the whole deadline when absent. */
  readonly connectDeadline?: number;
  /** Longer replies are refused; the largest known is a per-chip LuxOS answer of about 200 KB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /**
   * Some daemons keep the connection open after the reply. After this pause without a byte a reply
   * that is complete JSON counts as finished. Milliseconds.
   */
  readonly quietTime?: number;
}

/** `sent` tells a writer whether the machine may have acted on the request. */
export class TcpExchangeError extends DeviceError {
  readonly sent: boolean;

  constructor(code: DeviceError["code"], message: string, sent: boolean, options?: ErrorOptions) {
    super(code, message, options);
    this.sent = sent;
  }
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
const DEFAULT_QUIET_TIME = 300;

/**
 * Sends `payload` and collects the reply up to EOF, a NUL byte, or a pause after complete JSON.
 * Throws UNREACHABLE, NO_REPLY, CONNECTION_LOST, EMPTY_REPLY, REPLY_TOO_LARGE or ABORTED.
 */
export const exchange = (request: TcpRequest): Promise<string> =>
  exchangeInto(request, (reply) => reply);

/**
 * The same for whoever wants but a little of the reply: `read` gets it, and what it returns or throws is the
 * result. A promise that was waited for is old to the garbage collector, and whatever it resolves with stays
 * in memory as long as what is old.
 */
export function exchangeInto<Result>(
  request: TcpRequest,
  read: (reply: string) => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const where = `${request.host}:${request.port}`;
    const limit = request.maxBytes ?? DEFAULT_MAX_BYTES;
    const heard = listener(request);
    const chunks: Buffer[] = [];
    let size = 0;
    let connected = false;
    let quiet: NodeJS.Timeout | undefined;
    const patience = Math.min(request.connectDeadline ?? request.deadline, request.deadline);

    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        fail("REPLY_TOO_LARGE", `${where}: reply exceeds ${limit} bytes`);
        return;
      }
      chunks.push(chunk);
      clearTimeout(quiet);
      if (chunk.includes(0)) finish();
      else if (mayEndHere(chunk)) {
        quiet = setTimeout(() => {
          if (isCompleteJson(chunks)) finish();
        }, request.quietTime ?? DEFAULT_QUIET_TIME);
      }
    };
    const socket = connectTo(request, take);
    const late = (after: number) => {
      const what = connected ? `no complete reply (${size} bytes)` : "no connection";
      fail(connected ? "NO_REPLY" : "UNREACHABLE", `${where}: ${what} within ${after} ms`);
    };
    const endWait = afterPatience(request.deadline, () => late(request.deadline));
    const endConnecting =
      patience < request.deadline ? afterPatience(patience, () => late(patience)) : undefined;
    const onAbort = () => fail("ABORTED", `${where}: stopped waiting`);

    const release = () => {
      endWait();
      endConnecting?.();
      clearTimeout(quiet);
      disregard(request.signal, onAbort);
      socket.destroy();
    };
    const fail = (code: DeviceError["code"], message: string, cause?: Error) => {
      release();
      heard?.(chunks, { code, message });
      reject(new TcpExchangeError(code, message, connected, { cause }));
    };
    const finish = () => {
      if (size === 0) {
        fail("EMPTY_REPLY", `${where}: closed without a byte`);
      } else {
        release();
        heard?.(chunks);
        try {
          resolve(read(Buffer.concat(chunks.splice(0)).toString("utf8")));
        } catch (error) {
          reject(error);
        }
      }
    };

    if (request.signal?.aborted) {
      onAbort();
      return;
    }
    heed(request.signal, onAbort);
    socket.setNoDelay(true);
    socket.once("connect", () => {
      connected = true;
      endConnecting?.();
      socket.write(request.payload);
    });
    socket.once("end", finish);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (connected)
        fail("CONNECTION_LOST", `${where}: ${error.code ?? error.message} after ${size} bytes`);
      else fail("UNREACHABLE", `${where}: ${error.code ?? error.message}`, error);
    });
  });
}

/** Undefined when nobody listens. */
function listener({ port, payload }: TcpRequest) {
  const tap = wireTap();
  if (tap === undefined) return undefined;
  return (chunks: readonly Buffer[], failure?: WireExchange["failure"]) =>
    tap({
      transport: "api",
      port,
      request: { payload },
      reply: Buffer.concat(chunks),
      ...(failure === undefined ? {} : { failure }),
    });
}

// A line end may come in a packet of its own, after the one that looked complete.
function mayEndHere(chunk: Buffer): boolean {
  const last = chunk.toString("latin1").trimEnd().at(-1);
  return last === undefined || last === "}" || last === "]";
}

function isCompleteJson(chunks: readonly Buffer[]): boolean {
  try {
    JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return true;
  } catch {
    return false;
  }
}
