// A TCP daemon with the manners of btminer's API 3: requests and replies with their length before them,
// several on one connection, and on demand every way in which that can go wrong.

import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { FrameReader } from "../../drivers/transport/frame-reader.ts";
import { Daemon, type Place } from "./daemon.ts";
import { HUGE_BYTES, pour, type ReplyFault, spoil } from "./reply-fault.ts";

export interface FramedDaemonOptions extends Place {
  /** undefined closes the connection without an answer. */
  readonly reply: (request: string) => string | undefined;
  /** Closes a connection that sends nothing for so many milliseconds of real time; default never. */
  readonly idle?: number;
  /** More at once are closed as they come; real ones take 10. */
  readonly clients?: number;
}

const SPLIT_PAUSE_MS = 20;
const LONGEST_REQUEST = 1024 * 1024;

export class FramedDaemon extends Daemon {
  readonly #options: FramedDaemonOptions;

  constructor(options: FramedDaemonOptions) {
    super(options);
    this.#options = options;
  }

  get open(): number {
    return this.sockets.size;
  }

  /** Drops what is open, as a machine that lost its power does. */
  drop(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  protected createServer(): Server {
    return createServer((socket) => this.#accept(socket));
  }

  #accept(socket: Socket): void {
    if (this.open > (this.#options.clients ?? 10)) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    if (this.#options.idle !== undefined) {
      socket.setTimeout(this.#options.idle, () => socket.end());
    }
    const frames = new FrameReader(LONGEST_REQUEST);
    let turn: Promise<void> = Promise.resolve();
    socket.on("data", (chunk) => {
      frames.add(chunk);
      for (let text = frames.next(); text !== undefined; text = frames.next()) {
        const request = text;
        turn = turn.then(() => this.#answer(socket, request));
      }
    });
    // A client that goes away is no fault of the daemon; "close" follows.
    socket.on("error", () => socket.destroy());
  }

  async #answer(socket: Socket, request: string): Promise<void> {
    const fault = this.fault;
    if (fault === "reset") {
      socket.resetAndDestroy();
      return;
    }
    if (fault === "silent") return;
    const reply = this.#options.reply(request);
    if (fault === "lost-after-send") socket.resetAndDestroy();
    else if (reply === undefined || fault === "empty") socket.end();
    else await deliver(socket, reply, fault);
  }
}

export function framed(text: string): Buffer {
  const body = Buffer.from(text, "utf8");
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

/** `double` gives each of the two its own length, and the length alone tells that a reply is huge. */
const SPOILING: readonly (ReplyFault | undefined)[] = [
  "html",
  "error-text",
  "nan",
  "nan-everywhere",
  "control-characters",
];

async function deliver(
  socket: Socket,
  reply: string,
  fault: ReplyFault | undefined,
): Promise<void> {
  const bytes = framed(SPOILING.includes(fault) ? spoil(reply, fault) : reply);
  switch (fault) {
    case "truncate":
      socket.end(bytes.subarray(0, bytes.length / 2));
      return;
    case "split":
      // Inside of the length.
      socket.write(bytes.subarray(0, 2));
      await pause(SPLIT_PAUSE_MS);
      socket.write(bytes.subarray(2, 90));
      await pause(SPLIT_PAUSE_MS);
      socket.write(bytes.subarray(90));
      return;
    case "drip":
    case "bytewise":
      await pour(socket, bytes, fault);
      return;
    case "double":
      socket.write(Buffer.concat([bytes, bytes]));
      return;
    case "late-frame":
      socket.write(Buffer.concat([framed(""), bytes, framed("")]));
      await pause(SPLIT_PAUSE_MS);
      socket.write(framed('{"code":0,"when":1,"msg":{},"desc":"set.miner.report"}'));
      return;
    case "huge":
      bytes.writeUInt32LE(HUGE_BYTES);
      socket.write(bytes);
      return;
    case "late-half":
      socket.write(bytes);
      await pause(SPLIT_PAUSE_MS);
      socket.write(framed(reply).subarray(0, 6));
      return;
    case "unframed":
      socket.end(reply);
      return;
    default:
      socket.write(bytes);
  }
}
