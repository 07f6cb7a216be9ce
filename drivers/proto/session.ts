// One conversation with one rig, over one connection that is kept.

import type * as z from "zod";
import type { Setting } from "../contract/controls.ts";
import { toNumber } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { Answer, askAll } from "../transport/answer.ts";
import type { HttpClient } from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import {
  askJson,
  jsonBody,
  KeyedClient,
  mustBeOk,
  type PageOptions,
  shaped,
} from "../transport/json-http.ts";
import { perform, validate } from "../transport/order.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import {
  CoolingReply,
  ErrorsReply,
  HardwareReply,
  LoginReply,
  MiningReply,
  NetworkReply,
  PATHS,
  PoolsReply,
  SystemReply,
  TargetReply,
  TelemetryReply,
} from "./wire.ts";

/** A rig knows one user. */
export type RigOptions = Omit<PageOptions, "username">;

const LIVE = 0;
/** What people and pools change. */
const MINUTE = 60_000;
/** Boards can be changed while it runs. */
const HARDWARE_PERIOD = 5 * MINUTE;
const IDENTITY_PERIOD = 15 * MINUTE;

export class RigSession implements Session {
  readonly #client: KeyedClient;
  readonly #now: Ports["now"];
  readonly #mining;
  readonly #telemetry;
  readonly #cooling;
  readonly #target;
  readonly #pools;
  readonly #errors;
  readonly #system;
  readonly #hardware;
  readonly #network;
  #last: Telemetry | undefined;

  constructor({ host, httpPort, deadline, password }: RigOptions, { now }: Ports) {
    this.#now = now;
    const login = (client: HttpClient, signal: AbortSignal | undefined) =>
      logIn(client, password, signal);
    this.#client = new KeyedClient({ host, port: httpPort, deadline, login }, now);
    this.#mining = this.#answer(PATHS.mining, MiningReply, LIVE, (reply) => reply["mining-status"]);
    this.#telemetry = this.#answer(PATHS.telemetry, TelemetryReply, LIVE, (reply) => reply);
    this.#cooling = this.#answer(
      PATHS.cooling,
      CoolingReply,
      LIVE,
      (reply) => reply["cooling-status"],
    );
    this.#target = this.#answer(PATHS.target, TargetReply, MINUTE, (reply) => reply);
    this.#pools = this.#answer(PATHS.pools, PoolsReply, MINUTE, (reply) => reply.pools);
    this.#errors = this.#answer(PATHS.errors, ErrorsReply, MINUTE, (reply) => reply);
    this.#hardware = this.#answer(
      PATHS.hardware,
      HardwareReply,
      HARDWARE_PERIOD,
      (reply) => reply["hardware-info"],
    );
    this.#system = this.#answer(
      PATHS.system,
      SystemReply,
      IDENTITY_PERIOD,
      (reply) => reply["system-info"],
    );
    this.#network = this.#answer(
      PATHS.network,
      NetworkReply,
      IDENTITY_PERIOD,
      (reply) => reply["network-info"],
    );
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const sides = [
      this.#telemetry,
      this.#cooling,
      this.#system,
      this.#hardware,
      this.#network,
      this.#target,
      this.#pools,
      this.#errors,
    ];
    const { main, problems } = await askAll(this.#mining, sides, signal);
    const answers = {
      mining: main,
      telemetry: this.#telemetry.held,
      cooling: this.#cooling.held,
      target: this.#target.held,
      pools: this.#pools.held,
      errors: this.#errors.held,
      system: this.#system.held,
      hardware: this.#hardware.held,
      network: this.#network.held,
    };
    this.#last = { ...decode(answers, this.#now()), problems };
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls);
    const target = toNumber(this.#cooling.held?.value.target_temperature_c);
    try {
      return await perform(encode(settings, target), async (request) => {
        const answer = await this.#client.request({ ...request, signal });
        mustBeOk(answer, request.path);
        return `${request.path}: HTTP ${answer.status}`;
      });
    } finally {
      for (const side of [this.#target, this.#pools, this.#errors]) side.expire();
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #answer<Shape extends z.ZodType, Value>(
    path: string,
    shape: Shape,
    every: number,
    pick: (reply: z.output<Shape>) => Value,
  ): Answer<Value> {
    const ask = async (signal: AbortSignal) =>
      pick(await askJson(this.#client, { path, signal }, shape));
    return new Answer({ source: path, every, ask }, this.#now);
  }
}

async function logIn(
  client: HttpClient,
  password: string | undefined,
  signal: AbortSignal | undefined,
) {
  if (password === undefined) throw new DeviceError("UNAUTHORIZED", "no password is configured");
  const answer = await client.request({
    method: "POST",
    path: PATHS.login,
    ...jsonBody({ password }),
    ...(signal === undefined ? {} : { signal }),
  });
  mustBeOk(answer, PATHS.login);
  const reply = shaped(LoginReply, parseReply(answer.body, PATHS.login), PATHS.login);
  return { authorization: `Bearer ${reply.access_token}` };
}
