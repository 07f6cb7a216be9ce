// A TCP link between agent and broker that can be cut or frozen, as networks do.

import { createConnection, createServer, type Server, type Socket } from "node:net";

export class Link {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #frozen = false;
  /** Connections accepted so far. */
  connections = 0;
  port = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async open(target: number): Promise<Link> {
    const link = new Link(target);
    await new Promise<void>((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    const address = link.#server.address();
    if (address !== null && typeof address === "object") link.port = address.port;
    return link;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Both sides see a reset: what a kill -9 of the agent looks like to the broker. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  /** Nothing passes any more and nobody is told, as with a pulled cable. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(near: Socket): void {
    this.connections += 1;
    const far = createConnection({ host: "127.0.0.1", port: this.#target });
    this.#join(near, far);
    this.#join(far, near);
    if (this.#frozen) this.freeze();
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk) => {
      if (!to.write(chunk)) {
        from.pause();
        to.once("drain", () => {
          if (!this.#frozen) from.resume();
        });
      }
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
