// One conversation with one stock Antminer: few questions a reading, and a write that keeps the rest of
// the configuration as it is.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import type { LinkOptions } from "./links.ts";
import { Questions } from "./questions.ts";
import { Writer } from "./writer.ts";

export class AntminerSession implements Session {
  readonly #questions: Questions;
  readonly #writer: Writer;

  constructor(options: LinkOptions, writeDeadline: number, ports: Ports) {
    this.#questions = new Questions(options, ports.now);
    this.#writer = new Writer(this.#questions, writeDeadline);
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const telemetry = await this.#questions.read(signal);
    this.#writer.saw(this.#questions.config());
    return telemetry;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    if (!this.#questions.web.configured) {
      throw new DeviceError("UNAUTHORIZED", "username and password of the web pages are not set");
    }
    return await this.#writer.write(settings, signal);
  }

  close(): Promise<void> {
    this.#questions.web.close();
    return Promise.resolve();
  }
}
