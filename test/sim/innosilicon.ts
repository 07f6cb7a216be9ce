// An Innosilicon T3H+: the pages behind their token on 80, cgminer's API on 4028.

import { type Answer, AUTH, pathOf } from "../../drivers/innosilicon/wire.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import { InnosiliconProgram, SLIDER, STOCK } from "./innosilicon-program.ts";
import { answerPage, parsePools, type StoredPool, stats, VERSION } from "./innosilicon-replies.ts";
import { Tokens } from "./innosilicon-tokens.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { Plant } from "./plant.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { scaledPlant } from "./scaled-plant.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

const SECOND = 1000;
/** systemd stops the program and starts it; assumed. */
const RESTART_DARK = 20 * SECOND;
/** The script answers, then the board boots; assumed. */
const REBOOT_DARK = 80 * SECOND;
const WATCH_MS = 20;

/** Boards, chips and fans as a public library lists them; rate and watts are assumed. */
const T3H_PLUS = scaledPlant({
  name: "Innosilicon T3H+",
  wall: 3300,
  rate: 57e12,
  boards: 3,
  chipsPerBoard: 114,
  fans: 4,
});

export interface InnosiliconOptions extends MachineOptions {
  /** Default admin and admin, as the factory sets them. */
  readonly username?: string;
  readonly password?: string;
  /**
   * As the maker's script of 2019 does it: a change from one level of `balanced` to another is answered
   * with success and not stored.
   */
  readonly keepsBalanced?: boolean;
}

export class InnosiliconMachine implements SimulatedMachine {
  readonly kind = "innosilicon";
  readonly plant: Plant;
  readonly program: InnosiliconProgram;
  readonly api: TcpDaemon;
  readonly web: HttpDaemon;
  /** Pages asked for, in their order. */
  readonly visits: string[] = [];
  /** Bodies of the orders, by page. */
  readonly orders: { readonly page: string; readonly body: string }[] = [];
  /** Pages that this build does not have. */
  readonly missing = new Set<string>();
  /** 4028 serves the machine itself only. */
  apiClosed = false;
  /** The network cable is out. */
  offline = false;
  /** Of getErrorDetail. */
  errorCode = 0;
  profile = STOCK;
  pools: readonly StoredPool[] = [
    { url: "stratum+tcp://pool.test:3333", user: "farm.t3", pass: "secret-word" },
  ];
  readonly #options: InnosiliconOptions;
  readonly #tokens = new Tokens();
  #darkUntil = 0;
  #watch: NodeJS.Timeout | undefined;
  #ports = { port: 0, httpPort: 0 };

  constructor(options: InnosiliconOptions) {
    this.#options = options;
    const now = options.now();
    this.plant = new Plant(T3H_PLUS, { seed: options.seed, now });
    this.program = new InnosiliconProgram(this.plant, now);
    const host = options.host ?? "127.0.0.1";
    this.api = new TcpDaemon({
      host,
      port: options.port ?? 0,
      reply: (request) => this.#reply(request),
    });
    this.web = new HttpDaemon({
      host,
      port: options.httpPort ?? 0,
      handle: (request) => this.#page(request),
    });
  }

  get address() {
    return { host: this.#options.host ?? "127.0.0.1", ...this.#ports };
  }

  get doors() {
    return [this.api, this.web];
  }

  get connections(): number {
    return this.api.connections + this.web.connections;
  }

  get fault(): ReplyFault | undefined {
    return this.web.fault;
  }

  /** Of the pages; `api.fault` is that of 4028. */
  set fault(value: ReplyFault | undefined) {
    this.web.fault = value;
  }

  async start(): Promise<void> {
    const port = await this.api.start();
    try {
      this.#ports = { port, httpPort: await this.web.start() };
    } catch (error) {
      await this.stop();
      throw error;
    }
    // The machine's clock is not ours: only looking at it tells when a start is over.
    this.#watch = setInterval(() => this.settle(), WATCH_MS);
    this.#watch.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.api.stop();
    await this.web.stop();
  }

  /** Lives up to now and opens or closes its doors accordingly. */
  settle(): void {
    const now = this.#options.now();
    this.program.advance(now);
    this.api.refusing = this.offline || this.apiClosed || !this.program.answers;
    this.web.refusing = this.offline || now < this.#darkUntil;
  }

  /** Every token given so far is refused from now on. */
  expireTokens(): void {
    this.#tokens.forget();
  }

  get #facts() {
    const { program, pools, profile, errorCode } = this;
    return { program, pools, profile, errorCode };
  }

