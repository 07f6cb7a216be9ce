// A Whatsminer M50S with btminer of July 2023 (API 2.0.5): the wire protocol around WhatsminerMiner.

import { credentialOf, decrypt, encrypt } from "../../drivers/whatsminer/crypto-v2.ts";
import { CODES, type Parameters, type TokenGrant } from "../../drivers/whatsminer/wire.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { PLANTS, Plant } from "./plant.ts";
import { Random } from "./random.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { TcpDaemon } from "./tcp-daemon.ts";
import { ORDINARY_WATTS, WhatsminerMiner } from "./whatsminer-miner.ts";
import { answerOrder, type Machine } from "./whatsminer-orders.ts";
import { answerQuestion } from "./whatsminer-questions.ts";

const SECOND = 1000;
const TOKEN_LIFE = 30 * 60 * SECOND;
/** For each client address; a simulated machine sees one client. The limit of 16 clients is not kept. */
const TOKENS = 32;
const SALT = "BQ5hoXV9";
/** Real machines take about 10 s; of real time here, as the socket is. */
const IDLE_MS = 10 * SECOND;
/** Short, because a test may move the clock by minutes between two refused connections. */
const WATCH_MS = 1;

export interface WhatsminerOptions extends MachineOptions {
  /** Default "Miner_42". */
  readonly password?: string;
  /** The Miner API switch; default on. */
  readonly writeAccess?: boolean;
  /** Milliseconds of real time; default 10 s. */
  readonly idle?: number;
}

export class WhatsminerMachine implements SimulatedMachine, Machine {
  readonly kind = "whatsminer";
  readonly plant: Plant;
  readonly miner: WhatsminerMiner;
  /** What get_error_code tells beside what the machine finds by itself. */
  readonly errorCodes = new Set<number>();
  /** Decrypted writes that the machine acted on or refused, in their order. */
  readonly orders: { readonly cmd: string; readonly parameters: Parameters }[] = [];
  writeAccess: boolean;
  locating = false;
  pools = [1, 2, 3].map((slot) => ({
    url: `stratum+tcp://pool${slot}.example:3333`,
    user: "account.m50s",
    password: "x",
  }));
  readonly #options: WhatsminerOptions;
  readonly #random: Random;
  readonly #password: string;
  readonly #daemon: TcpDaemon;
  /** Token to its end; the key belongs to the password alone, as the salt stays. */
  readonly #tokens = new Map<string, number>();
  #bootAt: number;
  #rebootUntil: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  #port = 0;

  constructor(options: WhatsminerOptions) {
    this.#options = options;
    this.#random = new Random(options.seed + 0x5753);
    this.#password = options.password ?? "Miner_42";
    this.writeAccess = options.writeAccess ?? true;
    const now = options.now();
    this.#bootAt = now;
    this.plant = new Plant(PLANTS.m50s, { seed: options.seed, now });
    this.miner = new WhatsminerMiner(this.plant, this.#random, ORDINARY_WATTS, now);
    this.#daemon = new TcpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
      nul: false,
      idle: options.idle ?? IDLE_MS,
      reply: (request) => this.#reply(request),
    });
  }

  get address() {
    const { host = "127.0.0.1", httpPort = 80 } = this.#options;
    return { host, port: this.#port, httpPort };
  }

  get doors() {
    return [this.#daemon];
  }

  get connections(): number {
    return this.#daemon.connections;
  }

  get fault(): ReplyFault | undefined {
    return this.#daemon.fault;
  }

  set fault(value: ReplyFault | undefined) {
    this.#daemon.fault = value;
  }

  get now() {
    return this.#options.now();
  }

  /** Seconds since the board booted. */
  get uptime(): number {
    return Math.floor((this.now - this.#bootAt) / SECOND);
  }

  async start(): Promise<void> {
    this.#port = await this.#daemon.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.#daemon.stop();
  }

  /** Connections are refused for a minute or more; then everything starts anew. */
  reboot(): void {
    this.#rebootUntil = this.now + this.#random.between(55, 85) * SECOND;
    this.#tokens.clear();
    this.miner.restart();
    this.#daemon.refusing = true;
    // The machine's clock is not ours: only looking at it tells when the boot is over.
    this.#watch = setInterval(() => this.#endReboot(), WATCH_MS);
    this.#watch.unref();
  }

  /** Ends every token, as some updates and restarts of the daemon do. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  #endReboot(): void {
    if (this.#rebootUntil === undefined || this.now < this.#rebootUntil) return;
    clearInterval(this.#watch);
    this.miner.advance(this.now);
    this.#bootAt = this.#rebootUntil;
    this.#rebootUntil = undefined;
    this.miner.restart();
    this.#daemon.refusing = false;
  }

  #reply(request: string): string | undefined {
    this.miner.advance(this.now);
    const message = parseObject(request);
    if (message === undefined) return this.envelope(CODES.invalidJson, "invalid json");
    if (message["enc"] !== undefined) return this.#replyToOrder(message);
    const command = message["cmd"] ?? message["command"];
    if (typeof command !== "string") {
      return this.envelope(CODES.missingCommand, "Missing JSON 'command'");
    }
    if (command === "get_token") return this.#grantToken();
    return answerQuestion(this, command) ?? this.envelope(CODES.invalidCommand, "invalid cmd");
  }

  /** An answer around a message, or a refusal; `STATUS` follows from the code. */
  envelope(code: number, message: unknown): string {
    const good = code === CODES.ok || code === CODES.tokenIssued;
    return JSON.stringify({
      STATUS: good ? "S" : "E",
      When: Math.floor(this.now / SECOND),
      Code: code,
      Msg: message,
      Description: "",
    });
  }

  #grantToken(): string {
    for (const [token, end] of this.#tokens) if (end <= this.now) this.#tokens.delete(token);
    if (this.#tokens.size >= TOKENS) return this.envelope(CODES.tooManyTokens, "over max connect");
    const grant: TokenGrant = {
      time: String(Math.floor(this.#random.between(1000, 9999))),
      salt: SALT,
      newsalt: this.#letters(8),
    };
    this.#tokens.set(credentialOf(this.#password, grant).token, this.now + TOKEN_LIFE);
    return this.envelope(CODES.tokenIssued, grant);
  }

  #letters(count: number): string {
    const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const letter = () => alphabet[Math.floor(this.#random.uniform() * alphabet.length)];
    return Array.from({ length: count }, letter).join("");
  }

  #replyToOrder(message: Readonly<Record<string, unknown>>): string | undefined {
    const { key } = credentialOf(this.#password, { time: "0000", salt: SALT, newsalt: "" });
    const order = parseObject(decrypt(String(message["data"]), key) ?? "");
    if (order === undefined) return this.envelope(CODES.invalidJson, "enc json load err");
    if (!this.writeAccess) return this.envelope(CODES.permissionDenied, "permission denied");
    const { token, cmd, ...rest } = order;
    const end = this.#tokens.get(String(token));
    if (end === undefined || end <= this.now) {
      return this.envelope(CODES.tokenRefused, "check token err");
    }
    const texts = Object.entries(rest).filter(([, value]) => typeof value === "string");
    // All parameters are strings; another type is not taken for one.
    const parameters = Object.fromEntries(texts) as Record<string, string>;
    this.orders.push({ cmd: String(cmd), parameters });
    const answer = answerOrder(this, String(cmd), parameters);
    if (answer === undefined) return undefined;
    const inner = this.envelope(answer.code, answer.words);
    return JSON.stringify({ enc: encrypt(inner, key) });
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
