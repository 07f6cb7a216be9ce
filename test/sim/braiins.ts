// An S19 XP on Braiins OS+ 25.07: its REST API on the web port, and BOSer's `version` on 4028.

import { QUESTIONS, type QuestionName } from "../../drivers/braiins/rest/wire.ts";
import { ANSWERS } from "./braiins-answers.ts";
import type { Bos, SimulatedPool } from "./braiins-bos.ts";
import { BraiinsMiner } from "./braiins-miner.ts";
import { obey } from "./braiins-orders.ts";
import { S19_XP } from "./braiins-plant.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { Plant } from "./plant.ts";
import { Random } from "./random.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

const BASE = "/api/v1/";
const TOKEN_LIFE = 3600;

export interface BraiinsOptions extends MachineOptions {
  /** Default "root". */
  readonly password?: string;
}

export class BraiinsMachine implements SimulatedMachine, Bos {
  readonly kind = "braiins";
  readonly plant: Plant;
  readonly miner: BraiinsMiner;
  /** Orders with their bodies, as they came; reboots and logins included. */
  readonly requests: { readonly method: string; readonly path: string; readonly body: string }[] =
    [];
  /** Those of the requests that carried a good token. */
  readonly orders: string[] = [];
  pools: readonly SimulatedPool[] = [1, 2].map((slot) => ({
    url: `stratum+tcp://pool${slot}.example:3333`,
    user: "account.s19xp",
    password: "x",
  }));
  locating = false;
  /** While set, every order is refused with these words. */
  objection: string | undefined;
  bootedAt: number;
  readonly #options: BraiinsOptions;
  readonly #random: Random;
  readonly #http: HttpDaemon;
  readonly #api: TcpDaemon;
  /** Token to its end. */
  readonly #tokens = new Map<string, number>();
  #bootUntil = 0;
  #logins = 0;
  #port = 0;
  #httpPort = 0;

  constructor(options: BraiinsOptions) {
    this.#options = options;
    this.#random = new Random(options.seed + 0x424f);
    const now = options.now();
    this.bootedAt = now;
    this.plant = new Plant(S19_XP, { seed: options.seed, now });
    this.miner = new BraiinsMiner(this.plant, this.#random, now);
    const host = options.host ?? "127.0.0.1";
    this.#api = new TcpDaemon({
      host,
      port: options.port ?? 0,
      reply: (request) => this.#replyApi(request),
    });
    this.#http = new HttpDaemon({
      host,
      port: options.httpPort ?? 0,
      handle: (request) => this.#handle(request),
    });
  }

  get address() {
    return {
      host: this.#options.host ?? "127.0.0.1",
      port: this.#port,
      httpPort: this.#httpPort,
    };
  }

  get doors() {
    return [this.#api, this.#http];
  }

  get connections(): number {
    return this.#api.connections + this.#http.connections;
  }

  /** Logins granted so far. */
  get logins(): number {
    return this.#logins;
  }

  /** Of the web server. */
  get fault(): ReplyFault | undefined {
    return this.#http.fault;
  }

  set fault(value: ReplyFault | undefined) {
    this.#http.fault = value;
  }

  get now() {
    return this.#options.now();
  }

  sensor(value: number): number {
    return Math.round((value + this.#random.normal(0, 0.25)) * 2) / 2;
  }

  async start(): Promise<void> {
    this.#port = await this.#api.start();
    this.#httpPort = await this.#http.start();
  }

  async stop(): Promise<void> {
    await this.#api.stop();
    await this.#http.stop();
  }

  /** For a minute nothing answers; then everything starts anew. */
  reboot(): void {
    this.#bootUntil = this.now + this.#random.between(50, 70) * 1000;
    this.#tokens.clear();
    this.locating = false;
    this.bootedAt = this.#bootUntil;
    this.miner.restart();
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  #replyApi(request: string): string | undefined {
    if (this.now < this.#bootUntil) return undefined;
    const asked = /"command"\s*:\s*"([^"]*)"/.exec(request)?.[1];
    const head = {
      When: Math.floor(this.now / 1000),
      Description: "BOSer boser-openwrt 0.1.0-3881c51d",
    };
    if (asked !== "version") {
      return JSON.stringify({
        STATUS: [{ STATUS: "E", Code: 14, Msg: "Invalid command", ...head }],
        id: 1,
      });
    }
    return JSON.stringify({
      STATUS: [{ STATUS: "S", Code: 22, Msg: "BOSer versions", ...head }],
      VERSION: [{ API: "3.7", BOSer: "boser-openwrt 0.1.0-3881c51d" }],
      id: 1,
    });
  }

  #handle(request: HttpDaemonRequest): HttpReply {
    // A board that boots drops what comes.
    if (this.now < this.#bootUntil) throw new Error("booting");
    this.miner.advance(this.now);
    if (request.path === "/") return html("<html><title>Braiins OS</title></html>");
    if (!request.path.startsWith(BASE)) return html("<html>404</html>", 404);
    const path = request.path.slice(BASE.length);
    if (request.method !== "GET") {
      this.requests.push({ method: request.method, path, body: request.body });
    }
    if (path === "auth/login") return this.#logIn(request.body);
    const end = this.#tokens.get(request.headers["authorization"] ?? "");
    if (end === undefined || end <= this.now) return { status: 401, body: "Unauthorized" };
    if (request.method === "GET") return this.#answer(path);
    this.orders.push(`${request.method} ${path}`);
    return this.objection === undefined
      ? obey(this, request.method, path, request.body)
      : { status: 409, body: this.objection };
  }

  #logIn(body: string): HttpReply {
    const { username, password } = JSON.parse(body) as Record<string, unknown>;
    if (username !== "root" || password !== (this.#options.password ?? "root")) {
      return { status: 401, body: "Invalid credentials" };
    }
    this.#logins += 1;
    const token = Array.from({ length: 16 }, () =>
      Math.floor(this.#random.between(0, 16)).toString(16),
    );
    this.#tokens.set(token.join(""), this.now + TOKEN_LIFE * 1000);
    return { body: JSON.stringify({ token: token.join(""), timeout_s: TOKEN_LIFE }) };
  }

  #answer(path: string): HttpReply {
    const names = Object.keys(QUESTIONS) as QuestionName[];
    const name = names.find((each) => QUESTIONS[each].paths[0] === path);
    if (name === undefined) return { status: 404, body: "" };
    const aboutBoards = name === "hashboards" || name === "stats" || name === "tunerState";
    if (aboutBoards && this.miner.settingUp) {
      return { status: 500, body: "bosminer is not ready yet" };
    }
    return { body: JSON.stringify(ANSWERS[name](this)) };
  }
}

const html = (body: string, status = 200): HttpReply => ({
  status,
  headers: { "content-type": "text/html" },
  body,
});
