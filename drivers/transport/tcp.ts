// One request, one reply, one connection: the framing of cgminer's API and of btminer's v2.

import { createConnection, type Socket } from "node:net";
import { DeviceError } from "../contract/errors.ts";
import { giveReadBuffer, hasNul, mayEndHere, ReplyBytes, takeReadBuffer } from "./reply-bytes.ts";

export interface TcpRequest {
  readonly host: string;
  readonly port: number;
  readonly payload: string;
  /** For the whole exchange, in milliseconds of real time. */
  readonly deadline: number;
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

  constructor(code: DeviceError["code"], message: string, sent: boolean) {
    super(code, message);
    this.sent = sent;
  }
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
const DEFAULT_QUIET_TIME = 300;

/** Connects, and hands over what arrives; the bytes are overwritten by those that arrive next. */
function open({ host, port }: TcpRequest, take: (bytes: Uint8Array) => void): Socket {
  const buffer = takeReadBuffer();
  const callback = (length: number) => {
    take(buffer.subarray(0, length));
    return true;
  };
  const socket = createConnection({ host, port, noDelay: true, onread: { buffer, callback } });
  return socket.once("close", () => giveReadBuffer(buffer));
}

/**
 * Sends `payload` and collects the reply up to EOF, a NUL byte, or a pause after complete JSON.
 * Throws UNREACHABLE, NO_REPLY, CONNECTION_LOST, EMPTY_REPLY, REPLY_TOO_LARGE or ABORTED.
 */
export function exchange(request: TcpRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const where = `${request.host}:${request.port}`;
    const limit = request.maxBytes ?? DEFAULT_MAX_BYTES;
    const reply = new ReplyBytes();
    let connected = false;
    let done = false;
    let quiet: NodeJS.Timeout | undefined;

    const socket = open(request, (bytes) => {
      if (!done) take(bytes);
    });
    const timer = setTimeout(
      () => fail(connected ? "NO_REPLY" : "UNREACHABLE", late()),
      request.deadline,
    );
    const late = () =>
      `${where}: ${connected ? `no complete reply (${reply.size} bytes)` : "no connection"} within ${request.deadline} ms`;
    const onAbort = () => fail("ABORTED", `${where}: stopped waiting`);

    const release = () => {
      done = true;
      clearTimeout(timer);
      clearTimeout(quiet);
      request.signal?.removeEventListener("abort", onAbort);
      socket.destroy();
    };
    const fail = (code: DeviceError["code"], message: string) => {
      release();
      reject(new TcpExchangeError(code, message, connected));
    };
    const finish = () => {
      release();
      if (reply.size > 0) resolve(reply.end());
      else
        reject(new TcpExchangeError("EMPTY_REPLY", `${where}: closed without a byte`, connected));
    };
    const take = (bytes: Uint8Array) => {
      reply.add(bytes);
      clearTimeout(quiet);
      if (reply.size > limit) fail("REPLY_TOO_LARGE", `${where}: reply exceeds ${limit} bytes`);
      else if (hasNul(bytes)) finish();
      else if (mayEndHere(bytes)) {
        quiet = setTimeout(() => {
          if (reply.isCompleteJson()) finish();
        }, request.quietTime ?? DEFAULT_QUIET_TIME);
      }
    };

    if (request.signal?.aborted) {
      onAbort();
      return;
    }
    request.signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => {
      connected = true;
      socket.write(request.payload);
    });
    socket.once("end", finish);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (connected)
        fail(
          "CONNECTION_LOST",
          `${where}: ${error.code ?? error.message} after ${reply.size} bytes`,
        );
      else fail("UNREACHABLE", `${where}: ${error.code ?? error.message}`);
    });
  });
}
