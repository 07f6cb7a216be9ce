// What the daemons of all wires share: a port that can be shut and opened again, and a fault to act out.

import { once } from "node:events";
import type { Server, Socket } from "node:net";
import type { ReplyFault } from "./reply-fault.ts";

export interface Place {
  readonly host: string;
  /** 0 finds a free port. */
  readonly port: number;
}

export abstract class Daemon {
  fault: ReplyFault | undefined;
  protected readonly sockets = new Set<Socket>();
  readonly #host: string;
  #port: number;
  #server: Server | undefined;
  #refusing = false;
  #stopped = true;
  #connections = 0;

  constructor(place: Place) {
    this.#host = place.host;
    this.#port = place.port;
  }

  protected abstract createServer(): Server;

  /** Accepted so far. */
  get connections(): number {
    return this.#connections;
  }

  get refusing(): boolean {
    return this.#refusing;
  }

  /** true: drops what is open and refuses connections, like a machine that reboots. */
  set refusing(value: boolean) {
    if (value === this.#refusing) return;
    this.#refusing = value;
    if (this.#stopped) return;
    if (value) this.#close();
    else this.#listen();
  }

  /** Resolves with the port; from then on a connection is served, unless `refusing` was set before. */
  async start(): Promise<number> {
    this.#stopped = false;
    const server = this.#listen();
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    this.#port = address.port;
    if (this.#refusing) this.#close();
    return this.#port;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const server = this.#server;
    const closed = server === undefined ? undefined : once(server, "close");
    this.#close();
    await closed;
  }

  #listen(): Server {
    const server = this.createServer();
    // Before the server's own listener, which may look at `sockets`.
    server.prependListener("connection", (socket: Socket) => {
      this.#connections += 1;
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    server.listen({ host: this.#host, port: this.#port });
    this.#server = server;
    return server;
  }

  #close(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.sockets) socket.destroy();
  }
}
