// An Ebang Ebit E11++: web pages behind a cookie. Keys and shapes as an E9-class machine gave them.

import { randomBytes } from "node:crypto";
import { PATHS, sessionCookie } from "../../drivers/ebang/wire.ts";
import { EbangProgram } from "./ebang-program.ts";
import {
  alarmLoop,
  type Facts,
  minerStatus,
  parsePools,
  poolValues,
  type StoredPool,
  systemStatus,
} from "./ebang-replies.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { Plant } from "./plant.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { scaledPlant } from "./scaled-plant.ts";

/** 44 TH/s and 1980 W on sales lists; boards by the temperatures of the E9; chips are assumed. */
const E11_PLUS_PLUS = scaledPlant({
  name: "Ebit E11++",
  wall: 1980,
  rate: 44e12,
  boards: 4,
  chipsPerBoard: 84,
  fans: 2,
});

const WATCH_MS = 20;
const MAC = "02:EB:A1:00:00:11";

export interface EbangOptions extends MachineOptions {
  /** Default admin and admin. */
  readonly username?: string;
  readonly password?: string;
  /** Default that of an E11++. */
  readonly product?: string;
}

export class EbangMachine implements SimulatedMachine {
  readonly kind = "ebang";
  readonly plant: Plant;
  readonly program: EbangProgram;
  readonly web: HttpDaemon;
  /** Paths asked for, in their order. */
  readonly visits: string[] = [];
  /** Bodies of the orders. */
  readonly orders: { readonly path: string; readonly body: string }[] = [];
  readonly alarms = { calAlarm: 0, poolAlarm: 0, tempAlarm: 0, eth1Alarm: 0 };
  pools: readonly StoredPool[] = [
    { url: "stratum+tcp://pool.test:3333", user: "farm.e11", password: "secret-word" },
  ];
  /** The network cable is out. */
  offline = false;
  readonly #options: EbangOptions;
  readonly #sessions = new Set<string>();
  #watch: NodeJS.Timeout | undefined;
  #httpPort = 0;

  constructor(options: EbangOptions) {
    this.#options = options;
    const now = options.now();
    this.plant = new Plant(E11_PLUS_PLUS, { seed: options.seed, now });
    this.program = new EbangProgram(this.plant, now);
    this.web = new HttpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.httpPort ?? 0,
      handle: (request) => this.#page(request),
    });
  }

  /** It has no API port: nothing listens on the discard port. */
  get address() {
    return { host: this.#options.host ?? "127.0.0.1", port: 9, httpPort: this.#httpPort };
  }

  get doors() {
    return [this.web];
  }

  get connections(): number {
    return this.web.connections;
  }

  get fault(): ReplyFault | undefined {
    return this.web.fault;
  }

  set fault(value: ReplyFault | undefined) {
    this.web.fault = value;
  }

  async start(): Promise<void> {
    this.#httpPort = await this.web.start();
    // The machine's clock is not ours: only looking at it tells when a start is over.
    this.#watch = setInterval(() => this.settle(), WATCH_MS);
    this.#watch.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.web.stop();
  }

  /** Lives up to now and opens or closes its door accordingly. */
  settle(): void {
    this.program.advance(this.#options.now());
    this.web.refusing = this.offline;
  }

  /** Every session given so far is unknown from now on. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  get #facts(): Facts {
    const { program, pools } = this;
    return { program, pools, product: this.#options.product ?? "Ebit E11++" };
  }

  #page({ method, path, headers, body }: HttpDaemonRequest): HttpReply {
    this.program.advance(this.#options.now());
    this.visits.push(path);
    if (path === PATHS.login && method === "POST") return this.#login(new URLSearchParams(body));
    const session = sessionCookie(headers["cookie"]);
    const known = session !== undefined && this.#sessions.has(session);
    return known && method === "POST" ? this.#answer(path, body) : LOGIN_PAGE;
  }

  #answer(path: string, body: string): HttpReply {
    switch (path) {
      case PATHS.status:
        return feedback(minerStatus(this.#facts));
      case PATHS.alarms:
        return feedback({ ...this.alarms, ...alarmLoop(this.program) });
      case PATHS.system:
        return feedback(systemStatus(this.#facts));
      case PATHS.pools:
        return feedback(poolValues(this.pools));
      case PATHS.admin:
        return feedback({ macaddr: MAC });
      case PATHS.setPools:
        this.orders.push({ path, body });
        this.pools = parsePools(new URLSearchParams(body));
        this.program.restart();
        return feedback({});
      case PATHS.restart:
        this.orders.push({ path, body });
        this.program.restart();
        return feedback({});
      default:
        return { status: 404, headers: HTML, body: "<html>404</html>" };
    }
  }

  #login(form: URLSearchParams): HttpReply {
    const { username = "admin", password = "admin" } = this.#options;
    if (form.get("username") !== username || form.get("word") !== password) return LOGIN_PAGE;
    const cookie = `-http-session-=1::http.session::${randomBytes(16).toString("hex")}`;
    this.#sessions.add(cookie);
    return {
      headers: { ...HTML, "set-cookie": `${cookie}; path=/; domain=127.0.0.1; httponly` },
      body: "<html></html>",
    };
  }
}

const HTML = { "content-type": "text/html" };
const LOGIN_PAGE: HttpReply = {
  headers: HTML,
  body: '<html><form action="/user/login" method="post"><input name="username"><input name="word" type="password"><select name="yuyan"></select></form></html>',
};

const feedback = (value: unknown): HttpReply => ({
  body: JSON.stringify({ status: 1, feedback: value }),
});
