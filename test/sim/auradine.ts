// A simulated Teraflux AT1500 with FluxOS: GCMiner on 4028, the maker's commands with their token on 8080.

import { LED_NORMAL } from "../../drivers/auradine/wire.ts";
import {
  granted,
  type Parameters,
  poolStatus,
  REPORT,
  refused,
  type StoredPool,
} from "./auradine-answers.ts";
import { commandOf } from "./command.ts";
import { Governor } from "./governor.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { fromNameplate } from "./nameplate.ts";
import { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

/** 160 TH/s were told beside its setting; the watts that belong to them are assumed. */
const AT1500 = fromNameplate({
  name: "Teraflux AT1500",
  algorithm: "sha256",
  boards: 3,
  chipsPerBoard: 132,
  wall: 3200,
  rate: 160e12,
  fans: 4,
});
const MOST_WATTS = 3452;
const START = 60_000;
const REBOOT = 90_000;
const TOKEN = "flux-token";

export interface AuradineOptions extends MachineOptions {
  readonly password: string;
}

export class AuradineMachine implements SimulatedMachine {
  readonly kind = "auradine";
  readonly plant: Plant;
  readonly api: TcpDaemon;
  readonly web: HttpDaemon;
  /** What came to change it, as it came. */
  readonly orders: string[] = [];
  readonly #options: AuradineOptions;
  readonly #governor: Governor;
  readonly #meter: RateMeter;
  #pools: StoredPool[] = [{ url: "stratum+tcp://btc.example.com:3333", user: "worker.1" }];
  #led: number = LED_NORMAL;
  #asleep = false;
  #startsAt = 0;
  #downUntil = 0;
  #since: number;
  #ports = { port: 0, httpPort: 0 };

  constructor(options: AuradineOptions) {
    this.#options = options;
    const now = options.now();
    const { host = "127.0.0.1", port = 0, httpPort = 0 } = options;
    this.#since = now;
    this.plant = new Plant(AT1500, { seed: options.seed, now });
    this.#governor = new Governor(this.plant, 3200, now);
    this.#meter = new RateMeter(now);
    this.api = new TcpDaemon({ host, port, reply: (request) => this.#answer(request) });
    this.web = new HttpDaemon({ host, port: httpPort, handle: (request) => this.#page(request) });
  }

  get doors() {
    return [this.api, this.web];
  }

  get connections(): number {
    return this.api.connections + this.web.connections;
  }

  get address() {
    return { host: this.#options.host ?? "127.0.0.1", ...this.#ports };
  }

  async start(): Promise<void> {
    this.#ports = { port: await this.api.start(), httpPort: await this.web.start() };
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.web.stop();
  }

  /** Up to now; false while nothing answers. */
  #live(): boolean {
    const now = this.#options.now();
    if (now < this.#downUntil) return false;
    this.plant.setHashing(!this.#asleep && now >= this.#startsAt);
    this.#governor.follow(now);
    const counted = this.plant.truth.boards.reduce(
      (sum, _, board) => sum + this.plant.counted(board),
      0,
    );
    this.#meter.add(counted, now);
    return true;
  }

  #answer(request: string): string | undefined {
    if (!this.#live()) return undefined;
    const { command } = commandOf(request);
    const tables = this.#tables(command ?? "");
    return tables === undefined
      ? JSON.stringify({ STATUS: [{ STATUS: "E", Code: 14, Msg: "Invalid command" }], id: 1 })
      : granted(tables);
  }

  #tables(command: string): Parameters | undefined {
    switch (command) {
      case "version":
        return { VERSION: [{ API: "1.0", GCMiner: "0.5" }] };
      case "devdetails":
        return { DEVDETAILS: [{ ID: 1, Model: "AT1500", Driver: "T0" }] };
      case "asccount":
        return { ASCCount: [{ AsicCount: 396, BoardCount: 3 }] };
      case "summary":
        return { SUMMARY: [this.#summary()] };
      case "devs":
        return { DEVS: this.#devs() };
      case "pools":
        return { POOLS: this.#pools.map(poolStatus) };
      default:
        return undefined;
    }
  }

  #summary() {
    const megahashes = (rate: number) => rate / 1e6;
    return {
      Elapsed: Math.max(0, Math.floor((this.#options.now() - this.#since) / 1000)),
      Accepted: 3310,
      Rejected: 1,
      "Difficulty Accepted": 829_210_624,
      "MHS 5s": megahashes(this.plant.truth.hashrate),
      "MHS 5m": megahashes(this.#meter.rate(300_000)),
      "MHS av": megahashes(this.#meter.average()),
    };
  }

  #devs() {
    return this.plant.truth.boards.map((board, index) => ({
      ID: index + 1,
      Name: "ASICBoard",
      Enabled: true,
      Status: "Alive",
      "MHS 5s": board.hashrate / 1e6,
      Temperature: board.boardTemperature,
    }));
  }

  #page(request: HttpDaemonRequest): HttpReply {
    if (!this.#live()) throw new Error("the machine reboots");
    const command = request.path.slice(1);
    const body: Parameters = request.method === "POST" ? JSON.parse(request.body) : {};
    if (command === "token") return this.#logIn(body);
    if (request.headers["token"] !== TOKEN) return { body: refused("Invalid token") };
    if (request.method === "POST") return { body: this.#obey(command, body) };
    const tables = this.#pages(command);
    return tables === undefined ? { status: 404 } : { body: granted(tables) };
  }

  #logIn({ user, password }: Parameters): HttpReply {
    const known = user === "admin" && password === this.#options.password;
    return { body: known ? granted({ Token: [{ Token: TOKEN }] }) : refused("Wrong password") };
  }

  #pages(command: string): Parameters | undefined {
    const { boards, fans, wallPower, inlet } = this.plant.truth;
    switch (command) {
      case "ipreport":
        return { IPReport: [REPORT] };
      case "mode":
        return { Mode: [this.#mode()] };
      case "psu":
        return {
          PSU: [{ PowerIn: `${wallPower.toFixed(2)}W`, PoutMax: `${MOST_WATTS.toFixed(2)}W` }],
        };
      case "fan":
        return {
          Fan: fans.map(({ rpm, duty }, index) => ({
            ID: index + 1,
            Max: 7700,
            Speed: Math.round(rpm),
            Target: Math.round(77 * duty),
          })),
        };
      case "led":
        return { LED: [{ Code: this.#led, Msg: "Normal" }] };
      case "temperature":
        return {
          Temperature: boards.map((board, index) => ({
            ID: index + 1,
            BoardTemp: [{ Temperature: inlet }, { Temperature: board.boardTemperature }],
            ChipTemp: [{ Temperature: board.chipTemperature }],
          })),
        };
      case "frequency":
        return {
          Frequency: boards.map((board, index) => ({
            ID: index + 1,
            ChipFrequency: [{ ID: 0, Frequency: board.frequency }],
          })),
        };
      default:
        return undefined;
    }
  }

  #mode() {
    const { boards } = this.plant.truth;
    const ideal = boards.reduce((sum, board) => sum + board.ideal, 0);
    return {
      Mode: "custom",
      Power: this.#governor.limit,
      Sleep: this.#asleep ? "on" : "off",
      Ths: Math.round(ideal / 1e12),
    };
  }

  #obey(command: string, { sleep, power, code, pools, parameter }: Parameters): string {
    const now = this.#options.now();
    this.orders.push(command);
    if (command === "mode" && typeof sleep === "string") {
      this.#asleep = sleep === "on";
      if (!this.#asleep) this.#startsAt = now + START;
    } else if (command === "mode" && typeof power === "number") {
      if (power > MOST_WATTS) return refused("Power out of range");
      this.#governor.limit = power;
    } else if (command === "led") {
      this.#led = Number(code);
    } else if (command === "updatepools") {
      this.#pools = pools as StoredPool[];
    } else if (command === "restart") {
      this.#restart(now, parameter === "gcminer" ? 0 : REBOOT);
    } else {
      return refused("Invalid command");
    }
    return granted({});
  }

  #restart(now: number, dark: number): void {
    this.#downUntil = now + dark;
    this.#startsAt = now + dark + START;
    this.#since = this.#startsAt;
    this.#meter.reset(this.#options.now());
    this.plant.setHashing(false);
  }
}
