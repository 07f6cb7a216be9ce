// A simulated Avalon Q: Canaan's firmware 25052801 on a K230, as far as captures, the vendor's Nano 3S source
// and field software show it. `target-temp` is in the list of options of other builds; this one has it too.

import type { Summary, Version } from "../../drivers/avalon/wire.ts";
import { celsius } from "../../drivers/contract/units.ts";
import type { CgminerPool } from "../../drivers/transport/cgminer.ts";
import { AvalonFirmware } from "./avalon-firmware.ts";
import { q, statisticsOf } from "./avalon-text.ts";
import { type Answer, failed, informed, listed, OK, parseRequest, render } from "./avalon-words.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { TcpDaemon } from "./tcp-daemon.ts";

export interface AvalonOptions extends MachineOptions {
  /** Some builds leave the module out of `estats`; `litestats` has it. */
  readonly emptyEstats?: boolean;
  /** Seconds by which the machine's clock is ahead. */
  readonly clockAhead?: number;
}

const OPTIONS =
  "help voltage fan-spd lcd hash-sn-read volt-tuning workmode worklevel work_mode_lvl reboot softon softoff filter-clean facopts faclock target-temp frequency loop password qr_auth time".split(
    " ",
  );
const LOGIN = { user: "admin", password: "admin" };
const WORK_PER_SHARE = 65_536;

