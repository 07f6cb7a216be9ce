// An Antminer S19 with Bitmain's firmware of 2023-11-17: the API on 4028, the pages behind a digest on
// 80, the supply's watts on 6060.

import { PAGES, POWER_PATH } from "../../drivers/antminer/wire.ts";
import { type Percent, percent } from "../../drivers/contract/units.ts";
import {
  BUSY,
  FACTORY,
  M000,
  printConfig,
  runScript,
  type StoredConfig,
} from "./antminer-config.ts";
import { chainStats, startPage } from "./antminer-new-api.ts";
import { AntminerProgram } from "./antminer-program.ts";
import { answerCommand, COMPILED, TYPE } from "./antminer-replies.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { PLANTS, Plant } from "./plant.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

const SECOND = 1000;
/** reboot.cgi stops the program, waits, and lets go of the network; then the board boots. */
const REBOOT_DARK_AFTER = 53 * SECOND;
const REBOOT_DARK_FOR = 75 * SECOND;
/** One recv(). */
const REQUEST_LIMIT = 4095;
const WATCH_MS = 20;
const MAC = "02:B3:B9:00:00:19";

export interface AntminerOptions extends MachineOptions {
  /** Default root and root, as the factory sets them. */
  readonly username?: string;
  readonly password?: string;
  /** Of `/miner_power`; 0, the default, finds a free one; false is a machine without it. */
  readonly powerPort?: number | false;
  /** M000 OK! to every setting, and nothing happens (S19j Pro of 2022-12 to bitmain-work-mode). */
  readonly answersOkDoesNothing?: boolean;
}

export class AntminerMachine implements SimulatedMachine {
  readonly kind = "antminer";
  readonly plant: Plant;
  readonly program: AntminerProgram;
  readonly api: TcpDaemon;
  readonly web: HttpDaemon;
  readonly supply: HttpDaemon | undefined;
  /** Bodies that set_miner_conf.cgi received, in their order. */
  readonly orders: string[] = [];
  /** Requests of the web pages: method and path. */
  readonly visits: string[] = [];
  answersOkDoesNothing: boolean;
  /** /tmp/set_cgminer_conf.lock exists. */
  locked = false;
  /** api-network is false: 4028 serves the machine itself only. */
  apiClosed = false;
  /** Called at the start of each visit, e.g. to break the answer of the next. */
  onVisit: ((visit: string) => void) | undefined;
  blinking = false;
  reboots = 0;
  config: StoredConfig = FACTORY;
  readonly #options: AntminerOptions;
  #dark: { readonly from: number; readonly until: number } | undefined;
  #watch: NodeJS.Timeout | undefined;
  #ports = { port: 0, httpPort: 0, powerPort: 0 };

  constructor(options: AntminerOptions) {
    this.#options = options;
    this.answersOkDoesNothing = options.answersOkDoesNothing ?? false;
    const now = options.now();
    this.plant = new Plant(PLANTS.s19, { seed: options.seed, now });
    this.program = new AntminerProgram(this.plant, now);
    const host = options.host ?? "127.0.0.1";
    this.api = new TcpDaemon({
      host,
      port: options.port ?? 0,
      reply: (request) => this.#reply(request),
    });
    const { username = "root", password = "root" } = options;
    this.web = new HttpDaemon({
      host,
      port: options.httpPort ?? 0,
      digest: { realm: "antMiner Configuration", username, password },
      handle: (request) => this.#page(request),
    });
    const { powerPort = 0 } = options;
    if (powerPort !== false) {
      this.supply = new HttpDaemon({
        host,
        port: powerPort,
        handle: (request) => this.#power(request),
      });
    }
  }

  get address() {
    const { host = "127.0.0.1" } = this.#options;
    const { port, httpPort, powerPort } = this.#ports;
    return { host, port, httpPort, ...(this.supply === undefined ? {} : { powerPort }) };
  }

  get doors() {
    return this.supply === undefined ? [this.api, this.web] : [this.api, this.web, this.supply];
  }

  get connections(): number {
    return this.api.connections + this.web.connections + (this.supply?.connections ?? 0);
  }

  get fault(): ReplyFault | undefined {
    return this.api.fault;
  }

  /** Of 4028; `web.fault` and `supply.fault` are those of the other doors. */
  set fault(value: ReplyFault | undefined) {
    this.api.fault = value;
  }

