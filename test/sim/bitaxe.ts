// A Bitaxe Gamma Turbo (board 801, two BM1370) on ESP-Miner v2.14: the wire protocol around BitaxeMiner.

import { type AsicFacts, type Info, PATHS, SettingsPatch } from "../../drivers/bitaxe/wire.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { BitaxeMiner } from "./bitaxe-miner.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { PLANTS, Plant } from "./plant.ts";
import { Random } from "./random.ts";
import type { ReplyFault } from "./reply-fault.ts";

const GIGA = 1e9;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Below the set value by the resistance of the board, and above the board by the regulator's own heat: assumed. */
const DROOP_MV = 5;
const REGULATOR_RISE = 8;

export class BitaxeMachine implements SimulatedMachine {
  readonly kind = "bitaxe";
  readonly plant: Plant;
  readonly miner: BitaxeMiner;
  /** Requests that change something, as they came: `PATCH {"frequency":500}`, `POST /api/system/pause`. */
  readonly orders: string[] = [];
  readonly #options: MachineOptions;
  readonly #random: Random;
  readonly #daemon: HttpDaemon;
  #rates: { readonly at: number; readonly rate: number }[];
  #port = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#random = new Random(options.seed + 0x4258);
    const now = options.now();
    this.plant = new Plant(PLANTS.bitaxeGt, { seed: options.seed, now });
    this.miner = new BitaxeMiner(this.plant, now);
    this.#rates = [{ at: now, rate: this.plant.truth.hashrate }];
    this.#daemon = new HttpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.httpPort ?? 0,
      handle: (request) => this.#handle(request),
    });
  }

  /** It has one port only. */
  get address() {
    const { host = "127.0.0.1" } = this.#options;
    return { host, port: this.#port, httpPort: this.#port };
  }

  get doors() {
    return [this.#daemon];
  }

  get connections(): number {
    return this.#daemon.connections;
  }

  get fault(): ReplyFault | undefined {
    return this.#daemon.fault;
  }

  set fault(value: ReplyFault | undefined) {
    this.#daemon.fault = value;
  }

  async start(): Promise<void> {
    this.#port = await this.#daemon.start();
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  #handle(request: HttpDaemonRequest): HttpReply {
    this.miner.advance(this.#options.now());
    // Thrown away with its connection: a chip that boots has no network.
    if (this.miner.down) throw new Error("restarting");
    // Private addresses only, and a browser elsewhere names itself by its origin.
    if (request.headers["origin"] !== undefined) return { status: 401, body: "Unauthorized" };
    this.#observe();
    const { method, path } = request;
    if (method === "GET" && path === PATHS.info) return json(this.#info());
    if (method === "GET" && path === PATHS.asic) return json(ASIC);
    if (method === "PATCH" && path === PATHS.settings) return this.#patch(request.body);
    if (method === "POST") return this.#post(path);
    return { status: 404, body: "Nothing matches the given URI" };
  }

  #patch(text: string): HttpReply {
    this.orders.push(`PATCH ${text}`);
    const body = SettingsPatch.safeParse(parse(text));
    if (body.success && this.miner.patch(body.data)) return { body: "" };
    return { status: 400, body: "Wrong API input" };
  }

  #post(path: string): HttpReply {
    const act = {
      [PATHS.pause]: () => this.miner.pause(true),
      [PATHS.resume]: () => this.miner.pause(false),
      [PATHS.restart]: () => this.miner.restart(),
    }[path];
    if (act === undefined) return { status: 404, body: "Nothing matches the given URI" };
    this.orders.push(`POST ${path}`);
    act();
    return json({ message: "done" });
  }

  #info(): Info {
    const { truth } = this.plant;
    const [board] = truth.boards;
    const [fan] = truth.fans;
    if (board === undefined || fan === undefined) throw new Error("a plant without board or fan");
    const { settings, hashing, paused, overheated } = this.miner;
    const ratios = this.plant.chipRatios(0);
    const perChip = (board.ideal / ratios.length / GIGA) * (hashing ? 1 : 0);
    const errors = this.plant.errors(0);
    return {
      power: this.#jittered(truth.psuOutput, 0.003),
      voltage: this.#jittered(12_000, 0.002),
      // The diodes are in the chips: without their supply they say -1.
      temp: hashing ? this.#jittered(board.chipTemperature, 0.001) : -1,
      temp2: hashing ? this.#jittered(board.meanChipTemperature, 0.001) : -1,
      vrTemp: this.#jittered(board.boardTemperature + REGULATOR_RISE, 0.001),
      coreVoltageActual: hashing ? settings.coreVoltage - DROOP_MV : 0,
      actualFrequency: this.miner.actualFrequency,
      expectedHashrate: settings.frequency * 2.04 * ratios.length,
      fanspeed: fan.duty,
      fanrpm: Math.round(this.#jittered(fan.rpm, 0.005)),
      fan2rpm: 0,
      hashRate: (this.#rates.at(-1)?.rate ?? 0) / GIGA,
      hashRate_1m: this.#mean(MINUTE) / GIGA,
      hashRate_10m: this.#mean(10 * MINUTE) / GIGA,
      hashRate_1h: this.#mean(HOUR) / GIGA,
      sharesAccepted: Math.floor(this.miner.uptimeSeconds / 20),
      sharesRejected: 0,
      uptimeSeconds: this.miner.uptimeSeconds,
      miningPaused: paused,
      overheat_mode: overheated ? 1 : 0,
      version: "v2.14.2",
      axeOSVersion: "v2.14.2",
      boardVersion: "801",
      maxPower: 60,
      nominalVoltage: 12,
      smallCoreCount: 2040,
      ASICModel: "BM1370",
      macAddr: "02:00:5E:10:00:42",
      hostname: "bitaxe-sim",
      isUsingFallbackStratum: 0,
      stratumURL: "pool.example",
      stratumPort: 3333,
      stratumUser: "account.gt",
      fallbackStratumURL: "pool2.example",
      fallbackStratumPort: 3333,
      fallbackStratumUser: "account.gt",
      overclockEnabled: 0,
      autofanspeed: settings.autofanspeed ? 1 : 0,
      manualFanSpeed: settings.manualFanSpeed,
      minFanSpeed: 25,
      temptarget: 60,
      coreVoltage: settings.coreVoltage,
      frequency: settings.frequency,
      hashrateMonitor: {
        asics: ratios.map((ratio, chip) => ({
          total: perChip * ratio,
          errorCount: Math.floor((errors + chip) / ratios.length),
        })),
      },
    };
  }

  #observe(): void {
    const at = this.#options.now();
    const rate = this.#jittered(this.plant.truth.hashrate, 0.01);
    this.#rates.push({ at, rate });
    // Averages start anew with the program; one older than the longest window is its left edge.
    const since = Math.max(at - HOUR, at - this.miner.uptimeSeconds * 1000);
    const first = this.#rates.findLastIndex((each) => each.at <= since);
    this.#rates = this.#rates.slice(Math.max(0, first));
  }

  /** Trapezoids between the looks. */
  #mean(window: number): number {
    const from = epochMs((this.#rates.at(-1)?.at ?? 0) - window);
    let area = 0;
    let length = 0;
    for (const [index, right] of this.#rates.entries()) {
      const left = this.#rates[index - 1];
      if (left === undefined || right.at <= from) continue;
      const span = right.at - Math.max(left.at, from);
      area += (span * (left.rate + right.rate)) / 2;
      length += span;
    }
    return length > 0 ? area / length : (this.#rates.at(-1)?.rate ?? 0);
  }

  #jittered(value: number, share: number): number {
    return value * (1 + this.#random.normal(0, share));
  }
}

const ASIC: AsicFacts & Record<string, unknown> = {
  ASICModel: "BM1370",
  deviceModel: "GammaTurbo",
  asicCount: 2,
  defaultFrequency: 525,
  frequencyOptions: [400, 490, 525, 550, 600, 625],
  defaultVoltage: 1150,
  voltageOptions: [1000, 1060, 1100, 1150, 1200, 1250],
};

const json = (value: object): HttpReply => ({ body: JSON.stringify(value) });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
