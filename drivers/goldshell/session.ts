// One conversation with one Goldshell machine, over one connection that is kept.

import type * as z from "zod";
import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { Answer, askAll } from "../transport/answer.ts";
import { mustBeGranted } from "../transport/cgminer.ts";
import type { HttpClient } from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import {
  askJson,
  jsonBody,
  KeyedClient,
  mustBeOk,
  type PageOptions,
} from "../transport/json-http.ts";
import { perform, validate } from "../transport/order.ts";
import { decode } from "./decode.ts";
import { change } from "./encode.ts";
import {
  DetailsReply,
  DevsReply,
  LoginReply,
  loginPath,
  PAGES,
  PoolsReply,
  SettingReply,
  StatusReply,
} from "./wire.ts";

const LIVE = 0;
const MINUTE = 60_000;
const IDENTITY_PERIOD = 15 * MINUTE;

export class GoldshellSession implements Session {
  readonly #client: KeyedClient;
  readonly #now: Ports["now"];
  readonly #devs;
  readonly #setting;
  readonly #pools;
  readonly #details;
  readonly #status;
  #last: Telemetry | undefined;

  constructor(options: PageOptions, { now }: Ports) {
    const { host, httpPort, deadline, username, password } = options;
    const login = (client: HttpClient, signal: AbortSignal | undefined) =>
      logIn(client, password === undefined ? undefined : loginPath(username, password), signal);
    this.#client = new KeyedClient({ host, port: httpPort, deadline, login }, now);
    this.#now = now;
    this.#devs = this.#page(PAGES.devs, DevsReply, LIVE, (reply) => reply.DEVS);
    this.#setting = this.#page(PAGES.setting, SettingReply, MINUTE, (reply) => reply);
    this.#pools = this.#page(PAGES.pools, PoolsReply, MINUTE, (reply) => reply);
    this.#details = this.#page(PAGES.details, DetailsReply, MINUTE, (reply) => reply.DEVS);
    this.#status = this.#page(PAGES.status, StatusReply, IDENTITY_PERIOD, (reply) => reply);
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const sides = [this.#status, this.#setting, this.#details, this.#pools];
    const { main, problems } = await askAll(this.#devs, sides, signal);
    const answers = {
      devs: main,
      details: this.#details.held,
      status: this.#status.held,
      setting: this.#setting.held,
      pools: this.#pools.held,
    };
    this.#last = { ...decode(answers, this.#now()), problems };
    return this.#last;
  }

  /** Reads the whole setting anew, changes what is wished, and sends all of it in one request. */
  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls);
    const request = { path: PAGES.setting, signal };
    const fresh = await askJson(this.#client, request, SettingReply);
    const wanted = change(fresh, settings);
    try {
      return await perform([wanted], async (whole) => {
        const answer = await this.#client.request({
          ...request,
          method: "PUT",
          ...jsonBody(whole),
        });
        mustBeOk(answer, PAGES.setting);
        return `${PAGES.setting}: HTTP ${answer.status}`;
      });
    } finally {
      this.#setting.expire();
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
    const ask = async (signal: AbortSignal) => {
      const reply = await askJson(this.#client, { path, signal }, shape);
      mustBeGranted(reply, path);
      return pick(reply);
    };
    return new Answer({ source: path, every, ask }, this.#now);
  }
}

/** The address holds the password, so errors are told without it. */
async function logIn(
  client: HttpClient,
  path: string | undefined,
  signal: AbortSignal | undefined,
) {
  if (path === undefined) throw new DeviceError("UNAUTHORIZED", "no password is configured");
  try {
    const answer = await client.request({ path, ...(signal === undefined ? {} : { signal }) });
    // Releases of 2020 ask for no password and have no such page.
    if (answer.status === 404) return {};
    mustBeOk(answer, "/user/login");
    const reply = LoginReply.safeParse(grantIn(answer.body));
    if (!reply.success) throw new DeviceError("UNAUTHORIZED", "/user/login: no token was given");
    return { authorization: `Bearer ${reply.data["JWT Token"]}` };
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    throw new DeviceError(error.code, error.message.replaceAll(path, "/user/login"));
  }
}

/** What is no JSON says nothing about the password; its words may hold a part of the token. */
function grantIn(body: string): unknown {
  try {
    return parseReply(body, "/user/login");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    throw new DeviceError(error.code, `/user/login: ${body.length} characters, not readable`);
  }
}
