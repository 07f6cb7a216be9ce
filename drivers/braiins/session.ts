// One conversation with one machine: finds out which protocol it speaks, then speaks it.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import type { Backend } from "./backend.ts";
import { CgminerBackend } from "./cgminer/backend.ts";
import { GraphqlBackend } from "./graphql/backend.ts";
import { GraphqlClient } from "./graphql/client.ts";
import { RestBackend } from "./rest/backend.ts";
import { RestClient } from "./rest/client.ts";
import type { Steering } from "./targets.ts";
import { validate } from "./validate.ts";
import type { LinkOptions } from "./web.ts";

export interface SessionOptions extends LinkOptions {
  readonly api: "auto" | "rest" | "graphql" | "cgminer";
  readonly steering: Steering;
}

/** A machine that was updated meanwhile answers the old questions like this. */
const OTHER_PROTOCOL: ReadonlySet<string> = new Set(["UNSUPPORTED", "HTML_REPLY"]);

export class BraiinsSession implements Session {
  readonly #options: SessionOptions;
  readonly #ports: Ports;
  #backend: Backend | undefined;
  #last: Telemetry | undefined;

  constructor(options: SessionOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const backend = await this.#connected(signal);
    try {
      this.#last = await backend.read(signal);
      return this.#last;
    } catch (error) {
      if (isDeviceError(error) && OTHER_PROTOCOL.has(error.code)) {
        this.#backend = undefined;
        await backend.close();
      }
      throw error;
    }
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const last = this.#last ?? (await this.read(signal));
    validate(settings, last.controls);
    const backend = await this.#connected(signal);
    return backend.write(settings, signal);
  }

  async close(): Promise<void> {
    await this.#backend?.close();
    this.#backend = undefined;
  }

  async #connected(signal: AbortSignal): Promise<Backend> {
    this.#backend ??= await this.#find(signal);
    return this.#backend;
  }

  /** Newest first. Whom the web server does not answer at all is left to 4028. */
  async #find(signal: AbortSignal): Promise<Backend> {
    const { api, steering } = this.#options;
    const now = this.#ports.now;
    if (api === "cgminer") return new CgminerBackend(this.#options, now);
    const rest = new RestClient(this.#options, now);
    if (api === "rest") return new RestBackend(rest, steering, now);
    const graphql = new GraphqlClient(this.#options, now);
    if (api === "graphql") return new GraphqlBackend(graphql, now);
    try {
      if (await rest.answers(signal)) return new RestBackend(rest, steering, now);
      rest.close();
      if (await graphql.answers(signal)) return new GraphqlBackend(graphql, now);
    } catch (error) {
      if (!isDeviceError(error) || error.code !== "UNREACHABLE") throw error;
    }
    await graphql.close(signal);
    return new CgminerBackend(this.#options, now);
  }
}