export class AvalonMachine implements SimulatedMachine {
  readonly kind = "avalon";
  readonly firmware: AvalonFirmware;
  /** `setpool` and what `ascset` sets, as they came, without passwords. */
  readonly orders: string[] = [];
  readonly #daemon: TcpDaemon;
  readonly #options: AvalonOptions;
  readonly #host: string;
  #port = 0;
  #pools = [0, 1, 2].map((index) => ({
    url: `stratum+tcp://pool${index}.test:3333`,
    user: "account.q1",
  }));
  #poolsNext = this.#pools;

  constructor(options: AvalonOptions) {
    this.#options = options;
    this.#host = options.host ?? "127.0.0.1";
    this.firmware = new AvalonFirmware(options.seed, options.now());
    this.firmware.onBoot = () => {
      this.#pools = this.#poolsNext;
    };
    this.#daemon = new TcpDaemon({
      host: this.#host,
      port: options.port ?? 0,
      reply: (request) => this.#reply(request),
    });
  }

  get plant() {
    return this.firmware.plant;
  }

  get doors() {
    return [this.#daemon];
  }

  get connections(): number {
    return this.#daemon.connections;
  }

  get address() {
    // No web page is simulated: the driver does not ask it.
    return { host: this.#host, port: this.#port, httpPort: 80 };
  }

  set fault(fault: ReplyFault | undefined) {
    this.#daemon.fault = fault;
  }

  async start(): Promise<void> {
    this.#port = await this.#daemon.start();
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  #reply(request: string): string | undefined {
    const now = this.#options.now();
    this.firmware.advance(now);
    if (now < this.firmware.offlineUntil) return undefined;
    const { json, command, parameter } = parseRequest(request);
    const answer = this.#answer(command, parameter);
    return answer === undefined ? undefined : render(answer, this.#clock, json);
  }

  /** Unix seconds by the machine. */
  get #clock(): number {
    return this.#options.now() / 1000 + (this.#options.clockAhead ?? 0);
  }

  #answer(command: string, parameter: string): Answer | undefined {
    switch (command) {
      case "version":
        return listed(22, "CGMiner versions", "VERSION", [q satisfies Version]);
      case "summary":
        return listed(11, "Summary", "SUMMARY", [this.#summary()]);
      case "pools":
        return listed(7, "3 Pool(s)", "POOLS", this.#poolRecords());
      case "estats":
        return listed(70, "CGMiner stats", "STATS", [
          {
            STATS: 0,
            ID: "AVA100",
            ...(this.#options.emptyEstats
              ? { "MM ID0:Summary": "" }
              : statisticsOf(this.firmware, true)),
          },
          { STATS: 1, ID: "POOL0" },
        ]);
      case "litestats":
        return listed(70, "CGMiner stats", "STATS", [statisticsOf(this.firmware, false)]);
      case "setpool":
        this.orders.push(command);
        return this.#setPool(parameter.split(","));
      case "ascset":
        return this.#set(parameter.split(","));
      default:
        return { status: "E", code: 14, message: "Invalid command" };
    }
  }

  #set([, option = "", first = "", second = ""]: readonly string[]): Answer | undefined {
    const { firmware } = this;
    const now = this.#options.now();
    if (option !== "help" && first !== "get") this.orders.push([option, first, second].join(","));
    switch (option) {
      case "help":
        return informed(OPTIONS.map((name) => `${name}|`).join(""));
      case "workmode":
        return this.#setMode(first, Number(second));
      case "fan-spd":
        return this.#setFan(Number(first));
      case "target-temp": {
        const target = Number(first);
        if (!(target >= 50 && target <= 90)) return failed("invalid temp value, valid range 50-90");
        firmware.target = celsius(target);
        return OK;
      }
      case "softoff":
        firmware.scheduleOff(this.#toBench(first), now);
        return informed(`success softoff:${first.slice(2)}`);
      case "softon":
        firmware.scheduleOn(this.#toBench(first), now);
        return undefined;
      case "reboot":
        firmware.reboot(Number(first), now);
        return undefined;
      case "worklevel":
        return first === "get" ? informed("worklevel 0") : failed("worklevel unknown argument");
      default:
        return failed(`Unknown option: ${option}`);
    }
  }

  /** `1:<unix>` by the machine's clock, in the clock of the bench. */
  #toBench(schedule: string): number {
    return Number(schedule.slice(2)) - (this.#options.clockAhead ?? 0);
  }

  #setMode(verb: string, mode: number): Answer {
    const { firmware } = this;
    if (verb === "get") return informed(`workmode ${firmware.mode}`);
    if (verb !== "set") return failed("error:2 parameter error");
    if (!(mode >= 0 && mode <= 2)) return failed("error:1 not support set workmode max_mode[2]");
    if (firmware.adjusted !== 1) {
      return failed(`current mode ${firmware.mode} is caling Don't permit switch mode`);
    }
    firmware.setMode(mode, this.#options.now());
    return OK;
  }

  #setFan(speed: number): Answer {
    if (speed !== -1 && !(speed >= 15 && speed <= 100)) {
      return failed("invalid fan value, valid range 15-100 for stable pwm,-1 for auto adjust");
    }
    this.firmware.fan = speed === -1 ? "auto" : speed;
    return OK;
  }

  #setPool([user, password, slot, url = "", worker = "", secret = ""]: readonly string[]): Answer {
    const refused = (why: string): Answer => ({
      status: "E",
      code: 132,
      message: `Pool set error: ${why}`,
    });
    if (user !== LOGIN.user) return refused("username err");
    if (password !== LOGIN.password) return refused("userpass err");
    this.#poolsNext = this.#poolsNext.map((pool, index) =>
      index === Number(slot) ? { url, user: worker } : pool,
    );
    return {
      status: "S",
      code: 133,
      message: `Pool set info: \npool ${slot} success set to ${url}\nworker is ${worker}\nworkerpassword is ${secret}\nPlease reboot miner to make config work.\n`,
    };
  }

  #summary() {
    const { meter, plant } = this.firmware;
    const rate = (seconds: number) => Number((meter.rate(seconds * 1000) / 1e6).toFixed(2));
    const shares = Math.floor(plant.counted(0) / 2 ** 32 / WORK_PER_SHARE);
    return {
      Elapsed: Math.floor(Math.max(0, this.#options.now() - this.firmware.bootedAt) / 1000),
      "MHS av": Number((meter.average() / 1e6).toFixed(2)),
      "MHS 5s": rate(5),
      "MHS 1m": rate(60),
      "MHS 5m": rate(300),
      "MHS 15m": rate(900),
      "Hardware Errors": plant.errors(0),
      Accepted: shares,
      Rejected: 0,
      Stale: 0,
      "Difficulty Accepted": shares * WORK_PER_SHARE,
    } satisfies Summary;
  }

  #poolRecords() {
    return this.#pools.map(
      (pool, index) =>
        ({
          POOL: index,
          URL: pool.url,
          Status: "Alive",
          Priority: index,
          User: pool.user,
          "Last Share Time": index === 0 ? Math.floor(this.#clock) - 2 : 0,
          "Stratum Active": index === 0,
          "Stratum Difficulty": WORK_PER_SHARE,
        }) satisfies CgminerPool,
    );
  }
}