  #reply(request: string): string {
    this.program.advance(this.#options.now());
    if (request.includes('"version"')) return JSON.stringify(VERSION);
    if (request.includes('"stats"')) return JSON.stringify(stats(this.#facts));
    return JSON.stringify({ STATUS: [{ STATUS: "E", Code: 14, Msg: "Invalid command" }], id: 1 });
  }

  #page({ method, path, headers, body }: HttpDaemonRequest): HttpReply {
    this.program.advance(this.#options.now());
    this.visits.push(path);
    if (path === "/") return { headers: HTML, body: INDEX };
    if (path === AUTH) return json(this.#authenticate(new URLSearchParams(body)));
    const page = path.slice(pathOf("").length);
    // Without a route of its own every path shows the start page.
    if (method !== "POST" || this.missing.has(page)) return { headers: HTML, body: INDEX };
    if (!this.#tokens.knows(headers["authorization"], this.#options.now()))
      return json({ success: false, token: "expired" });
    return this.#answer(page, body);
  }

  #answer(page: string, body: string): HttpReply {
    const told = answerPage(page, this.#facts);
    return told === undefined ? this.#order(page, body) : json(told);
  }

  #order(page: string, body: string): HttpReply {
    this.orders.push({ page, body });
    const form = new URLSearchParams(body);
    switch (page) {
      case "setAutoTune":
        return json(this.#tune(form));
      case "updatePools":
        return json(this.#setPools(form));
      case "restartCgMiner":
        this.#restart(RESTART_DARK, false);
        return json({ success: true });
      case "reboot":
        this.#reboot();
        return json({ success: true });
      default:
        return { headers: HTML, body: INDEX };
    }
  }

  #tune(form: URLSearchParams): Answer {
    const mode = form.get("autotune");
    if (mode === null) return { success: false, message: "missing autotune value" };
    const wish = `${mode} ${form.get("level") ?? "2"}`;
    const stays = mode === "balanced" && this.profile.startsWith("balanced");
    if (!SLIDER.includes(wish) || (this.#options.keepsBalanced === true && stays)) {
      return { success: true };
    }
    this.profile = wish;
    this.#restart(RESTART_DARK, true);
    return { success: true };
  }

  #setPools(form: URLSearchParams): Answer {
    this.pools = parsePools(form);
    this.#restart(RESTART_DARK, false);
    return { success: true, message: "nolock" };
  }

  #restart(dark: number, retune: boolean): void {
    this.program.restart(this.profile, dark, retune);
    this.api.refusing = true;
  }

  /** The key of the tokens lies in memory. The doors close when the answer has gone out. */
  #reboot(): void {
    this.expireTokens();
    this.#darkUntil = this.#options.now() + REBOOT_DARK;
    this.#restart(REBOOT_DARK, false);
  }

  #authenticate(form: URLSearchParams): Answer & { readonly jwt?: string } {
    const { username = "admin", password = "admin" } = this.#options;
    if (form.get("username") !== username) return { success: false, message: "user not found" };
    if (form.get("password") !== password) return { success: false, message: "invalid password" };
    return { success: true, jwt: this.#tokens.give(username, this.#options.now()) };
  }
}

const HTML = { "content-type": "text/html" };
const INDEX = "<!doctype html><html><head><title>AsicMiner</title></head><body></body></html>";

const json = (value: unknown): HttpReply => ({ body: JSON.stringify(value) });
