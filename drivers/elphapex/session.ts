// One conversation with one Elphapex machine: pages, one after another, over one connection.

import type * as z from "zod";
import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { Answer, askAll } from "../transport/answer.ts";
import { type HttpClient, httpClient } from "../transport/http.ts";
import { askJson, mustBeOk, type PageOptions, parsedOrNone } from "../transport/json-http.ts";
import { perform, validate } from "../transport/order.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import {
  BlinkStatus,
  ConfReply,
  PAGES,
  PoolsReply,
  PowerReply,
  StatsReply,
  SummaryReply,
  SystemInfo,
} from "./wire.ts";

const LIVE = 0;
/** Each page starts a program on a slow board. */
const MINUTE = 60_000;
const IDENTITY_PERIOD = 15 * MINUTE;

export class ElphapexSession implements Session {
  readonly #client: HttpClient;
  readonly #now: Ports["now"];
  readonly #stats;
  readonly #power;
  readonly #summary;
  readonly #pools;
  readonly #conf;
  readonly #system;
  readonly #blink;
  #last: Telemetry | undefined;

  constructor(options: PageOptions, { now }: Ports) {
    const { host, httpPort, deadline, username, password } = options;
    const account = password === undefined ? {} : { credentials: { username, password } };
    this.#client = httpClient({ host, port: httpPort, deadline, ...account });
    this.#now = now;
    this.#stats = this.#page(PAGES.stats, StatsReply, LIVE, (reply) => reply);
    this.#power = this.#page(PAGES.power, PowerReply, LIVE, (reply) => reply);
    this.#conf = this.#page(PAGES.conf, ConfReply, MINUTE, (reply) => reply);
    this.#summary = this.#page(PAGES.summary, SummaryReply, MINUTE, (reply) => reply.SUMMARY[0]);
    this.#pools = this.#page(PAGES.pools, PoolsReply, MINUTE, (reply) => reply.POOLS);
    this.#blink = this.#page(PAGES.blinkStatus, BlinkStatus, MINUTE, (reply) => reply);
    this.#system = this.#page(PAGES.system, SystemInfo, IDENTITY_PERIOD, (reply) => reply);
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const sides = [this.#power, this.#system, this.#conf, this.#summary, this.#pools, this.#blink];
    const { main, problems } = await askAll(this.#stats, sides, signal);
    const answers = {
      stats: main,
      power: this.#power.held,
      summary: this.#summary.held,
      pools: this.#pools.held,
      conf: this.#conf.held,
      system: this.#system.held,
      blink: this.#blink.held,
    };
    this.#last = { ...decode(answers, this.#now()), problems };
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls);
    try {
      return await perform(encode(settings), async ({ request, judge }) => {
        const answer = await this.#client.request({ ...request, signal });
        mustBeOk(answer, request.path);
        return judge(parsedOrNone(answer.body));
      });
    } finally {
      this.#blink.expire();
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #page<Shape extends z.ZodType, Value>(
    path: string,
    shape: Shape,
    every: number,
    pick: (reply: z.output<Shape>) => Value,
  ): Answer<Value> {
    const ask = async (signal: AbortSignal) =>
      pick(await askJson(this.#client, { path, signal }, shape));
    return new Answer({ source: path.replace("/cgi-bin/", ""), every, ask }, this.#now);
  }
}
