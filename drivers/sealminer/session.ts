// One conversation with one SealMiner.

import * as z from "zod";
import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { Answer, askAll } from "../transport/answer.ts";
import {
  type ApiAddress,
  askCgminer,
  messageOf,
  PoolsReply,
  SummaryReply,
} from "../transport/cgminer.ts";
import type { HttpClient } from "../transport/http.ts";
import { askJson, KeyedClient, mustBeOk } from "../transport/json-http.ts";
import { perform, validate } from "../transport/order.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { type Order, PAGES, StatsReply, SystemInfo, VersionReply } from "./wire.ts";

export interface SealminerOptions extends ApiAddress {
  readonly httpPort: number;
  readonly username: string;
  readonly password: string | undefined;
}

const LIVE = 0;
const MINUTE = 60_000;
const IDENTITY_PERIOD = 15 * MINUTE;
/** Any answer that is JSON. */
const Anything = z.unknown();

export class SealminerSession implements Session {
  readonly #address: ApiAddress;
  readonly #now: Ports["now"];
  readonly #web: KeyedClient | undefined;
  readonly #stats;
  readonly #summary;
  readonly #pools;
  readonly #version;
  readonly #system;
  #last: Telemetry | undefined;

  constructor(options: SealminerOptions, { now }: Ports) {
    const { host, port, httpPort, deadline, username, password } = options;
    const address = { host, port, deadline };
    this.#address = address;
    this.#now = now;
    const login = (client: HttpClient, signal: AbortSignal | undefined) =>
      logIn(client, username, password ?? "", signal);
    this.#web =
      password === undefined
        ? undefined
        : new KeyedClient({ host, port: httpPort, deadline, login }, now);
    const command = <Shape extends z.ZodType, Value>(
      name: string,
      shape: Shape,
      every: number,
      pick: (reply: z.output<Shape>) => Value,
    ) => {
      const ask = async (signal: AbortSignal) =>
        pick(await askCgminer(address, { command: name }, shape, signal));
      return new Answer({ source: name, every, ask }, now);
    };
    this.#stats = command("stats", StatsReply, LIVE, (reply) => reply.STATS[0]);
    this.#summary = command("summary", SummaryReply, LIVE, (reply) => reply.SUMMARY[0]);
    this.#pools = command("pools", PoolsReply, MINUTE, (reply) => reply.POOLS);
    this.#version = command("version", VersionReply, IDENTITY_PERIOD, (reply) => reply.VERSION[0]);
    this.#system = new Answer(
      {
        source: PAGES.system,
        every: IDENTITY_PERIOD,
        ask: (signal: AbortSignal) =>
          askJson(this.#pages(), { path: PAGES.system, signal }, SystemInfo),
      },
      now,
    );
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const sides = [this.#summary, this.#pools, this.#version];
    const pages = this.#web === undefined ? [] : [this.#system];
    const { main, problems } = await askAll(this.#stats, [...sides, ...pages], signal);
    const answers = {
      stats: main,
      summary: this.#summary.held,
      pools: this.#pools.held,
      version: this.#version.held,
      system: this.#system.held,
      mayReboot: this.#system.held !== undefined,
    };
    this.#last = { ...decode(answers, this.#now()), problems };
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls);
    return await perform(encode(settings), (order) => this.#send(order, signal));
  }

  close(): Promise<void> {
    this.#web?.close();
    return Promise.resolve();
  }

  async #send(order: Order, signal: AbortSignal): Promise<string> {
    if (order.kind === "reboot") {
      mustBeOk(await this.#pages().request({ path: PAGES.reboot, signal }), PAGES.reboot);
      return "reboot: accepted";
    }
    const request = { command: "ascset", parameter: order.parameter };
    return `ascset: ${messageOf(await askCgminer(this.#address, request, Anything, signal))}`;
  }

  #pages(): KeyedClient {
    if (this.#web === undefined) throw new DeviceError("UNAUTHORIZED", "no password is configured");
    return this.#web;
  }
}

async function logIn(
  client: HttpClient,
  username: string,
  password: string,
  signal: AbortSignal | undefined,
) {
  const answer = await client.request({
    method: "POST",
    path: PAGES.login,
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "x-requested-with": "XMLHttpRequest",
    },
    body: new URLSearchParams({ username, origin_pwd: password }).toString(),
    ...(signal === undefined ? {} : { signal }),
  });
  mustBeOk(answer, PAGES.login);
  const cookie = answer.headers["set-cookie"]?.split(";")[0];
  if (cookie === undefined) {
    throw new DeviceError("UNAUTHORIZED", `${PAGES.login}: no session was opened`);
  }
  return { cookie };
}
