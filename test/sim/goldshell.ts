// A simulated Goldshell KD5 with the maker's firmware. No recording of one is public: its answers follow
// what public clients read.

import { megahertz } from "../../drivers/contract/units.ts";
import { PAGES } from "../../drivers/goldshell/wire.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { fromNameplate } from "./nameplate.ts";
import { Plant } from "./plant.ts";

/** 18 TH/s at 2250 W as sold. */
const KD5 = fromNameplate({
  name: "Goldshell KD5",
  algorithm: "blake2s",
  boards: 4,
  chipsPerBoard: 46,
  wall: 2250,
  rate: 18e12,
  fans: 4,
});
/** Share of the stock frequency. */
const PLANS = [
  { level: 0, info: "800 MHz 0.42 V 100 RPM", share: 1 },
  { level: 1, info: "640 MHz 0.40 V 60 RPM", share: 0.8 },
] as const;
const START = 60_000;
const TOKEN = "Bearer goldshell-token";

export interface GoldshellOptions extends MachineOptions {
  readonly password: string;
}

export class GoldshellMachine implements SimulatedMachine {
  readonly kind = "goldshell";
  readonly plant: Plant;
  readonly web: HttpDaemon;
  /** What came to change it, as it came. */
  readonly orders: string[] = [];
  readonly #options: GoldshellOptions;
  #setting: Readonly<Record<string, unknown>> = {
    name: "28:E2:97:00:00:05",
    version: "2.1.8",
    select: 0,
    powerplans: PLANS.map(({ level, info }) => ({ level, info })),
    manual: false,
    ledcontrol: false,
    tempcontrol: 90,
  };
  #startsAt = 0;
  #httpPort = 0;

  constructor(options: GoldshellOptions) {
    this.#options = options;
    this.plant = new Plant(KD5, { seed: options.seed, now: options.now() });
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

  /** As it was last put, whole. */
  get setting(): Readonly<Record<string, unknown>> {
    return this.#setting;
  }

  get address() {
    // 4028 is left out here; the discard port stands for one that is closed.
    return { host: this.#options.host ?? "127.0.0.1", port: 9, httpPort: this.#httpPort };
  }

  async start(): Promise<void> {
    this.#httpPort = await this.web.start();
  }

  async stop(): Promise<void> {
    await this.web.stop();
  }

  #page({ path, method, body, headers }: HttpDaemonRequest): HttpReply {
    const now = this.#options.now();
    this.plant.setHashing(now >= this.#startsAt);
    this.plant.advance(now);
    if (path === "/") return { body: "<html><title>cloud-box</title></html>" };
    if (path.startsWith("/user/login")) return this.#logIn(path);
    if (headers["authorization"] !== TOKEN) return { status: 401 };
    if (method === "PUT") return this.#put(path, body, now);
    const answer = this.#answer(path);
    return answer === undefined ? { status: 404 } : { body: JSON.stringify(answer) };
  }

  #logIn(path: string): HttpReply {
    const given = new URLSearchParams(path.split("?")[1]);
    const known =
      given.get("username") === "admin" && given.get("password") === this.#options.password;
    return { body: JSON.stringify(known ? { "JWT Token": TOKEN.replace("Bearer ", "") } : {}) };
  }

  #put(path: string, body: string, now: number): HttpReply {
    this.orders.push(`${path} ${body}`);
    if (path !== PAGES.setting) return { status: 404 };
    const before = this.#setting["select"];
    this.#setting = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const plan = PLANS[Number(this.#setting["select"])];
    if (plan === undefined) return { status: 400 };
    if (before !== this.#setting["select"]) {
      this.plant.setFrequency(megahertz(KD5.stock.frequency * plan.share));
      this.plant.setHashing(false);
      this.#startsAt = now + START;
    }
    return { body: "{}" };
  }

  #answer(path: string): unknown {
    const { boards } = this.plant.truth;
    switch (path) {
      case PAGES.status:
        return { model: "Goldshell-KD5", firmware: "2.1.8", hardware: "1.0" };
      case PAGES.setting:
        return this.#setting;
      case PAGES.pools:
        return [
          { url: "stratum+tcp://kda.example.com:3333", user: "w", active: true, legal: true },
        ];
      case PAGES.devs:
        return table(
          boards.map((board, ID) => ({
            ID,
            "MHS 20s": board.hashrate / 1e6,
            "MHS av": board.hashrate / 1e6,
            "tstemp-2": board.boardTemperature,
            Accepted: 5,
            Rejected: 0,
          })),
        );
      case PAGES.details:
        return table(boards.map((board, ID) => ({ ID, "chips-nr": board.chips })));
      default:
        return undefined;
    }
  }
}

const table = (DEVS: readonly unknown[]) => ({ STATUS: [{ STATUS: "S", Code: 9 }], DEVS });
