// One conversation with one board.

import { setTimeout as sleep } from "node:timers/promises";
import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import { BitaxeClient, type Done } from "./client.ts";
import { decode } from "./decode.ts";
import { encode, type Step, validate } from "./encode.ts";
import { chipCount, firmwareOf } from "./firmware.ts";
import { AsicFacts, Info, PATHS } from "./wire.ts";

/** The chip count changes with a screwdriver only; the rest of the side answer is not used. */
const ASIC_PERIOD = 6 * 60 * 60_000;
/** After a failure, because a server that hangs is kept hanging by those who ask again and again. */
const ASIC_RETRY = 15 * 60_000;

export interface BitaxeOptions {
  readonly host: string;
  readonly httpPort: number;
  /** For one request, milliseconds. */
  readonly deadline: number;
  /** Waits for a ramp of frequencies, milliseconds. */
  readonly pause?: (duration: number, signal: AbortSignal) => Promise<void>;
}

export class BitaxeSession implements Session {
  readonly #client: BitaxeClient;
  readonly #now: Ports["now"];
  readonly #pause: NonNullable<BitaxeOptions["pause"]>;
  #asic: AsicFacts | undefined;
  #asicDueAt: number = Number.NEGATIVE_INFINITY;
  #info: Info | undefined;
  #last: Telemetry | undefined;

  constructor(options: BitaxeOptions, ports: Ports) {
    const { host, httpPort, deadline, pause } = options;
    this.#client = new BitaxeClient({ host, port: httpPort, deadline });
    this.#now = ports.now;
    this.#pause = pause ?? ((duration, signal) => sleep(duration, undefined, { signal }));
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    try {
      return await this.#read(signal);
    } finally {
      this.#client.release();
    }
  }

  async #read(signal: AbortSignal): Promise<Telemetry> {
    const info = await this.#client.get(Info, PATHS.info, signal);
    if (info.ASICModel === undefined && info.frequency === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", `${PATHS.info}: neither ASICModel nor frequency`);
    }
    const at = this.#now();
    const problems = await this.#askAsic(info, at, signal);
    const asic = this.#asic === undefined ? {} : { asic: this.#asic };
    this.#info = info;
    this.#last = decode({ info, at, ...asic }, this.#now(), problems);
    return this.#last;
  }

  async #askAsic(info: Info, now: EpochMs, signal: AbortSignal): Promise<ReadProblem[]> {
    if (chipCount(info, undefined) !== undefined || now < this.#asicDueAt) return [];
    this.#asicDueAt = now + ASIC_RETRY;
    try {
      this.#asic = await this.#client.get(AsicFacts, PATHS.asic, signal);
      this.#asicDueAt = now + ASIC_PERIOD;
      return [];
    } catch (error) {
      if (!isDeviceError(error) || error.code === "ABORTED") throw error;
      // Builds before v2.7.0 answer with 404 or with their page: nothing is missing there.
      if (error.code === "UNSUPPORTED" || error.code === "HTML_REPLY") return [];
      return [{ code: error.code, source: PATHS.asic, message: error.message }];
    }
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const last = this.#last ?? (await this.read(signal));
    if (this.#info === undefined) throw new Error("a reading without its answer");
    validate(settings, last.controls);
    const steps = encode(settings, firmwareOf(this.#info), last.setpoint);
    try {
      return await this.#perform(steps, signal);
    } finally {
      this.#client.release();
    }
  }

  async #perform(steps: readonly Step[], signal: AbortSignal): Promise<Receipt> {
    let done: Done = { answer: "accepted", detail: "nothing to change" };
    for (const step of steps) {
      done = await this.#client.perform(step, signal);
      // What follows may need what was not confirmed: lower volts for a frequency that is still high.
      if (done.answer === "silent") return done;
      const wait = step.kind === "patch" ? (step.wait ?? 0) : 0;
      if (wait > 0) await this.#ramp(wait, signal);
    }
    return done;
  }

  async #ramp(duration: number, signal: AbortSignal): Promise<void> {
    // The server's few sockets are for others meanwhile.
    this.#client.release();
    try {
      await this.#pause(duration, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new DeviceError("ABORTED", "stopped between two settings; the first one acts");
    }
  }

  close(): Promise<void> {
    this.#client.release();
    return Promise.resolve();
  }
}