  async start(): Promise<void> {
    const port = await this.api.start();
    try {
      const httpPort = await this.web.start();
      this.#ports = { port, httpPort, powerPort: (await this.supply?.start()) ?? 0 };
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
    await this.supply?.stop();
  }

  /** Lives up to now and opens or closes its doors accordingly. */
  settle(): void {
    const now = this.#options.now();
    this.program.advance(now);
    const dark = this.#dark !== undefined && now >= this.#dark.from && now < this.#dark.until;
    if (this.#dark !== undefined && now >= this.#dark.until) this.#dark = undefined;
    this.web.refusing = dark;
    this.api.refusing = this.apiClosed || !this.program.answers;
    if (this.supply !== undefined) this.supply.refusing = !this.program.answers;
  }

  get #facts() {
    return { program: this.program, pools: this.config.pools };
  }

  #reply(request: string): string {
    this.program.advance(this.#options.now());
    return answerCommand(this.#facts, request.slice(0, REQUEST_LIMIT));
  }

  #power(request: HttpDaemonRequest): HttpReply {
    this.program.advance(this.#options.now());
    const headers = { "content-type": "text/plain" };
    const watts = Math.round(this.plant.truth.wallPower);
    const body = request.path === POWER_PATH ? `miner power:${watts}` : "error 6060 cmd";
    return { headers, body };
  }

  #page(request: HttpDaemonRequest): HttpReply {
    this.program.advance(this.#options.now());
    const visit = `${request.method} ${request.path}`;
    this.visits.push(visit);
    this.onVisit?.(visit);
    switch (request.path) {
      case "/":
        return { headers: { "content-type": "text/html" }, body: "<html>Antminer</html>" };
      case PAGES.system:
        return { body: JSON.stringify(SYSTEM) };
      case PAGES.conf:
        return { body: printConfig(this.config) };
      case PAGES.setConf:
        return { body: this.#set(request.body) };
      case PAGES.blink:
        return { body: this.#blink(request.body) };
      case PAGES.blinkStatus:
        return { body: JSON.stringify({ blink: this.blinking }) };
      case PAGES.reboot:
        return this.#reboot();
      case PAGES.chains:
        return this.#ask(() => chainStats(this.#facts));
      case PAGES.lamps:
        return this.#ask(() => startPage(this.#facts));
      default:
        return { status: 404, body: "<html>404 Not Found</html>" };
    }
  }

  /** These pages ask the program; without it they print nothing. */
  #ask(answer: () => unknown): HttpReply {
    return { body: this.program.answers ? JSON.stringify(answer()) : "" };
  }

  #set(body: string): string {
    this.orders.push(body);
    if (this.locked) return BUSY;
    if (this.answersOkDoesNothing) return M000;
    const { answer, config, consequence } = runScript(this.config, body);
    if (config === undefined) return answer;
    this.config = config;
    this.program.setFan(fanOf(config));
    if (consequence === "restart") {
      this.program.restart(config.workMode === "1");
      this.settle();
    }
    return answer;
  }

  #blink(body: string): string {
    this.orders.push(body);
    const wish = /^\{"blink":"?(true|false)"?\}$/.exec(body.trim())?.[1];
    if (wish === undefined) return '{"code":"B001"}';
    this.blinking = wish === "true";
    return `{"code":"${this.blinking ? "B000" : "B100"}"}`;
  }

  #reboot(): HttpReply {
    this.orders.push(PAGES.reboot);
    this.reboots += 1;
    const now = this.#options.now();
    this.#dark = {
      from: now + REBOOT_DARK_AFTER,
      until: now + REBOOT_DARK_AFTER + REBOOT_DARK_FOR,
    };
    this.blinking = false;
    this.program.restart(this.config.workMode === "1", REBOOT_DARK_FOR);
    this.settle();
    return { headers: { "content-type": "text/html" }, body: "Status 200" };
  }
}

/** Without a switch or a number the program takes its own default: automatic. */
function fanOf(config: StoredConfig): Percent | "auto" {
  const duty = Number(config.fanPwm);
  const usable = config.fanPwm !== "" && duty >= 0 && duty <= 100;
  return config.fanCtrl === "true" && usable ? percent(duty) : "auto";
}

const SYSTEM = {
  minertype: TYPE,
  nettype: "DHCP",
  netdevice: "eth0",
  macaddr: MAC,
  hostname: "Antminer",
  ipaddress: "127.0.0.1",
  netmask: "255.255.255.0",
  gateway: "",
  dnsservers: "",
  system_mode: "GNU/Linux",
  system_kernel_version: "4.6.0",
  system_filesystem_version: COMPILED,
  firmware_type: "Release",
};
