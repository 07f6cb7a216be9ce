// One conversation with one btminer of API 1.x or 2.x; 3.x firmware is read through its 2.x answers.

import type { Controls, KnobName, Setting } from "../contract/controls.ts";
import { toNumber } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { watts } from "../contract/units.ts";
import { validate } from "../transport/order.ts";
import { type Answers, identitySources, type Known } from "./answers.ts";
import { ApiV2 } from "./api-v2.ts";
import { offerControls } from "./controls.ts";
import { type Decoded, decode, decodeActivity } from "./decode.ts";
import { modelOf } from "./decode-identity.ts";
import { encode, inWritingOrder } from "./encode.ts";
import { MainQuestion } from "./main-answer.ts";
import type { PowerCeiling } from "./power-ceiling.ts";
import { parsed, recordsOf } from "./reply.ts";
import { joinReceipts, problemOf } from "./session-parts.ts";
import { COMMANDS, type SideQuestion, SideQuestions } from "./side-questions.ts";
import { DeviceDetails, ErrorCodes, MinerInfo, Psu, Status, Version } from "./wire.ts";

export interface SessionV2Options {
  readonly host: string;
  readonly port: number;
  readonly deadlineSeconds: number;
  readonly password?: string | undefined;
}

const INFO_FIELDS =
  "ip,proto,netmask,gateway,dns,hostname,mac,ledstat,minersn,powersn,upfreq_speed";

const SIDE_QUESTIONS = ["version", "details", "status", "info", "psu", "errors"] as const;

export class WhatsminerV2Session implements Session {
  readonly #api: ApiV2;
  readonly #main: MainQuestion;
  readonly #ports: Ports;
  readonly #sides = new SideQuestions();
  readonly #answers: Answers = {};
  readonly #unsupported = new Set<KnobName>();
  readonly #ceiling: PowerCeiling;
  readonly #writable: boolean;
  /** As of the last reading. */
  #controls: Controls = {};

