// An Antminer S19k Pro on LuxOS 2025.4.8: the wire protocol around LuxosMiner.

import { epochMs } from "../../drivers/contract/units.ts";
import { CODES, Request, splitFields } from "../../drivers/luxos/request.ts";
import type { Answer, ReportName, SessionAnswer, VoltageAnswer } from "../../drivers/luxos/wire.ts";
import { LuxosMiner } from "./luxos-miner.ts";
import { ORDERS, type OrderedMachine, type Outcome, POOL_ORDERS } from "./luxos-orders.ts";
import { TOLD } from "./luxos-reports.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { PLANTS, Plant } from "./plant.ts";
import { Random } from "./random.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

const SECOND = 1000;
const SESSION_LIFE = 60 * SECOND;
const PROGRAM = "LUXminer 2025.4.8.220305-57b389c7";
/** The answer is out before the program ends. */
const LAST_WORDS = SECOND;
/** Seconds of refused connections: "tens of seconds"; a reboot takes longer. */
const DEAD = { program: [20, 40], machine: [60, 90] } as const;
const WATCH_MS = 1;
const NO_JSON: Outcome = { code: 23, words: "Invalid JSON", refused: true };
const REFUSED: Outcome = { code: 303, words: "Set Frequency failed", refused: true };
const NO_BOARD: Outcome = { code: 15, words: "Missing device id parameter", refused: true };
/** Assumed: no source gives the code of a missing session. */
const NO_SESSION: Outcome = { code: 403, words: "Invalid session ID", refused: true };

export interface LuxosOptions extends MachineOptions {
  /** POWER tells what the supply measures; else, as in the captures, a formula of the frequency. */
  readonly psuMeasured?: boolean;
  /** Neither thermal manager nor autotuner moves it. */
  readonly byHand?: boolean;
}

export class LuxosMachine implements SimulatedMachine, OrderedMachine {
  readonly kind = "luxos";
  readonly plant: Plant;
  readonly miner: LuxosMiner;
  readonly serial = "SIMJYZZB0000000LX";
  readonly mac = "02:00:5e:10:00:19";
  /** As they came, without session ids. */
  readonly orders: string[] = [];
  /** Closes the connection instead of answering this command, having acted on it or not. */
  drops: { readonly command: string; readonly acted: boolean } | undefined;
  /** Says no to some orders. */
  refuses: ((command: string, fields: readonly string[]) => boolean) | undefined;
  led = "auto";
  fanSpeed = -1;
  activePool = 0;
  pools = [1, 2].map((slot) => ({
    url: `stratum+tcp://pool${slot}.example:3333`,
    user: "account.s19k",
    password: "x",
  }));
  readonly psuMeasured: boolean;
  readonly #options: LuxosOptions;
  readonly #random: Random;
  readonly #daemon: TcpDaemon;
  #session: { readonly id: string; readonly usedAt: number } | undefined;
  #restart: { readonly downAt: number; readonly upAt: number } | undefined;
  #watch: NodeJS.Timeout | undefined;
  #port = 0;

  constructor(options: LuxosOptions) {
    this.#options = options;
    this.psuMeasured = options.psuMeasured ?? false;
    this.#random = new Random(options.seed + 0x4c58);
    const now = options.now();
    this.plant = new Plant(PLANTS.s19kPro, { seed: options.seed, now });
    this.miner = new LuxosMiner(this.plant, now);
    this.miner.atmEnabled = options.byHand !== true;
    this.miner.autotunerEnabled = options.byHand !== true;
    this.#daemon = new TcpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
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

  get now(): number {
    return this.#options.now();
  }

  /** The live session's id; "" when there is none. */
  get session(): string {
    const session = this.#session;
    return session !== undefined && this.now - session.usedAt < SESSION_LIFE ? session.id : "";
  }

  async start(): Promise<void> {
    this.#port = await this.#daemon.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.#daemon.stop();
  }

  /** Answers once more, then refuses connections and starts anew. */
  restart(what: "program" | "machine"): void {
    const downAt = this.now + LAST_WORDS;
    const [least, most] = DEAD[what];
    this.#restart = { downAt, upAt: downAt + this.#random.between(least, most) * SECOND };
    // The machine's clock is not ours: only looking at it tells when the time has come.
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#followRestart(), WATCH_MS);
    this.#watch.unref();
  }

  #followRestart(): void {
    const restart = this.#restart;
    if (restart === undefined || this.now < restart.downAt) return;
    if (!this.#daemon.refusing) {
      this.miner.advance(epochMs(restart.downAt));
      this.miner.halt();
      this.#session = undefined;
      this.#daemon.refusing = true;
    }
    if (this.now < restart.upAt) return;
    clearInterval(this.#watch);
    this.#restart = undefined;
    this.miner.advance(epochMs(restart.upAt));
    this.miner.boot();
    this.#daemon.refusing = false;
  }

  #reply(text: string): string | undefined {
    this.#followRestart();
    this.miner.advance(epochMs(this.now));
    const request = parse(text);
    if (request === undefined) return this.#say(NO_JSON);
    const drops = this.drops?.command === request.command;
    if (drops && this.drops?.acted === false) return undefined;
    const answer = this.#answerAll(request);
    return drops ? undefined : answer;
  }

