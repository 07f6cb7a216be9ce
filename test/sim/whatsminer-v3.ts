// A Whatsminer M60S with btminer of March 2026 (API 3.0.5): API 3 on one port, and what is left of API 2
// on the other.

import type { EpochMs } from "../../drivers/contract/units.ts";
import { decrypt } from "../../drivers/whatsminer/crypto-v2.ts";
import { sign } from "../../drivers/whatsminer/crypto-v3.ts";
import { CODES_V3, Order, Question } from "../../drivers/whatsminer/wire-v3.ts";
import { FramedDaemon } from "./framed-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { Plant } from "./plant.ts";
import { Random } from "./random.ts";
import { TcpDaemon } from "./tcp-daemon.ts";
import { WhatsminerMiner } from "./whatsminer-miner.ts";
import { answerCompat } from "./whatsminer-v3-compat.ts";
import { ORDERS_V3, type OutcomeV3, STANDARD_WATTS } from "./whatsminer-v3-orders.ts";
import { M60S } from "./whatsminer-v3-plant.ts";
import {
  deviceInfo,
  fanSetting,
  type MachineV3,
  minerSetting,
  minerStatus,
} from "./whatsminer-v3-reports.ts";

const SECOND = 1000;
/** As the vendor's toolkit says; of real time here, as the socket is. */
const IDLE_MS = 300 * SECOND;
/** How far a request's time may be from the machine's: assumed, no source tells. */
const LARGEST_SKEW = 60;
/** Short, because a test may move the clock by minutes between two refused connections. */
const WATCH_MS = 1;
/** Their parameter is encrypted. */
const SECRET = new Set(["set.miner.pools", "set.user.change_passwd"]);

export interface WhatsminerV3Options extends MachineOptions {
  readonly apiPort3?: number;
  /** Of the account super; default "Miner_42". */
  readonly password?: string;
  /** The Miner API switch; default on. */
  readonly writeAccess?: boolean;
  /** The machine's clock less the true time, seconds. */
  readonly clockError?: number;
  /** Milliseconds of real time; default 300 s. */
  readonly idle?: number;
}

export class WhatsminerV3Machine implements SimulatedMachine, MachineV3 {
  readonly kind = "whatsminer";
  readonly plant: Plant;
  readonly miner: WhatsminerMiner;
  readonly errorCodes = new Set<number>();
  /** Writes with a good signature, in their order; what was encrypted is in clear here. */
  readonly orders: { readonly cmd: string; readonly parameter: unknown }[] = [];
  /** Commands that this firmware does not know. */
  readonly unknown = new Set<string>();
  readonly v3: FramedDaemon;
  readonly v2: TcpDaemon;
  writeAccess: boolean;
  clockError: number;
  salt: string;
  locating = false;
  temperatureOffset = 0;
  pools = [1, 2, 3].map((slot) => ({
    url: `stratum+tcp://pool${slot}.example:3333`,
    user: "account.m60s",
    password: "x",
  }));
  readonly #options: WhatsminerV3Options;
  readonly #random: Random;
  readonly #password: string;
  #bootAt: number;
  #rebootUntil: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  #port = 0;
  #port3 = 0;

