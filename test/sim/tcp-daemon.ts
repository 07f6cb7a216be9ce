// A TCP daemon with the manners of cgminer and btminer: one connection at a time, one request each,
// and on demand every way in which real ones go wrong.

import { createServer, type Server, type Socket } from "node:net";
import { Daemon, type Place } from "./daemon.ts";
import { pour, spoil } from "./reply-fault.ts";

export interface TcpDaemonOptions extends Place {
  /** undefined closes the connection without an answer. */
  readonly reply: (request: string) => string | undefined | Promise<string | undefined>;
  /** Ends each reply with a NUL byte; default true. */
  readonly nul?: boolean;
  /** Leaves the connection open after a reply and serves further requests on it. */
  readonly keepOpen?: boolean;
  /** Closes a connection that sends nothing for so many milliseconds of real time; default never. */
  readonly idle?: number;
}

/** Real daemons take what one recv() returns; this pause stands for it when the text has no end mark. */
const REQUEST_GAP_MS = 40;

export class TcpDaemon extends Daemon {
  readonly #options: TcpDaemonOptions;
  #queue: Promise<void> = Promise.resolve();

  constructor(options: TcpDaemonOptions) {
    super(options);
    this.#options = options;
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.#queue;
  }

  protected createServer(): Server {
    return createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    socket.pause();
    // A client that goes away is no fault of the daemon; "close" follows and ends the turn.
    socket.on("error", () => socket.destroy());
    this.#queue = this.#queue.then(() => this.#serve(socket));
  }

  async #serve(socket: Socket): Promise<void> {
    do {
      const request = await readRequest(socket, this.#options.idle);
      if (request === undefined) break;
      await this.#answer(socket, request);
    } while (this.#options.keepOpen === true && socket.writable && this.fault === undefined);
    // An unread byte would turn the orderly end into a reset.
    socket.resume();
    if (socket.writable) socket.end(() => socket.destroy());
    await closed(socket);
  }

  async #answer(socket: Socket, request: string): Promise<void> {
    const fault = this.fault;
    if (fault === "reset") {
      socket.resetAndDestroy();
      return;
    }
    const reply = fault === "silent" ? undefined : await this.#options.reply(request);
    if (socket.destroyed) return;
    if (fault === "silent") {
      await silence(socket);
    } else if (fault === "lost-after-send") {
      socket.resetAndDestroy();
    } else if (reply !== undefined) {
      const nul = this.#options.nul === false || fault === "without-nul" ? "" : "\0";
      const end = fault === "truncate" || fault === "empty" ? "" : nul;
      await pour(socket, Buffer.from(spoil(reply, fault) + end), fault);
    }
  }
}

/** Up to a NUL, a newline, complete JSON, the client's half-close or a pause; undefined when it left. */
function readRequest(socket: Socket, idle?: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve(undefined);
      return;
    }
    let text = "";
    let gap: NodeJS.Timeout | undefined =
      idle === undefined ? undefined : setTimeout(() => finish(), idle);
    const finish = () => {
      clearTimeout(gap);
      socket.off("data", onData).off("end", finish).off("close", finish);
      socket.pause();
      resolve(text === "" ? undefined : text);
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString("utf8");
      clearTimeout(gap);
      if (/[\0\n]$/.test(text) || isJson(text)) finish();
      else gap = setTimeout(finish, REQUEST_GAP_MS);
    };
    socket.on("data", onData).once("end", finish).once("close", finish);
    socket.resume();
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Until the client gives up. */
function silence(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
}

// Not events.once(): that rejects on "error", which a leaving client causes.
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}
