// One conversation with one FluxOS machine: two or three questions to 4028 a reading, the rest over one
// connection to 8080.

import type * as z from "zod";
import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { Answer, askAll } from "../transport/answer.ts";
import { type ApiAddress, askCgminer, PoolsReply, SummaryReply } from "../transport/cgminer.ts";
import { perform, validate } from "../transport/order.ts";
import type { Answers } from "./answers.ts";
import { sleepOf } from "./controls.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { Web } from "./web.ts";
import {
  CountReply,
  DetailsReply,
  DevsReply,
  FanReply,
  FrequencyReply,
  IpReportReply,
  LedReply,
  ModeReply,
  PsuReply,
  TemperatureReply,
  VersionReply,
  VoltageReply,
  type WebCommand,
} from "./wire.ts";

export interface FluxOptions extends ApiAddress {
  readonly httpPort: number;
  readonly username: string;
  readonly password: string | undefined;
}

const LIVE = 0;
const HALF_MINUTE = 30_000;
/** What people and pools change. */
const MINUTE = 60_000;
const IDENTITY_PERIOD = 15 * MINUTE;

export class FluxSession implements Session {
  readonly #address: ApiAddress;
  readonly #now: Ports["now"];
  readonly #web: Web | undefined;
  readonly #api;
  readonly #pages;
  #last: Telemetry | undefined;

  constructor(options: FluxOptions, { now }: Ports) {
    const { host, port, deadline, password } = options;
    this.#address = { host, port, deadline };
    this.#now = now;
    this.#web = password === undefined ? undefined : new Web({ ...options, password }, now);
    this.#api = {
      summary: this.#command("summary", SummaryReply, LIVE, (reply) => reply.SUMMARY[0]),
      devs: this.#command("devs", DevsReply, LIVE, (reply) => reply.DEVS),
      pools: this.#command("pools", PoolsReply, MINUTE, (reply) => reply.POOLS),
      version: this.#command("version", VersionReply, IDENTITY_PERIOD, (reply) => reply.VERSION[0]),
      count: this.#command("asccount", CountReply, MINUTE, (reply) => reply.ASCCount[0]),
      model: this.#command("devdetails", DetailsReply, IDENTITY_PERIOD, ({ DEVDETAILS: [row] }) =>
        typeof row?.Model === "string" ? row.Model : undefined,
      ),
    };
    this.#pages = {
      mode: this.#page("mode", ModeReply, LIVE, (reply) => reply.Mode[0]),
      psu: this.#page("psu", PsuReply, LIVE, (reply) => reply.PSU[0]),
      temperature: this.#page("temperature", TemperatureReply, LIVE, (reply) => reply.Temperature),
      fan: this.#page("fan", FanReply, LIVE, (reply) => reply.Fan),
      led: this.#page("led", LedReply, MINUTE, (reply) => reply.LED[0]),
      voltage: this.#page("voltage", VoltageReply, HALF_MINUTE, (reply) => reply.Voltage),
      frequency: this.#page("frequency", FrequencyReply, HALF_MINUTE, (reply) => reply.Frequency),
      report: this.#page("ipreport", IpReportReply, IDENTITY_PERIOD, (reply) => reply.IPReport[0]),
    };
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const problems = await this.#ask(signal);
    this.#last = { ...decode(this.#answers(), this.#now()), problems };
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const web = this.#web;
    if (web === undefined) throw new DeviceError("UNAUTHORIZED", "no password is configured");
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls);
    try {
      return await perform(encode(settings), (order) => web.order(order, signal));
    } finally {
      this.#pages.led.expire();
      this.#api.pools.expire();
    }
  }

  close(): Promise<void> {
    this.#web?.close();
    return Promise.resolve();
  }

  /** GCMiner may be stopped while the machine sleeps: then `mode` is the answer that matters. */
  async #ask(signal: AbortSignal): Promise<readonly ReadProblem[]> {
    const { summary, ...api } = this.#api;
    if (this.#web === undefined) {
      return (await askAll(summary, Object.values(api), signal)).problems;
    }
    const { mode, ...pages } = this.#pages;
    const sides = [...Object.values(pages), summary, ...Object.values(api)];
    const { main, problems } = await askAll(mode, sides, signal);
    const asleep = sleepOf(main.value) === true;
    if (summary.held === undefined && summary.failure !== undefined && !asleep) {
      throw summary.failure;
    }
    return problems;
  }

  #answers(): Answers {
    const { summary, devs, pools, version, count, model } = this.#api;
    const { mode, psu, temperature, fan, led, voltage, frequency, report } = this.#pages;
    return {
      summary: summary.held,
      devs: devs.held,
      pools: pools.held,
      version: version.held,
      count: count.held,
      model: model.held,
      mode: mode.held,
      psu: psu.held,
      temperature: temperature.held,
      fan: fan.held,
      led: led.held,
      voltage: voltage.held,
      frequency: frequency.held,
      report: report.held,
    };
  }

  #command<Shape extends z.ZodType, Value>(
    command: string,
    shape: Shape,
    every: number,
    pick: (reply: z.output<Shape>) => Value,
  ): Answer<Value> {
    const ask = async (signal: AbortSignal) =>
      pick(await askCgminer(this.#address, { command }, shape, signal));
    return new Answer({ source: command, every, ask }, this.#now);
  }

  #page<Shape extends z.ZodType, Value>(
    command: WebCommand,
    shape: Shape,
    every: number,
    pick: (reply: z.output<Shape>) => Value,
  ): Answer<Value> {
    const ask = async (signal: AbortSignal) => {
      if (this.#web === undefined) throw new DeviceError("UNAUTHORIZED", "no password");
      return pick(await this.#web.ask(command, shape, signal));
    };
    return new Answer({ source: command, every, ask }, this.#now);
  }
}
