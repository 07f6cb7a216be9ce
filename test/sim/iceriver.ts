// A simulated IceRiver KS5L with the maker's firmware. No recording of one is public: its panel follows
// what public clients read.

import { PANEL, TITLE } from "../../drivers/iceriver/wire.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { fromNameplate } from "./nameplate.ts";
import { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

/** 12 TH/s at 3400 W as sold. */
const KS5L = fromNameplate({
  name: "IceRiver KS5L",
  algorithm: "kheavyhash",
  boards: 3,
  chipsPerBoard: 18,
  wall: 3400,
  rate: 12e12,
  fans: 4,
});
const COOKIE = "session=simulated";

export interface IceriverOptions extends MachineOptions {
  readonly password: string;
}

export class IceriverMachine implements SimulatedMachine {
  readonly kind = "iceriver";
  readonly plant: Plant;
  readonly web: HttpDaemon;
  /** What came to change it, as it came. */
  readonly orders: string[] = [];
  readonly #options: IceriverOptions;
  readonly #meter: RateMeter;
  readonly #since: number;
  #locating = false;
  #session = COOKIE;
  #httpPort = 0;

  constructor(options: IceriverOptions) {
    this.#options = options;
    const now = options.now();
    this.#since = now;
    this.plant = new Plant(KS5L, { seed: options.seed, now });
    this.#meter = new RateMeter(now);
    this.web = new HttpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.httpPort ?? 0,
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

  /** Old cookies are not known any more. */
  endSession(): void {
    this.#session = `${COOKIE}-${this.#options.now()}`;
  }

  #page({ path, headers }: HttpDaemonRequest): HttpReply {
    const now = this.#options.now();
    this.plant.advance(now);
    const boards = [...this.plant.truth.boards.keys()];
    this.#meter.add(
      boards.reduce((sum, board) => sum + this.plant.counted(board), 0),
      now,
    );
    const query = new URLSearchParams(path.split("?")[1]);
    if (path.startsWith("/user/loginpost")) {
      const known = query.get("pwd") === this.#options.password;
      return { ...(known ? { headers: { "set-cookie": this.#session } } : {}), body: "{}" };
    }
    if (!path.startsWith("/user/userpanel") || headers["cookie"] !== this.#session) {
      return { headers: { "content-type": "text/html" }, body: `<html>${TITLE}</html>` };
    }
    if (query.get("post") === "5") {
      this.orders.push(path);
      this.#locating = query.get("locate") === "1";
    }
    const body = path === PANEL ? { error: 0, data: this.#panel(now) } : { error: 0 };
    return { body: JSON.stringify(body) };
  }

  #panel(now: number) {
    const { boards, fans, hashrate, inlet } = this.plant.truth;
    return {
      softver1: "BM_2.7_231225_KS5Lminer",
      mac: "02:00:00:00:05:01",
      host: "ks5l",
      unit: "G",
      rtpow: `${(hashrate / 1e9).toFixed(2)} G`,
      avgpow: `${(this.#meter.average() / 1e9).toFixed(2)} G`,
      runtime: runtime(Math.floor((now - this.#since) / 1000)),
      locate: this.#locating,
      powstate: true,
      fans: fans.map(({ rpm }) => Math.round(rpm)),
      pools: [POOL],
      boards: boards.map((board, index) => ({
        no: index + 1,
        chipnum: 18,
        chipsuc: board.chips,
        freq: board.frequency,
        rtpow: `${(board.hashrate / 1e9).toFixed(2)}G`,
        intmp: inlet,
        outtmp: board.boardTemperature,
      })),
    };
  }
}

const POOL = {
  no: 1,
  addr: "stratum+tcp://kas.example.com:5555",
  user: "worker",
  connect: true,
  state: 1,
  diff: "64.00 G",
  priority: 1,
  accepted: 10,
  rejected: 0,
};

function runtime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return [Math.floor(hours / 24), hours % 24, minutes % 60, seconds % 60].join(":");
}
