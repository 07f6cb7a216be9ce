// What is known about the ports of one address, so that none is knocked at in vain a second time.

import { isDeviceError } from "../contract/errors.ts";

type Door = "api" | "web" | "framed";

/** A port together with what is spoken there: some API ports speak HTTP. */
export type Way = "api" | "api http" | "web" | "framed";

const DOOR: { readonly [Name in Way]: Door } = {
  api: "api",
  "api http": "api",
  web: "web",
  framed: "framed",
};

export class Doors {
  readonly #closed = new Set<Door>();
  readonly #mute = new Set<Way>();
  #alive = false;
  #silent = false;

  /** At least one attempt to connect, or one question, got nothing at all in its time. */
  get silent(): boolean {
    return this.#silent;
  }

  /** No answer is an answer here: undefined. A bug is not. */
  async knock<Answer>(way: Way, ask: () => Promise<Answer>): Promise<Answer | undefined> {
    if (this.#closed.has(DOOR[way]) || this.#mute.has(way)) return undefined;
    // At an address where nobody is, every further port is one more wait.
    if (way === "framed" && !(this.#alive && this.#closed.has("api"))) return undefined;
    try {
      const answer = await ask();
      this.#alive = true;
      return answer;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      if (error.code === "UNREACHABLE") this.#noteClosed(DOOR[way], error.cause);
      else this.#noteOpen(way, error.code);
      return undefined;
    }
  }

  #noteClosed(door: Door, cause: unknown): void {
    this.#closed.add(door);
    // Not for EHOSTUNREACH: that the router says, or a firewall for this one port.
    const refused = cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
    if (refused) this.#alive = true;
    else this.#silent = true;
  }

  #noteOpen(way: Way, code: string): void {
    if (code === "ABORTED") return;
    this.#alive = true;
    // Who let the time of one question pass is not made to wait for the next.
    if (code !== "NO_REPLY") return;
    this.#mute.add(way);
    this.#silent = true;
  }
}