  #answerAll(request: Request): string {
    const names = request.command.split("+");
    if (names.length === 1) return this.#answer(request.command, request.parameter);
    const sections = [...new Set(names)].map((name) => [
      name,
      [JSON.parse(this.#answerInBatch(name))],
    ]);
    return JSON.stringify({ ...Object.fromEntries(sections), id: 1 });
  }

  /** Only reports without a parameter may be joined. */
  #answerInBatch(name: string): string {
    return name in TOLD ? this.#answer(name, undefined) : this.#say(UNKNOWN);
  }

  #answer(command: string, parameter: string | undefined): string {
    const told = TOLD[command as ReportName];
    if (told !== undefined) {
      return this.#say({ code: told.code, words: told.words, body: told.body(this) });
    }
    const fields = splitFields(parameter ?? "");
    if (command === "voltageget") return this.#tellVoltage(fields);
    if (command === "healthchipget") return this.#tellChips(fields);
    if (command === "logon" || command === "session" || command === "logoff") {
      return this.#handleSession(command, fields);
    }
    const poolOrder = POOL_ORDERS[command];
    if (poolOrder !== undefined) {
      this.orders.push(`${command} ${fields.slice(0, 2).join(",")}`);
      return this.#say(poolOrder(this, fields));
    }
    return this.#obey(command, fields);
  }

  #obey(command: string, [id = "", ...fields]: readonly string[]): string {
    const order = ORDERS[command];
    if (order === undefined) return this.#say(UNKNOWN);
    if (id === "" || id !== this.session) return this.#say(NO_SESSION);
    this.#session = { id, usedAt: this.now };
    this.orders.push([command, ...fields].join(" "));
    if (this.refuses?.(command, fields) === true) return this.#say(REFUSED);
    return this.#say(order(this, fields));
  }

  #handleSession(command: "logon" | "session" | "logoff", [id]: readonly string[]): string {
    const live = this.session;
    if (command === "session") {
      const body: Partial<SessionAnswer> = { SESSION: [{ SessionID: live }] };
      return this.#say({ code: CODES.SESSION_INFORMATION, words: "Session information", body });
    }
    if (command === "logoff") {
      if (id === undefined || id !== live) return this.#say(NO_SESSION);
      this.#session = undefined;
      return this.#say({ code: 317, words: "Session terminated" });
    }
    if (live !== "") {
      const words = "Another session is active";
      return this.#say({ code: CODES.OTHER_SESSION, words, refused: true });
    }
    this.#session = { id: this.#letters(8), usedAt: this.now };
    const body: Partial<SessionAnswer> = { SESSION: [{ SessionID: this.session }] };
    return this.#say({ code: CODES.SESSION_CREATED, words: "Session created", body });
  }

  #tellVoltage([board = ""]: readonly string[]): string {
    if (board === "" || !(Number(board) in this.miner.boards)) return this.#say(NO_BOARD);
    const volts = Math.round(this.miner.volts * 1000) / 1000;
    const body: Partial<VoltageAnswer> = { VOLTAGE: [{ Board: Number(board), Voltage: volts }] };
    return this.#say({ code: 307, words: "Get Voltage", body });
  }

  #tellChips([board = ""]: readonly string[]): string {
    if (board === "" || !(Number(board) in this.miner.boards)) return this.#say(NO_BOARD);
    const body = this.miner.chips.tell(Number(board), this.miner.hashing);
    return this.#say({ code: 314, words: "Health Chip Get", body });
  }

  #letters(count: number): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const letter = () => alphabet[Math.floor(this.#random.uniform() * alphabet.length)];
    return Array.from({ length: count }, letter).join("");
  }

  #say({ code, words, body, refused }: Outcome): string {
    const answer: Answer = {
      STATUS: [
        {
          Code: code,
          Description: PROGRAM,
          Msg: words,
          STATUS: refused === true ? "E" : "S",
          When: Math.floor(this.now / SECOND),
        },
      ],
      id: 1,
    };
    return JSON.stringify({ ...body, ...answer });
  }
}

const UNKNOWN: Outcome = { code: CODES.INVALID_COMMAND, words: "Invalid command", refused: true };

function parse(text: string): Request | undefined {
  try {
    return Request.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
