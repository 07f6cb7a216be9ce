// An Antminer S21 Pro on VNish 1.2.7: the interface around VnishMiner.

import { epochMs } from "../../drivers/contract/units.ts";
import { SettingsPatch } from "../../drivers/vnish/wire.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { Plant } from "./plant.ts";
import { Random } from "./random.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { TcpDaemon } from "./tcp-daemon.ts";
import { asObject, VnishKeys } from "./vnish-keys.ts";
import { VnishMiner } from "./vnish-miner.ts";
import { S21_PRO } from "./vnish-plant.ts";
import { tellPresets } from "./vnish-presets.ts";
import {
  type Told,
  tellApi,
  tellChips,
  tellInfo,
  tellPerf,
  tellSettings,
  tellStatus,
  tellSummary,
} from "./vnish-reports.ts";

const SECOND = 1000;
const BASE = "/api/v1/";
/** Seconds until a rebooted machine answers again; assumed, with the three that the firmware announces. */
const REBOOT = { after: 3, from: 60, to: 90 } as const;

export class VnishMachine implements SimulatedMachine, Told {
  readonly kind = "vnish";
  readonly plant: Plant;
  readonly miner: VnishMiner;
  readonly mac = "02:00:5E:10:00:21";
  readonly meterGain: number;
  metering = true;
  findMiner = false;
  readonly keys: VnishKeys;
  /** What was asked for, in order: `POST settings`. */
  readonly requests: string[] = [];
  /** Those of them that change the machine and were let in. */
  readonly orders: string[] = [];
  readonly #options: MachineOptions;
  readonly #random: Random;
  readonly #web: HttpDaemon;
  readonly #api: TcpDaemon;
  #reboot: { readonly downAt: number; readonly upAt: number } | undefined;
  #port = 0;
  #httpPort = 0;

  constructor(options: MachineOptions & { readonly byHand?: boolean }) {
    this.#options = options;
    this.#random = new Random(options.seed + 0x564e);
    const now = options.now();
    this.plant = new Plant(S21_PRO, { seed: options.seed, now });
    this.miner = new VnishMiner(this.plant, now, options.byHand);
    this.keys = new VnishKeys(this.#random);
    this.meterGain = this.#random.between(0.99, 1.01);
    const host = options.host ?? "127.0.0.1";
    this.#web = new HttpDaemon({
      host,
      port: options.httpPort ?? 0,
      handle: (request) => this.#serve(request),
    });
    this.#api = new TcpDaemon({
      host,
      port: options.port ?? 0,
      reply: (text) => this.#answer(text),
    });
  }

  get address() {
    const { host = "127.0.0.1" } = this.#options;
    return { host, port: this.#port, httpPort: this.#httpPort };
  }

  get doors() {
    return [this.#web, this.#api];
  }

  get connections(): number {
    return this.#web.connections + this.#api.connections;
  }

  get now(): number {
    return this.#options.now();
  }

  /** Of the web server; `apiFault` is that of 4028. */
  get fault(): ReplyFault | undefined {
    return this.#web.fault;
  }

  set fault(value: ReplyFault | undefined) {
    this.#web.fault = value;
  }

  set apiFault(value: ReplyFault | undefined) {
    this.#api.fault = value;
  }

  async start(): Promise<void> {
    this.#httpPort = await this.#web.start();
    this.#port = await this.#api.start();
  }

  async stop(): Promise<void> {
    await this.#web.stop();
    await this.#api.stop();
  }

  /** False while a reboot goes on. Looked at when asked: only the machine's clock tells. */
  #isUp(): boolean {
    const reboot = this.#reboot;
    if (reboot === undefined || this.now < reboot.downAt) {
      this.miner.advance(epochMs(this.now));
      return true;
    }
    this.miner.advance(epochMs(reboot.downAt));
    this.miner.halt();
    this.keys.revoke();
    this.findMiner = false;
    if (this.now < reboot.upAt) return false;
    this.miner.advance(epochMs(reboot.upAt));
    this.miner.boot();
    this.#reboot = undefined;
    this.miner.advance(epochMs(this.now));
    return true;
  }

  /** Like a refused connection, a dropped one carries no answer. */
  #answer(text: string): string | undefined {
    if (!this.#isUp() || this.miner.state === "restarting") return undefined;
    const request = asObject(text);
    return JSON.stringify(tellApi(this, String(request?.["command"] ?? "")));
  }

  #serve(request: HttpDaemonRequest): HttpReply {
    if (!this.#isUp()) throw new Error("the machine is rebooting");
    if (!request.path.startsWith(BASE)) return page();
    const path = request.path.slice(BASE.length);
    const what = `${request.method} ${path}`;
    this.requests.push(what);
    const free = this.#public(what, request);
    if (free !== undefined) return free;
    if (!this.keys.opens(request)) return { status: 401, body: "" };
    return this.#secured(what, request) ?? { status: 404, body: '{"err":"Not found"}' };
  }

  /** What needs no password (OpenAPI of 1.2.7). */
  #public(what: string, request: HttpDaemonRequest): HttpReply | undefined {
    switch (what) {
      case "GET info":
        return json(tellInfo(this));
      case "GET status":
        return json(tellStatus(this, this.keys.opens(request)));
      case "GET perf-summary":
        return json(tellPerf(this));
      case "GET summary":
        return json(tellSummary(this));
      case "GET chains":
        return json(tellChips(this));
      case "GET chains/factory-info":
        return json({
          psu_model: "APW17",
          chains: [1, 2, 3].map((id) => ({ id, serial: `SIM-${id}` })),
        });
      case "POST unlock":
        return this.keys.unlock(request.body, this.now);
      case "POST find-miner":
        this.orders.push(what);
        this.findMiner = asObject(request.body)?.["on"] === true;
        return json({ on: this.findMiner });
      default:
        return undefined;
    }
  }

  #secured(what: string, request: HttpDaemonRequest): HttpReply | undefined {
    if (request.method === "POST" && what !== "POST lock") this.orders.push(what);
    switch (what) {
      case "GET settings":
        return json(tellSettings(this));
      case "GET autotune/presets":
        return json(tellPresets(this.miner.presets, this.miner.manual));
      case "POST settings":
        return this.#store(request.body);
      case "POST lock":
        this.keys.lock(request);
        return json({});
      case "POST mining/stop":
        this.miner.stop();
        return json({});
      case "POST mining/start":
        this.miner.start();
        return json({});
      case "POST mining/restart":
        this.miner.restart();
        return json({});
      case "POST system/reboot":
        return this.#beginReboot();
      default:
        return undefined;
    }
  }

  #store(body: string): HttpReply {
    const patch = SettingsPatch.safeParse(asObject(body));
    if (!patch.success) return { status: 500, body: '{"err":"Invalid config"}' };
    this.miner.store(patch.data.miner ?? {});
    return json({ restart_required: this.miner.restartRequired, reboot_required: false });
  }

  #beginReboot(): HttpReply {
    const downAt = this.now + REBOOT.after * SECOND;
    const upAt = downAt + this.#random.between(REBOOT.from, REBOOT.to) * SECOND;
    this.#reboot = { downAt, upAt };
    return json({ after: REBOOT.after });
  }
}

const json = (body: unknown): HttpReply => ({ body: JSON.stringify(body) });

const page = (): HttpReply => ({
  headers: { "content-type": "text/html" },
  body: "<html><head><title>AnthillOS</title></head></html>",
});
