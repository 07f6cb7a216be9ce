// An Antminer S19 XP on ePIC PowerPlay-BMS 1.5.13: the wire protocol around EpicMiner.

import { epochMs, percent } from "../../drivers/contract/units.ts";
import type { Answer, OrderParam, QuestionName } from "../../drivers/epic/wire.ts";
import { EpicMiner } from "./epic-miner.ts";
import { ORDERS, type OrderedEpic, type Refusal } from "./epic-orders.ts";
import { S19_XP } from "./epic-plant.ts";
import { summaryOf } from "./epic-summary.ts";
import { capabilities } from "./epic-tables.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { Plant } from "./plant.ts";
import { Random } from "./random.ts";
import type { ReplyFault } from "./reply-fault.ts";

const SECOND = 1000;
/** Seconds in which nothing answers: assumed. */
const DEAD = { program: [10, 20], machine: [60, 90] } as const;

export interface EpicOptions extends MachineOptions {
  /** What every order must carry; the firmware's own default. */
  readonly password?: string;
  /** A later build, with an algorithm that holds watts. */
  readonly powerTune?: boolean;
}

export class EpicMachine implements SimulatedMachine, OrderedEpic {
  readonly kind = "epic";
  readonly plant: Plant;
  readonly miner: EpicMiner;
  /** As they came: `tune {"clks":"485","voltage":"12900"}`, without passwords. */
  readonly orders: string[] = [];
  lastCommand: string | null = null;
  locating = false;
  fan: OrderParam["fanspeed"] = { Auto: { "Target Temperature": 60, "Idle Speed": 20 } };
  coin: OrderParam["coin"] = {
    coin: "BTC",
    stratum_configs: [
      { pool: "stratum+tcp://pool1.example:3333", login: "account.s19xp", password: "x" },
    ],
    unique_id: false,
  };
  readonly powerTune: boolean;
  readonly #options: EpicOptions;
  readonly #random: Random;
  readonly #daemon: HttpDaemon;
  #dead: { readonly from: number; readonly until: number; ended: boolean } | undefined;
  #port = 0;

  constructor(options: EpicOptions) {
    this.#options = options;
    this.powerTune = options.powerTune ?? false;
    this.#random = new Random(options.seed + 0x4550);
    const now = options.now();
    this.plant = new Plant(S19_XP, { seed: options.seed, now });
    this.miner = new EpicMiner(this.plant, now);
    this.#daemon = new HttpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
      handle: (request) => this.#handle(request),
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

  async start(): Promise<void> {
    this.#port = await this.#daemon.start();
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  restart(what: "program" | "machine", delay: number): void {
    const [least, most] = DEAD[what];
    // The answer to the order is out before.
    const from = this.now + Math.max(SECOND, delay * SECOND);
    const until = from + this.#random.between(least, most) * SECOND;
    this.#dead = { from, until, ended: false };
  }

  followFans(): void {
    this.plant.setFanDuty("Manual" in this.fan ? percent(this.fan.Manual) : "auto");
  }

  /** Looks at the clock: the machine's time is the test's. */
  #advance(): void {
    const dead = this.#dead;
    if (dead !== undefined && this.now >= dead.from) {
      if (!dead.ended) {
        this.miner.advance(epochMs(dead.from));
        this.miner.halt();
        dead.ended = true;
      }
      // Destroys the connection: whoever asks a machine that is down gets no word.
      if (this.now < dead.until) throw new Error("down");
      this.miner.advance(epochMs(dead.until));
      this.miner.boot();
      this.#dead = undefined;
    }
    this.miner.advance(epochMs(this.now));
  }

  #handle({ method, path, body }: HttpDaemonRequest): HttpReply {
    this.#advance();
    const name = path.slice(1);
    if (method === "GET") return this.#tell(name);
    return { body: JSON.stringify(this.#obey(name, body)) };
  }

  #tell(name: string): HttpReply {
    const tell = TOLD[name as QuestionName];
    return tell === undefined ? { status: 404 } : { body: JSON.stringify(tell(this)) };
  }

  #obey(name: string, body: string) {
    const refused = (error: Refusal) => ({ result: false, error });
    const request = parse(body);
    const carry = ORDERS.get(name);
    if (carry === undefined) return refused({ InvalidUrl: `/${name}` });
    if (request === undefined || !("param" in request)) return refused("MissingParam");
    if (request["password"] !== (this.#options.password ?? "letmein"))
      return refused("BadPassword");
    this.orders.push(`${name} ${JSON.stringify(request["param"])}`);
    const error = carry(this, request["param"]);
    if (error !== null) return refused(error);
    const param = request["param"];
    this.lastCommand = name === "miner" ? String(param).toLowerCase() : name;
    return { result: true, error: null };
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const TOLD: { readonly [Name in QuestionName]: (machine: EpicMachine) => Answer<Name> } = {
  summary: summaryOf,
  capabilities,
  network: () => ({ dhcp: { address: "192.0.2.19", mac_address: "02:00:5e:10:00:58" } }),
  temps: ({ plant }) =>
    plant.truth.boards.map(({ boardTemperature }, Index) => ({
      Index,
      // The inlet side is cooler; by how much is assumed from the captured 55 and 67.
      Data: [rounded(boardTemperature - 12), rounded(boardTemperature)],
      Total: 0,
    })),
  // These boards have no sensors in their chips.
  "temps/chip": ({ plant }) =>
    plant.truth.boards.map(({ chips }, Index) => ({ Index, Data: Array(chips).fill(0), Total: 0 })),
  clocks: ({ plant, miner }) =>
    plant.truth.boards.map((_, Index) => ({ Index, Data: [...miner.clocks.chips(Index)] })),
  hashrate: ({ plant, miner }) =>
    plant.truth.boards.map((_, Index) => ({
      Index,
      Data: plant.chipRatios(Index).map((ratio, chip) => {
        const clock = miner.clocks.chips(Index)[chip] ?? 0;
        const rate = (ratio * plant.spec.hashesPerMhzChip * clock) / 1e6;
        return [rounded(rate), rounded(ratio * 100), rounded(ratio * 4)];
      }),
    })),
};

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
