// A simulated Proto Rig with ProtoOS 1.8.0: its REST interface over the physics of a plant.

import { percent } from "../../drivers/contract/units.ts";
import type { PoolsOrder } from "../../drivers/proto/wire.ts";
import { PATHS } from "../../drivers/proto/wire.ts";
import { Governor } from "./governor.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "./http-daemon.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { fromNameplate } from "./nameplate.ts";
import { Plant } from "./plant.ts";
import { hardwareOf, json, poolStatus, SYSTEM, telemetryOf } from "./proto-answers.ts";

/** 145 TH/s ideal at a target of 3400 W: what a rig said (ProtoOS 1.8.0). */
const RIG = fromNameplate({
  name: "Proto Rig",
  algorithm: "sha256",
  boards: 4,
  chipsPerBoard: 120,
  wall: 3400,
  rate: 145e12,
  fans: 4,
});
/** Assumed: no rig's bounds are public. */
const BOUNDS = { min: 2000, max: 4000, usual: 3400 };
const POWER_ON = 60_000;
const REBOOT = 90_000;
const TOKEN = "token-of-the-rig";

interface Cooling {
  mode: "Auto" | "Manual";
  duty: number;
  target: number;
}

export class ProtoMachine implements SimulatedMachine {
  readonly kind = "proto";
  readonly plant: Plant;
  readonly web: HttpDaemon;
  /** What came to change it, as it came. */
  readonly orders: string[] = [];
  readonly #options: MachineOptions & { readonly password: string };
  readonly #governor: Governor;
  readonly #cooling: Cooling = { mode: "Auto", duty: 60, target: 50 };
  #pools: PoolsOrder = [
    {
      name: "Primary Pool",
      url: "stratum+tcp://pool-a.example.com:3333",
      username: "worker-a",
      password: "x",
      priority: 0,
    },
  ];
  #stopped = false;
  #powerOnUntil = 0;
  #downUntil = 0;
  #since: number;
  #httpPort = 0;

  constructor(options: MachineOptions & { readonly password: string }) {
    this.#options = options;
    const now = options.now();
    this.#since = now;
    this.plant = new Plant(RIG, { seed: options.seed, now });
    this.#governor = new Governor(this.plant, BOUNDS.usual, now);
    this.web = new HttpDaemon({
      host: options.host ?? "127.0.0.1",
      port: options.httpPort ?? 0,
      handle: (request) => this.#handle(request),
    });
  }

  get doors() {
    return [this.web];
  }

  get connections(): number {
    return this.web.connections;
  }

  get address() {
    // A rig has no other port; the discard port stands for one that is closed.
    return { host: this.#options.host ?? "127.0.0.1", port: 9, httpPort: this.#httpPort };
  }

  async start(): Promise<void> {
    this.#httpPort = await this.web.start();
  }

  async stop(): Promise<void> {
    await this.web.stop();
  }

  #handle(request: HttpDaemonRequest): HttpReply {
    const now = this.#options.now();
    if (now < this.#downUntil) throw new Error("the rig reboots");
    if (!this.#stopped && now >= this.#powerOnUntil) this.plant.setHashing(true);
    this.#governor.follow(now);
    const { path, method } = request;
    if (path === "/") {
      return { headers: { "content-type": "text/html" }, body: "<title>Proto OS</title>" };
    }
    if (path === PATHS.login) return this.#logIn(request.body);
    const open = [PATHS.system, PATHS.network, PATHS.hardware].some((each) => each === path);
    if (!open && request.headers["authorization"] !== `Bearer ${TOKEN}`) return { status: 401 };
    return method === "GET" ? this.#tell(path, now) : this.#obey(request, now);
  }

  #logIn(body: string): HttpReply {
    const { password } = JSON.parse(body) as { password?: unknown };
    if (password !== this.#options.password) return { status: 401, body: "{}" };
    return json({ access_token: TOKEN, refresh_token: "unused" });
  }

  #tell(path: string, now: number): HttpReply {
    switch (path) {
      case PATHS.system:
        return json(SYSTEM);
      case PATHS.network:
        return json({ "network-info": { hostname: "proto-sim", mac: "02:00:00:AD:66:39" } });
      case PATHS.hardware:
        return json({ "hardware-info": hardwareOf(this.plant.truth) });
      case PATHS.mining:
        return json({ "mining-status": this.#mining(now) });
      case PATHS.telemetry:
        return json(telemetryOf(this.plant.truth));
      case PATHS.cooling:
        return json({ "cooling-status": this.#coolingStatus() });
      case PATHS.target:
        return json({
          power_target_watts: this.#governor.limit,
          power_target_min_watts: BOUNDS.min,
          power_target_max_watts: BOUNDS.max,
        });
      case PATHS.pools:
        return json({ pools: this.#pools.map(poolStatus) });
      case PATHS.errors:
        return json([]);
      default:
        return { status: 404, body: "{}" };
    }
  }

  #obey({ path, body }: HttpDaemonRequest, now: number): HttpReply {
    this.orders.push(path);
    switch (path) {
      case PATHS.target:
        return this.#setTarget(JSON.parse(body) as { power_target_watts?: number });
      case PATHS.cooling:
        return this.#setCooling(
          JSON.parse(body) as { mode?: "Auto" | "Manual"; speed_percentage?: number },
        );
      case PATHS.pools:
        this.#pools = JSON.parse(body) as PoolsOrder;
        return json({});
      case PATHS.stop:
        this.#stopped = true;
        this.plant.setHashing(false);
        return json({});
      case PATHS.start:
        this.#stopped = false;
        this.#powerOnUntil = now + POWER_ON;
        this.#since = this.#powerOnUntil;
        return json({});
      case PATHS.reboot:
        this.plant.setHashing(false);
        this.#downUntil = now + REBOOT;
        this.#powerOnUntil = this.#downUntil + POWER_ON;
        this.#since = this.#downUntil;
        return json({});
      default:
        return { status: 404, body: "{}" };
    }
  }

  #setTarget({ power_target_watts: wanted }: { power_target_watts?: number }): HttpReply {
    if (wanted === undefined || wanted < BOUNDS.min || wanted > BOUNDS.max) return { status: 422 };
    this.#governor.limit = wanted;
    return json({});
  }

  #setCooling(order: { mode?: "Auto" | "Manual"; speed_percentage?: number }): HttpReply {
    if (order.mode === undefined) return { status: 422 };
    this.#cooling.mode = order.mode;
    if (order.mode === "Manual") this.#cooling.duty = order.speed_percentage ?? 0;
    this.plant.setFanDuty(order.mode === "Auto" ? "auto" : percent(this.#cooling.duty));
    return json({});
  }

  #status(now: number): string {
    if (this.#stopped) return "Stopped";
    return now < this.#powerOnUntil ? "PoweringOn" : "Mining";
  }

  #mining(now: number) {
    const { boards, wallPower, hashrate } = this.plant.truth;
    const seconds = Math.max(0, Math.floor((now - this.#since) / 1000));
    return {
      status: this.#status(now),
      mining_uptime_s: seconds,
      reboot_uptime_s: seconds,
      hashrate_ghs: hashrate / 1e9,
      average_hashrate_ghs: hashrate / 1e9,
      ideal_hashrate_ghs: boards.reduce((sum, board) => sum + board.ideal, 0) / 1e9,
      power_usage_watts: wallPower,
      power_target_watts: this.#governor.limit,
      average_asic_temp_c: Math.max(...boards.map((board) => board.meanChipTemperature)),
      average_hb_temp_c: Math.max(...boards.map((board) => board.boardTemperature)),
      hw_errors: 0,
    };
  }

  #coolingStatus() {
    const { fans } = this.plant.truth;
    return {
      fan_mode: this.#cooling.mode,
      speed_percentage:
        this.#cooling.mode === "Manual" ? this.#cooling.duty : Math.round(fans[0]?.duty ?? 0),
      target_temperature_c: this.#cooling.target,
      fans: fans.map(({ rpm, duty }, index) => ({
        slot: index + 1,
        rpm: Math.round(rpm),
        speed_percentage: Math.round(duty),
      })),
    };
  }
}
