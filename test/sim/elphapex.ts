// A simulated Elphapex DG1+ with the maker's firmware: pages behind a digest.

import { BLINKS, BLINKS_NOT, PAGES } from "../../drivers/elphapex/wire.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { fromNameplate } from "./nameplate.ts";
import { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

/** 14.2 GH/s ideal were told by a DG1+ (1.0.2); its watts are assumed. */
const DG1_PLUS = fromNameplate({
  name: "Elphapex DG1+",
  algorithm: "scrypt",
  boards: 4,
  chipsPerBoard: 204,
  wall: 3900,
  rate: 14.229e9,
  fans: 4,
});
const REBOOT = 90_000;
const START = 60_000;

export interface ElphapexOptions extends MachineOptions {
  readonly password: string;
}

export class ElphapexMachine implements SimulatedMachine {
  readonly kind = "elphapex";
  readonly plant: Plant;
  readonly web: HttpDaemon;
  /** What came to change it, as it came. */
  readonly orders: string[] = [];
  readonly #options: ElphapexOptions;
  readonly #meter: RateMeter;
  #blink = false;
  #downUntil = 0;
  #startsAt = 0;
  #since: number;
  #httpPort = 0;

  constructor(options: ElphapexOptions) {
    this.#options = options;
    const now = options.now();
    this.#since = now;
    this.plant = new Plant(DG1_PLUS, { seed: options.seed, now });
    this.#meter = new RateMeter(now);
    this.web = new HttpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.httpPort ?? 0,
      digest: { realm: "Daoge Configuration", username: "root", password: options.password },
      handle: (request) => this.#page(request),
    });
  }

  get doors() {
    return [this.web];
  }

  get connections(): number {
    return this.web.connections;
  }

  get address() {
    // It has no API port; the discard port stands for one that is closed.
    return { host: this.#options.host ?? "127.0.0.1", port: 9, httpPort: this.#httpPort };
  }

  async start(): Promise<void> {
    this.#httpPort = await this.web.start();
  }

  async stop(): Promise<void> {
    await this.web.stop();
  }

  #page({ path, body }: HttpDaemonRequest): HttpReply {
    const now = this.#options.now();
    if (now < this.#downUntil) throw new Error("the machine reboots");
    this.plant.setHashing(now >= this.#startsAt);
    this.plant.advance(now);
    const boards = [...this.plant.truth.boards.keys()];
    this.#meter.add(
      boards.reduce((sum, board) => sum + this.plant.counted(board), 0),
      now,
    );
    if (path === PAGES.blink || path === PAGES.reboot) this.orders.push(`${path} ${body}`);
    if (path === PAGES.blink) return this.#setBlink(body);
    if (path === PAGES.reboot) return this.#reboot(now);
    const answer = this.#answer(path, now);
    return answer === undefined ? { status: 404 } : { body: JSON.stringify(answer) };
  }

  #setBlink(body: string): HttpReply {
    const { blink } = JSON.parse(body) as { blink?: string };
    this.#blink = blink === "true";
    return { body: JSON.stringify({ code: this.#blink ? BLINKS : BLINKS_NOT }) };
  }

  #reboot(now: number): HttpReply {
    this.plant.setHashing(false);
    this.#downUntil = now + REBOOT;
    this.#startsAt = this.#downUntil + START;
    this.#since = this.#downUntil;
    this.#meter.reset(this.#options.now());
    this.#blink = false;
    return { body: "{}" };
  }

  #answer(path: string, now: number): unknown {
    switch (path) {
      case PAGES.stats:
        return { ...HEAD, STATS: [this.#stats(now)] };
      case PAGES.summary:
        return {
          ...HEAD,
          SUMMARY: [{ status: [{ type: "rate", status: "s", code: 0, msg: "" }] }],
        };
      case PAGES.pools:
        return { ...HEAD, POOLS: [POOL] };
      case PAGES.power:
        return { power_output: String(Math.round(this.plant.truth.wallPower)) };
      case PAGES.conf:
        return { "fc-work-mode": 0, "fc-freq-level": "100" };
      case PAGES.blinkStatus:
        return { blink: this.#blink };
      case PAGES.system:
        return SYSTEM;
      default:
        return undefined;
    }
  }

  #stats(now: number) {
    const { boards, fans, hashrate } = this.plant.truth;
    return {
      elapsed: Math.max(0, Math.floor((now - this.#since) / 1000)),
      rate_unit: "MH/s",
      rate_5s: hashrate / 1e6,
      rate_15m: this.#meter.rate(900_000) / 1e6,
      rate_avg: this.#meter.average() / 1e6,
      rate_ideal: boards.reduce((sum, board) => sum + board.ideal, 0) / 1e6,
      fan: fans.map(({ rpm }) => String(Math.round(rpm))),
      chain: boards.map((board, index) => ({
        index,
        sn: `SN-SIM-${index}`,
        asic_num: board.chips,
        freq_avg: Math.round(board.frequency * 1000),
        rate_real: board.hashrate / 1e6,
        rate_ideal: board.ideal / 1e6,
        temp_pcb: [Math.round(board.boardTemperature)],
        temp_chip: [String(Math.round(board.chipTemperature * 1000)), ""],
      })),
    };
  }
}

const HEAD = {
  STATUS: { STATUS: "S", api_version: "1.0.0" },
  INFO: {
    dev_sn: "SIM",
    miner_version: "DG1+_SW_V1.0.2",
    hw_version: "DG1+_HW_V1.0",
    type: "DG1+",
  },
};

const SYSTEM = {
  minertype: "DG1+",
  macaddr: "b8:4c:87:e0:66:b2",
  hostname: "DG1+",
  system_filesystem_version: "DG1+_SW_V1.0.2",
};

const POOL = {
  index: 0,
  url: "stratum+tcp://pool.example.com:3333",
  user: "worker",
  status: "Alive",
  priority: 0,
  accepted: 7,
  rejected: 0,
  stale: 0,
};