  constructor(options: WhatsminerV3Options) {
    this.#options = options;
    this.#random = new Random(options.seed + 0x5733);
    this.#password = options.password ?? "Miner_42";
    this.writeAccess = options.writeAccess ?? true;
    this.clockError = options.clockError ?? 0;
    this.salt = this.#letters(8);
    const now = options.now();
    this.#bootAt = now;
    this.plant = new Plant(M60S, { seed: options.seed, now });
    this.miner = new WhatsminerMiner(this.plant, this.#random, STANDARD_WATTS, now);
    const host = options.host ?? "127.0.0.1";
    this.v2 = new TcpDaemon({
      host,
      port: options.port ?? 0,
      nul: false,
      reply: (request) => {
        this.miner.advance(this.now);
        return answerCompat(this, request);
      },
    });
    this.v3 = new FramedDaemon({
      host,
      port: options.apiPort3 ?? 0,
      idle: options.idle ?? IDLE_MS,
      reply: (request) => this.#reply(request),
    });
  }

  get address() {
    const { host = "127.0.0.1", httpPort = 80 } = this.#options;
    return { host, port: this.#port, httpPort, apiPort3: this.#port3 };
  }

  /** On both ports. */
  get doors() {
    return [this.v2, this.v3];
  }

  get connections(): number {
    return this.v2.connections + this.v3.connections;
  }

  get now(): EpochMs {
    return this.#options.now();
  }

  /** Seconds since the board booted. */
  get uptime(): number {
    return Math.floor((this.now - this.#bootAt) / SECOND);
  }

  async start(): Promise<void> {
    this.#port = await this.v2.start();
    this.#port3 = await this.v3.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.v3.stop();
    await this.v2.stop();
  }

  /** Connections are refused for a minute or more; then everything starts anew. */
  reboot(): void {
    this.#rebootUntil = this.now + this.#random.between(55, 85) * SECOND;
    this.miner.restart();
    this.v2.refusing = true;
    this.v3.refusing = true;
    // The machine's clock is not ours: only looking at it tells when the boot is over.
    this.#watch = setInterval(() => this.#endReboot(), WATCH_MS);
    this.#watch.unref();
  }

  #endReboot(): void {
    if (this.#rebootUntil === undefined || this.now < this.#rebootUntil) return;
    clearInterval(this.#watch);
    this.miner.advance(this.now);
    this.#bootAt = this.#rebootUntil;
    this.#rebootUntil = undefined;
    this.miner.restart();
    this.salt = this.#letters(8);
    this.v2.refusing = false;
    this.v3.refusing = false;
  }

  #reply(request: string): string | undefined {
    this.miner.advance(this.now);
    const question = Question.safeParse(parse(request));
    if (!question.success) return this.#say("", { code: CODES_V3.badItem, words: "json" });
    const { cmd, param } = question.data;
    if (cmd.startsWith("get.") && !this.unknown.has(cmd)) {
      const told = this.#tell(cmd, param);
      if (told !== undefined) return this.#say(cmd, told);
    }
    const order = this.unknown.has(cmd) ? undefined : ORDERS_V3[cmd];
    if (order === undefined) {
      return this.#say(cmd, { code: CODES_V3.unknownCommand, words: "unknown command" });
    }
    const refusal: OutcomeV3 = { code: CODES_V3.notPermitted, words: "permission denied" };
    const parameter = this.#verify(question.data);
    if (parameter === undefined) return this.#say(cmd, refusal);
    this.orders.push({ cmd, parameter: parameter.value });
    const outcome = order(this, parameter.value);
    return outcome === undefined ? undefined : this.#say(cmd, outcome);
  }

  /** undefined: this firmware does not know the question. */
  #tell(cmd: string, param: unknown): { readonly msg: unknown } | OutcomeV3 | undefined {
    switch (cmd) {
      case "get.device.info": {
        const info = deviceInfo(this);
        return { msg: typeof param === "string" ? { [param]: info[param] } : info };
      }
      case "get.miner.status": {
        const msg = minerStatus(this, typeof param === "string" ? param.split("+") : []);
        return msg === undefined ? { code: CODES_V3.failed, words: "btminer is off" } : { msg };
      }
      case "get.miner.setting":
        return { msg: minerSetting(this) };
      case "get.fan.setting":
        return { msg: fanSetting(this) };
      default:
        return undefined;
    }
  }

  /** The parameter in clear, if everything about the signature is good. */
  #verify(message: unknown): { readonly value: unknown } | undefined {
    const order = Order.safeParse(message);
    if (!order.success || !this.writeAccess || this.#password === "super") return undefined;
    const { cmd, ts, token, account, param } = order.data;
    if (account !== "super" || Math.abs(ts - this.#seconds) > LARGEST_SKEW) return undefined;
    const signature = sign(cmd, this.#password, this.salt, ts);
    if (token !== signature.token) return undefined;
    if (!SECRET.has(cmd)) return { value: param };
    return { value: parse(decrypt(String(param), signature.key) ?? "") };
  }

  /** By its own clock. */
  get #seconds(): number {
    return Math.floor(this.now / SECOND) + this.clockError;
  }

  #say(desc: string, answer: { readonly msg: unknown } | OutcomeV3): string {
    const { code, msg } =
      "msg" in answer ? { code: CODES_V3.ok, msg: answer.msg } : { ...answer, msg: answer.words };
    return JSON.stringify({ code, when: this.#seconds, msg, desc });
  }

  #letters(count: number): string {
    const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const letter = () => alphabet[Math.floor(this.#random.uniform() * alphabet.length)];
    return Array.from({ length: count }, letter).join("");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
