// Boards of three firmwares, abridged to what the driver reads, and a web server that plays one of them.

import { BitaxeSession } from "../../../drivers/bitaxe/session.ts";
import { type Info, PATHS } from "../../../drivers/bitaxe/wire.ts";
import { type EpochMs, epochMs } from "../../../drivers/contract/units.ts";
import { HttpDaemon, type HttpReply } from "../../sim/http-daemon.ts";

export const NOW = 1_800_000_000_000;
export const NEVER = new AbortController().signal;

/** Supra 401: whole MHz, `fanspeed`, no windows, chip count in the same answer. */
export const SUPRA_V2_4: Info = {
  ASICModel: "BM1368",
  asicCount: 1,
  autofanspeed: 1,
  boardVersion: "401",
  coreVoltage: 1166,
  coreVoltageActual: 1172,
  current: 2400,
  fallbackStratumPort: 3333,
  fallbackStratumURL: "two.example",
  fallbackStratumUser: "account.s",
  fanrpm: 3517,
  fanspeed: 35,
  frequency: 490,
  hashRate: 612.4,
  hostname: "bitaxe",
  isUsingFallbackStratum: 0,
  macAddr: "02:00:5e:10:00:01",
  overheat_mode: 0,
  power: 12.65,
  sharesAccepted: 12,
  sharesRejected: 1,
  smallCoreCount: 1276,
  stratumPort: 3333,
  stratumURL: "one.example",
  stratumUser: "account.s",
  temp: 59.875,
  uptimeSeconds: 4000,
  version: "v2.4.5",
  vrTemp: 0,
};

/** Gamma 602: windows, on-chip counters, pause; the chip count is elsewhere. */
export const GAMMA_V2_14: Info = {
  ASICModel: "BM1370",
  actualFrequency: 525,
  autofanspeed: 0,
  axeOSVersion: "v2.14.1",
  boardVersion: "602",
  coreVoltage: 1150,
  coreVoltageActual: 1143.5,
  expectedHashrate: 1071,
  fan2rpm: 0,
  fanrpm: 4100,
  fanspeed: 60,
  frequency: 525,
  hashRate: 1080.2,
  hashRate_10m: 1069.9,
  hashRate_1h: 1070.4,
  hashRate_1m: 1072.3,
  hashrateMonitor: { asics: [{ total: 1080.2, errorCount: 17, domains: [270, 271, 269, 270] }] },
  hostname: "gamma",
  isUsingFallbackStratum: 1,
  macAddr: "02:00:5E:10:00:02",
  manualFanSpeed: 60,
  maxPower: 40,
  miningPaused: false,
  overheat_mode: 0,
  power: 18.4,
  sharesAccepted: 200,
  sharesRejected: 0,
  stratumPort: 3333,
  stratumURL: "one.example",
  stratumUser: "account.g",
  temp: 61.5,
  temp2: -1,
  uptimeSeconds: 90_000,
  version: "v2.14.1",
  vrTemp: 66,
};

/** NerdQAxe++: two fans of their own, PID control, shutdown, its own stop temperature. */
export const NERD_V1_0: Info = {
  ASICModel: "BM1370",
  asicCount: 4,
  asicTemps: [0, 0, 0, 0],
  autofanspeed: 2,
  coreVoltage: 1150,
  coreVoltageActual: 1148,
  deviceModel: "NerdQAxe++",
  fanrpm: 2500,
  fanrpm2: 3000,
  fanspeed: 55,
  fanspeed2: 70,
  frequency: 600,
  hashRate: 4700,
  hashRate_10m: 4805,
  hashRate_1h: 4850,
  hashRate_1m: 4780,
  hostname: "nerd",
  macAddr: "02:00:5E:10:00:03",
  manualFanSpeed: 100,
  otp: false,
  overheat_temp: 70,
  pidTargetTemp: 55,
  power: 78.2,
  sharesAccepted: 10,
  sharesRejected: 0,
  shutdown: false,
  stratumPort: 3333,
  stratumURL: "one.example",
  stratumUser: "account.n",
  temp: 54.2,
  uptimeSeconds: 5000,
  version: "v1.0.35",
  vrTemp: 62.1,
};

export const ASIC_GAMMA = { ASICModel: "BM1370", deviceModel: "Gamma", asicCount: 1 };

type Canned = Readonly<Record<string, unknown>> | (() => HttpReply);

/** Plays canned answers and notes every request. */
export class Board {
  readonly requests: string[] = [];
  readonly daemon: HttpDaemon;
  readonly answers: Record<string, Canned>;
  port = 0;
  time = NOW;

  /** Keyed by path; a write is answered 200 without a word unless its path has an answer. */
  constructor(answers: Record<string, Canned>) {
    this.answers = answers;
    this.daemon = new HttpDaemon({
      host: "127.0.0.1",
      port: 0,
      handle: ({ method, path, body }) => {
        this.requests.push(body === "" ? `${method} ${path}` : `${method} ${path} ${body}`);
        const key = method === "GET" ? path : `${method} ${path}`;
        const canned = this.answers[key];
        if (canned === undefined) {
          return method === "GET" ? { status: 404, body: "Nothing matches" } : { body: "" };
        }
        return typeof canned === "function" ? canned() : { body: JSON.stringify(canned) };
      },
    });
  }

  readonly now = (): EpochMs => epochMs(this.time);

  async start(): Promise<void> {
    this.port = await this.daemon.start();
  }

  session(options: { deadline?: number; pauses?: number[] } = {}): BitaxeSession {
    const { deadline = 2000, pauses } = options;
    const pause = (duration: number) => {
      pauses?.push(duration);
      return Promise.resolve();
    };
    return new BitaxeSession(
      { host: "127.0.0.1", httpPort: this.port, deadline, pause },
      { now: this.now },
    );
  }
}

export async function boardOf(info: Info, asic?: Canned): Promise<Board> {
  const board = new Board({ [PATHS.info]: info, ...(asic ? { [PATHS.asic]: asic } : {}) });
  await board.start();
  return board;
}
