// Which API a machine speaks: 3.x when it answers, else 2.x, and what was found is remembered.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { type EpochMs, watts } from "../contract/units.ts";
import { PowerCeiling } from "./power-ceiling.ts";
import { type SessionV2Options, WhatsminerV2Session } from "./session-v2.ts";
import { type SessionV3Options, WhatsminerV3Session } from "./session-v3.ts";

export interface SessionOptions extends SessionV2Options, SessionV3Options {
  readonly powerCeilingWatts?: number | undefined;
}

/** A machine that is there answers in a tenth of it; one that is not costs this once. Milliseconds. */
const PROBE_DEADLINE = 3000;
/** Until it is asked for API 3.x again: a machine that is off, or that has only begun to start. */
const PATIENCE = 30_000;

export class WhatsminerSession implements Session {
  readonly #v2: WhatsminerV2Session;
  readonly #v3: WhatsminerV3Session;
  readonly #ports: Ports;
  readonly #probeDeadline: number;
  #chosen: "v2" | "v3" | undefined;
  #probedAt: EpochMs | undefined;

  constructor(options: SessionOptions, ports: Ports) {
    const { powerCeilingWatts, deadlineSeconds } = options;
    const ceiling = new PowerCeiling(
      powerCeilingWatts === undefined ? undefined : watts(powerCeilingWatts),
    );
    this.#v2 = new WhatsminerV2Session(options, ports, ceiling);
    this.#v3 = new WhatsminerV3Session(options, ports, ceiling);
    this.#ports = ports;
    this.#probeDeadline = Math.min(PROBE_DEADLINE, deadlineSeconds * 1000);
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    if (this.#chosen === undefined && this.#mayProbe()) {
      this.#probedAt = this.#ports.now();
      if (await this.#v3.answers(this.#probeDeadline, signal)) this.#chosen = "v3";
    }
    return this.#chosen === "v3" ? await this.#readV3(signal) : await this.#readV2(signal);
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    return await (this.#chosen === "v3" ? this.#v3 : this.#v2).write(settings, signal);
  }

  async close(): Promise<void> {
    await this.#v2.close();
    await this.#v3.close();
  }

  #mayProbe(): boolean {
    return this.#probedAt === undefined || this.#ports.now() - this.#probedAt >= PATIENCE;
  }

  async #readV3(signal: AbortSignal): Promise<Telemetry> {
    try {
      return await this.#v3.read(signal);
    } catch (error) {
      // It restarts, or somebody put other firmware on it: the next reading looks again.
      if (isDeviceError(error) && error.code === "UNREACHABLE") {
        this.#chosen = undefined;
        this.#probedAt = undefined;
      }
      throw error;
    }
  }

  async #readV2(signal: AbortSignal): Promise<Telemetry> {
    const telemetry = await this.#v2.read(signal);
    // Firmware that names API 3.x has it; its port only comes later than the other.
    const later = telemetry.identity.apiVersion?.startsWith("3.") === true;
    this.#chosen = later ? undefined : "v2";
    return telemetry;
  }
}
