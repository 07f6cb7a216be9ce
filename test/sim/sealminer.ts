// A simulated SealMiner A2 with its own firmware: bdminer on 4028, pages behind a cookie on 80.

import { PAGES } from "../../drivers/sealminer/wire.ts";
import { commandOf } from "./command.ts";
import { Governor } from "./governor.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { fromNameplate } from "./nameplate.ts";
import { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

/** 221.7 TH/s ideal at 3504 W: what an A2 told (2025091001). */
const A2 = fromNameplate({
  name: "SealMiner A2",
  algorithm: "sha256",
  boards: 3,
  chipsPerBoard: 153,
  wall: 3500,
  rate: 221.7e12,
  fans: 4,
});
const REBOOT = 120_000;
const START = 100_000;
const COOKIE = "PHPSESSID=simulated";

export interface SealminerOptions extends MachineOptions {
  readonly password: string;
}

export class SealminerMachine implements SimulatedMachine {
  readonly kind = "sealminer";
  readonly plant: Plant;
  readonly api: TcpDaemon;
  readonly web: HttpDaemon;
  /** What came to change it, as it came. */
  readonly orders: string[] = [];
  readonly #options: SealminerOptions;
  readonly #governor: Governor;
  readonly #meter: RateMeter;
  /** Written, and taken up by the next reboot. */
  #nextLimit = 3500;
  #downUntil = 0;
  #startsAt = 0;
  #since: number;
  #ports = { port: 0, httpPort: 0 };

  constructor(options: SealminerOptions) {
    this.#options = options;
    const now = options.now();
    const { host = "127.0.0.1", port = 0, httpPort = 0 } = options;
    this.#since = now;
    this.plant = new Plant(A2, { seed: options.seed, now });
    this.#governor = new Governor(this.plant, this.#nextLimit, now);
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
    this.plant.setHashing(now >= this.#startsAt);
    this.#governor.follow(now);
    const boards = this.plant.truth.boards.keys();
    this.#meter.add(
      [...boards].reduce((sum, board) => sum + this.plant.counted(board), 0),
      now,
    );
    return true;
  }

  #answer(request: string): string | undefined {
    if (!this.#live()) return undefined;
    const { command, parameter } = commandOf(request);
    switch (command) {
      case "version":
        return granted({ VERSION: [{ API: "3.7", BDMiner: "4.11.1" }] });
      case "stats":
        return granted({ STATS: [this.#stats()] });
      case "summary":
        return granted({ SUMMARY: [this.#summary()] });
      case "pools":
        return granted({ POOLS: [POOL] });
      case "ascset":
        return this.#ascset(parameter ?? "");
      default:
        return refused(14, "Invalid command");
    }
  }

  #ascset(parameter: string): string {
    this.orders.push(parameter);
    const value = /^0,powerlimit,\{"value":"(\d+)"\}$/.exec(parameter)?.[1];
    if (value === undefined) return refused(33, "Unknown option");
    this.#nextLimit = Number(value);
    return granted({});
  }

  #elapsed(): number {
    return Math.max(0, Math.floor((this.#options.now() - this.#since) / 1000));
  }

  #summary() {
    const { hashrate } = this.plant.truth;
    return {
      Elapsed: this.#elapsed(),
      Accepted: 1421,
      Rejected: 3,
      Stale: 0,
      "Difficulty Accepted": 118_444_032,
      "MHS 5s": hashrate / 1e6,
      "MHS 5m": this.#meter.rate(300_000) / 1e6,
      "MHS av": this.#meter.average() / 1e6,
    };
  }

  #stats() {
    const { boards, fans, wallPower, hashrate, inlet } = this.plant.truth;
    const rows = boards.map((board, index) => {
      const pcb = Math.round(board.boardTemperature);
      return {
        [`${index} Online`]: true,
        [`${index} SN`]: `SN-SIM-${index}`,
        [`${index} Chip Count`]: board.chips,
        [`${index} Bad Chip Count`]: 0,
        [`${index} Freq`]: Math.round(board.frequency),
        [`${index} MHS(Ideal)`]: board.ideal / 1e6,
        [`${index} MHS(Sample)`]: board.hashrate / 1e6,
        [`${index} Temp 0`]: pcb - 10,
        [`${index} Temp 1`]: pcb - 12,
        [`${index} Temp 2`]: pcb,
        [`${index} Temp 3`]: pcb - 1,
      };
    });
    const turning = fans.map(({ rpm }, index) => ({ [`${index} Speed`]: Math.round(rpm) }));
    const ideal = boards.reduce((sum, board) => sum + board.ideal, 0);
    return {
      ...Object.assign({}, ...rows, ...turning),
      ...IDENTITY,
      "Board Count": boards.length,
      "Fan Count": fans.length,
      Elapsed: this.#elapsed(),
      "MHS(30s)": hashrate / 1e6,
      "MHS(5m)": this.#meter.rate(300_000) / 1e6,
      "MHS(Ideal)": ideal / 1e6,
      "PM State": "Running",
      "Power Limit": this.#governor.limit,
      "PSU Input Power": Math.round(wallPower),
      "PSU Temp AMB": Math.round(inlet),
    };
  }

  #page({ path, body, headers }: HttpDaemonRequest): HttpReply {
    if (!this.#live()) throw new Error("the machine reboots");
    if (path === PAGES.login) {
      const given = new URLSearchParams(body).get("origin_pwd");
      if (given !== this.#options.password) return { body: '{"result":1}' };
      return { headers: { "set-cookie": `${COOKIE}; path=/` }, body: '{"result":0}' };
    }
    if (headers["cookie"] !== COOKIE) return { status: 401 };
    if (path === PAGES.reboot) {
      this.orders.push(path);
      const now = this.#options.now();
      this.#governor.limit = this.#nextLimit;
      this.#downUntil = now + REBOOT;
      this.#startsAt = this.#downUntil + START;
      this.#since = this.#downUntil;
      this.#meter.reset(now);
      this.plant.setHashing(false);
      return { body: "{}" };
    }
    return path === PAGES.system ? { body: JSON.stringify(SYSTEM) } : { status: 404 };
  }
}

const IDENTITY = {
  Model: "A2",
  MAC: "50:d4:48:4b:86:78",
  Firmware: "2025091001",
  "Ctrl Board": "taurus_air_v1.1",
  "Ctrl Board SN": "S-SIM",
  "MHS(Rated)": 230_839_407,
  "PSU Model": "BTPSU04KSA-03.00",
  "PSU Error": "0x00000000",
  "Error Code": "",
};

const SYSTEM = { miner_type: "A2", macaddr: IDENTITY.MAC, firmware_version: "2025091001" };

const POOL = {
  POOL: 0,
  URL: "stratum+tcp://stratum.example.com:3333",
  User: "worker.A2",
  Status: "Alive",
  Priority: 0,
  Accepted: 322,
  Rejected: 1,
  Stale: 0,
  "Stratum Active": true,
  "Stratum Difficulty": 262_144,
};

const granted = (tables: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...tables, STATUS: [{ STATUS: "S", Code: 1, Msg: "ok" }], id: 1 });

const refused = (Code: number, Msg: string): string =>
  JSON.stringify({ STATUS: [{ STATUS: "E", Code, Msg }], id: 1 });
