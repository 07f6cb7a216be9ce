// One conversation with one btminer of API 3.x. All its questions go over one connection, so each reading
// asks everything: no answer is older than the reading.

import type { Controls, KnobName, Setting } from "../contract/controls.ts";
import { toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { watts } from "../contract/units.ts";
import { validate } from "../transport/order.ts";
import type { Known } from "./answers.ts";
import { ApiV3 } from "./api-v3.ts";
import { Compat } from "./compat.ts";
import { offerControlsV3 } from "./controls-v3.ts";
import type { Decoded } from "./decode.ts";
import { type AnswersV3, decodeV3, modelOfV3 } from "./decode-v3.ts";
import { inWritingOrder } from "./encode.ts";
import { encodeV3 } from "./encode-v3.ts";
import type { PowerCeiling } from "./power-ceiling.ts";
import { SWITCH_ON } from "./reply.ts";
import { joinReceipts, problemOf } from "./session-parts.ts";
import { DeviceInfo, FanSetting, MinerSetting, Status } from "./wire-v3.ts";

export interface SessionV3Options {
  readonly host: string;
  /** Of API 2.x, for what only that tells. */
  readonly port: number;
  readonly apiPort3: number;
  readonly deadlineSeconds: number;
  readonly username: string;
  readonly password?: string | undefined;
}

const STATUS_SECTIONS = "summary+pools+edevs";

export class WhatsminerV3Session implements Session {
  readonly #api: ApiV3;
  readonly #compat: Compat;
  readonly #ports: Ports;
  readonly #writable: boolean;
  readonly #ceiling: PowerCeiling;
  readonly #unsupported = new Set<KnobName>();
  /** Questions that this firmware does not know. */
  readonly #unknown = new Set<string>();
  /** From the probe, for the reading that follows it at once. */
  #greeting: Known<DeviceInfo> | undefined;
  #switchedOff = false;
  /** As of the last reading. */
  #controls: Controls = {};

  constructor(options: SessionV3Options, ports: Ports, ceiling: PowerCeiling) {
    const { host, apiPort3: port, username: account, password } = options;
    this.#api = new ApiV3(
      { host, port, account, password, deadline: options.deadlineSeconds * 1000 },
      ports.now,
    );
    this.#compat = new Compat(options, ports.now);
    this.#ports = ports;
    this.#writable = password !== undefined;
    this.#ceiling = ceiling;
  }

  /** Whether API 3.x answers here. `deadline`: milliseconds. Throws ABORTED only. */
  async answers(deadline: number, signal: AbortSignal): Promise<boolean> {
    try {
      const info = await this.#askInfo(signal, deadline);
      const speaks = toText(info.value.system?.api)?.startsWith("3.") === true;
      this.#greeting = speaks ? info : undefined;
      if (!speaks) this.#api.close();
      return speaks;
    } catch (error) {
      if (!isDeviceError(error) || error.code === "ABORTED") throw error;
      // Nobody there, or somebody else: both are a no.
      this.#api.close();
      return false;
    }
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const greeting = this.#greeting;
    this.#greeting = undefined;
    const info = greeting ?? (await this.#askInfo(signal));
    const problems: ReadProblem[] = [];
    const status = await this.#askStatus(info, problems, signal);
    const setting = await this.#askSide("get.miner.setting", MinerSetting, problems, signal);
    const fan = await this.#askSide("get.fan.setting", FanSetting, problems, signal);
    const limit =
      toNumber(setting?.value["power-limit"]) ?? toNumber(status?.value.summary?.["power-limit"]);
    if (limit) this.#ceiling.saw(watts(limit));
    this.#switchedOff = toBoolean(info.value.system?.apiswitch) === false;
    const compat = status === undefined ? undefined : await this.#compat.summary(problems, signal);
    const answers: AnswersV3 = { info, status, setting, fan, compat };
    const decoded = decodeV3(answers, this.#ports.now());
    this.#controls = this.#offer(info.value, decoded);
    return { ...decoded, controls: this.#controls, problems };
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const controls = this.#controls;
    validate(settings, controls, { onStep: true });
    if (this.#switchedOff) {
      throw new DeviceError(
        "WRITE_DISABLED",
        `get.device.info: apiswitch is off, nothing was sent; ${SWITCH_ON}`,
      );
    }
    const receipts: Receipt[] = [];
    for (const setting of inWritingOrder(settings, controls)) {
      receipts.push(await this.#send(setting, signal));
    }
    return joinReceipts(receipts);
  }

  // The contract's session ends asynchronously; nothing here does.
  close(): Promise<void> {
    this.#api.close();
    return Promise.resolve();
  }

  async #send(setting: Setting, signal: AbortSignal): Promise<Receipt> {
    try {
      return await this.#api.order(encodeV3(setting), signal);
    } catch (error) {
      if (isDeviceError(error) && error.code === "UNSUPPORTED") this.#unsupported.add(setting.knob);
      const rejected = isDeviceError(error) && error.code === "REJECTED";
      if (rejected && setting.knob === "powerLimit") this.#ceiling.refused(setting.value);
      throw error;
    }
  }

  async #askInfo(signal: AbortSignal, deadline?: number): Promise<Known<DeviceInfo>> {
    const source = "get.device.info";
    const { message, at } = await this.#api.ask(source, signal, undefined, deadline);
    return { value: contentOf(message, DeviceInfo, source), at, source };
  }

  /** Throws when there is none, unless the mining program is stopped: then nobody can tell it. */
  async #askStatus(
    info: Known<DeviceInfo>,
    problems: ReadProblem[],
    signal: AbortSignal,
  ): Promise<Known<Status> | undefined> {
    const source = "get.miner.status";
    try {
      const { message, at } = await this.#api.ask(source, signal, STATUS_SECTIONS);
      const value = contentOf(message, Status, source);
      if (value.summary === undefined) {
        throw new DeviceError("UNEXPECTED_SHAPE", `${source}: a section summary was expected`);
      }
      return { value, at, source };
    } catch (error) {
      const stopped = toBoolean(info.value.miner?.working) === false;
      if (!stopped || !isDeviceError(error)) throw error;
      if (error.code === "UNEXPECTED_SHAPE") problems.push(problemOf(error, source));
      // A no is to be expected of a stopped program; anything else is a failure.
      else if (error.code !== "REJECTED" && error.code !== "UNSUPPORTED") throw error;
      return undefined;
    }
  }

  async #askSide<Value>(
    source: string,
    shape: Shape<Value>,
    problems: ReadProblem[],
    signal: AbortSignal,
  ): Promise<Known<Value> | undefined> {
    if (this.#unknown.has(source) || problems.some(({ code }) => code === "NO_REPLY")) {
      return undefined;
    }
    try {
      const { message, at } = await this.#api.ask(source, signal);
      return { value: contentOf(message, shape, source), at, source };
    } catch (error) {
      if (!isDeviceError(error) || error.code === "ABORTED") throw error;
      // Firmware differs in what it knows; what it does not know is not worth a warning.
      if (error.code === "UNSUPPORTED") this.#unknown.add(source);
      else problems.push(problemOf(error, source));
      return undefined;
    }
  }

  #offer(info: DeviceInfo, { identity, activity, setpoint }: Decoded): Controls {
    const model = modelOfV3(info);
    const context = {
      writable: this.#writable,
      model,
      activity: activity?.value,
      unsupported: this.#unsupported,
      ceiling: this.#ceiling.for(model, identity.psu),
    };
    return offerControlsV3(context, setpoint);
  }
}

interface Shape<Value> {
  safeParse(value: unknown): { readonly data?: Value | undefined };
}

function contentOf<Value>(message: unknown, shape: Shape<Value>, source: string): Value {
  const content = shape.safeParse(message).data;
  if (content !== undefined) return content;
  throw new DeviceError("UNEXPECTED_SHAPE", `${source}: an object msg was expected`);
}
