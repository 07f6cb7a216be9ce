// One conversation with one Innosilicon machine.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { filledPool, perform, validate } from "../transport/order.ts";
import { Client, type ClientOptions } from "./client.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { type ApiOptions, Questions } from "./questions.ts";

export interface SessionOptions extends ClientOptions, ApiOptions {
  readonly overclock: boolean;
}

export class InnosiliconSession implements Session {
  readonly #client: Client;
  readonly #questions: Questions;
  readonly #overclock: boolean;
  readonly #now: Ports["now"];
  #last: Telemetry | undefined;

  constructor(options: SessionOptions, ports: Ports) {
    this.#now = ports.now;
    this.#overclock = options.overclock;
    this.#client = new Client(options, ports.now);
    this.#questions = new Questions(this.#client, options, ports.now);
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const answers = await this.#questions.read(signal);
    this.#last = decode(answers, this.#overclock, this.#questions.problems(), this.#now());
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    // The firmware drops a pool that lacks one of the three, without a word.
    validate(settings, controls, { pool: filledPool("url", "user", "password") });
    try {
      return await perform(encode(settings), ({ name, form }) =>
        this.#client.order(name, form, signal),
      );
    } finally {
      this.#questions.expire();
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}