  constructor(options: SessionV2Options, ports: Ports, ceiling: PowerCeiling) {
    const { host, port, password } = options;
    this.#api = new ApiV2(
      { host, port, password, deadline: options.deadlineSeconds * 1000 },
      ports.now,
    );
    this.#main = new MainQuestion(this.#api);
    this.#ports = ports;
    this.#writable = password !== undefined;
    this.#ceiling = ceiling;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const problems = [...(await this.#readMain(signal))];
    problems.push(...(await this.#readSides(signal)));
    const at = this.#ports.now();
    const decoded = decode(this.#answers, at);
    this.#controls = this.#offer(decoded);
    return { ...decoded, controls: this.#controls, problems };
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const controls = this.#controls;
    validate(settings, controls, { onStep: true });
    const receipts: Receipt[] = [];
    try {
      for (const setting of inWritingOrder(settings, controls)) {
        receipts.push(await this.#send(setting, signal));
      }
    } finally {
      this.#sides.watch(this.#ports.now(), "status", "info", "pools", "boards");
    }
    return joinReceipts(receipts);
  }

  // The contract's session ends asynchronously; nothing here does.
  close(): Promise<void> {
    this.#api.close();
    return Promise.resolve();
  }

  async #send(setting: Setting, signal: AbortSignal): Promise<Receipt> {
    const { command, parameters } = encode(setting);
    try {
      return await this.#api.order(command, parameters, signal);
    } catch (error) {
      if (isDeviceError(error) && error.code === "UNSUPPORTED") this.#unsupported.add(setting.knob);
      const rejected = isDeviceError(error) && error.code === "REJECTED";
      if (rejected && setting.knob === "powerLimit") this.#ceiling.refused(setting.value);
      throw error;
    }
  }

  async #readMain(signal: AbortSignal): Promise<readonly ReadProblem[]> {
    try {
      const { summary, boards, pools, problems } = await this.#main.ask(signal);
      this.#noteRestart(summary);
      this.#answers.summary = summary;
      if (boards !== undefined) this.#answers.boards = boards;
      if (pools !== undefined) this.#answers.pools = pools;
      const limit = toNumber(summary.value["Power Limit"]);
      if (limit) this.#ceiling.saw(watts(limit));
      return problems;
    } catch (error) {
      if (!isDeviceError(error) || !(await this.#isOff(error, signal))) throw error;
      // A stopped mining program has no summary; an old one would look like a running machine.
      this.#answers.summary = undefined;
      this.#answers.boards = undefined;
      return [problemOf(error, "summary")];
    }
  }

  /** A daemon that answers but has no summary: `status` tells whether somebody switched mining off. */
  async #isOff(error: DeviceError, signal: AbortSignal): Promise<boolean> {
    if (!["UNSUPPORTED", "REJECTED", "UNEXPECTED_SHAPE"].includes(error.code)) return false;
    try {
      await this.#ask("status", signal);
    } catch (second) {
      if (!isDeviceError(second)) throw second;
      // The first error is the one that matters to the reader.
      return false;
    }
    const activity = decodeActivity({ status: this.#answers.status })?.value;
    return activity === "sleeping" || activity === "stopped";
  }

  /** The program started again: it may be another version, with other settings and faults. */
  #noteRestart(summary: NonNullable<Answers["summary"]>): void {
    const before = toNumber(this.#answers.summary?.value.Elapsed);
    const after = toNumber(summary.value.Elapsed);
    if (before === undefined || after === undefined || after >= before) return;
    this.#sides.renew("version", "details", "status", "errors");
  }

  async #readSides(signal: AbortSignal): Promise<readonly ReadProblem[]> {
    const idle = decodeActivity(this.#answers)?.value !== "hashing";
    const among: readonly SideQuestion[] = this.#main.joins
      ? SIDE_QUESTIONS
      : ["boards", "pools", ...SIDE_QUESTIONS];
    const problems: ReadProblem[] = [];
    for (const question of this.#sides.due(among, idle, this.#ports.now())) {
      try {
        await this.#ask(question, signal);
      } catch (error) {
        if (!isDeviceError(error) || error.code === "ABORTED") throw error;
        // Firmware differs in what it knows; what it does not know is not worth a warning.
        if (error.code === "UNSUPPORTED") this.#sides.drop(question);
        else problems.push(problemOf(error, COMMANDS[question]));
        // It hangs or is gone: the other questions would only wait for their deadlines too.
        if (error.code === "NO_REPLY" || error.code === "UNREACHABLE") break;
      }
    }
    return problems;
  }

  async #ask(question: SideQuestion, signal: AbortSignal): Promise<void> {
    const answers = this.#answers;
    const now = this.#ports.now();
    this.#sides.asked(question, now);
    switch (question) {
      case "boards":
        answers.boards = await this.#main.askBoards(signal);
        return;
      case "pools":
        answers.pools = await this.#main.askPools(signal);
        return;
      case "version":
        answers.version = await this.#askMessage(COMMANDS.version, Version, signal);
        return;
      case "details":
        answers.details = await this.#askDetails(signal);
        return;
      case "psu":
        answers.psu = await this.#askMessage(COMMANDS.psu, Psu, signal);
        return;
      case "info":
        answers.info = await this.#askMessage(COMMANDS.info, MinerInfo, signal, {
          info: INFO_FIELDS,
        });
        return;
      case "status":
        answers.status = await this.#askMessage(COMMANDS.status, Status, signal);
        return;
      case "errors":
        answers.errors = await this.#askMessage(COMMANDS.errors, ErrorCodes, signal);
        return;
    }
  }

  async #askMessage<Value>(
    command: string,
    shape: Shape<Value>,
    signal: AbortSignal,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Known<Value>> {
    const { envelope, at } = await this.#api.ask(command, signal, parameters);
    const message = shape.safeParse(envelope.Msg);
    if (message.data !== undefined) return { value: message.data, at, source: command };
    throw new DeviceError("UNEXPECTED_SHAPE", `${command}: an object Msg was expected`);
  }

  async #askDetails(signal: AbortSignal): Promise<Known<readonly DeviceDetails[]>> {
    const { envelope, at } = await this.#api.ask("devdetails", signal);
    const value = parsed(recordsOf(envelope, "devdetails") ?? [], DeviceDetails);
    return { value, at, source: "devdetails" };
  }

  #offer({ identity, activity, setpoint }: Decoded): Controls {
    const model = modelOf(identitySources(this.#answers));
    const context = {
      writable: this.#writable,
      apiVersion: identity.apiVersion,
      model,
      activity: activity?.value,
      unsupported: this.#unsupported,
      ceiling: this.#ceiling.for(model, identity.psu),
    };
    return offerControls(context, setpoint);
  }
}

interface Shape<Value> {
  safeParse(value: unknown): { readonly data?: Value | undefined };
}
