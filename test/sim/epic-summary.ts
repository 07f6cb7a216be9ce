// The one answer that tells nearly everything.

import type { OrderParam, Summary } from "../../drivers/epic/wire.ts";
import { type EpicMiner, RATE_WINDOW } from "./epic-miner.ts";
import type { Plant } from "./plant.ts";

export interface SummarySource {
  readonly plant: Plant;
  readonly miner: EpicMiner;
  readonly now: number;
  readonly lastCommand: string | null;
  readonly locating: boolean;
  readonly fan: OrderParam["fanspeed"];
  readonly coin: OrderParam["coin"];
}

/** Fan slots of the control board; the others read null. */
const FAN_SLOTS = 12;

export function summaryOf(machine: SummarySource): Summary {
  const { plant, miner } = machine;
  const { truth } = plant;
  const hashing = miner.state === "Mining" || miner.state === "AdjustingClockVoltage";
  const { governor } = miner;
  return {
    Status: {
      "Operating State": miner.state,
      ...(machine.lastCommand === null ? {} : { "Last Command": machine.lastCommand }),
      ...(miner.lastError === null ? {} : { "Last Error": miner.lastError }),
    },
    Hostname: "cminer00000002",
    Software: "PowerPlay-BMS v1.5.13",
    Mining: { Coin: machine.coin.coin, Algorithm: "SHA-256" },
    ...stratumOf(machine, hashing),
    Session: sessionOf(machine, hashing),
    HBs: hashing ? boardsOf(machine) : [],
    HBStatus: truth.boards.map((_, Index) => ({ Index, Enabled: true, Detected: true })),
    Fans: {
      "Fan Mode": { ...machine.fan },
      "Fans Speed": Math.round(truth.fans[0]?.duty ?? 0),
      "Minimum Working Fans": 0,
    },
    "Fans Rpm": fansOf(plant),
    "Power Supply Stats": {
      "Input Power": truth.wallPower,
      "Input Voltage": 0,
      "Output Voltage": hashing ? (truth.boards[0]?.voltage ?? 0) / 1000 : 0,
      "Target Voltage": Math.round(miner.volts),
    },
    PerpetualTune: {
      Running: governor.running,
      Algorithm: {
        [governor.algorithm]: {
          Target: governor.target,
          Unit: governor.unit,
          Optimized: false,
          "Min Throttle Target": governor.unit === "W" ? 1500 : 50,
          "Throttle Step": 5,
        },
      },
    },
    HwConfig: {
      "Boards Target Clock": miner.clocks.boards.map((Data, Index) => ({ Index, Data })),
    },
    Misc: { "Shutdown Temp": miner.shutdownTemperature, "Locate Miner State": machine.locating },
    IdleOnConnectionLost: true,
    Overdrive: false,
  };
}

function stratumOf({ coin }: SummarySource, hashing: boolean) {
  const pool = coin.stratum_configs[0];
  return {
    Stratum: {
      "Config Id": 0,
      "Current Pool": pool?.pool.replace(/^.*:\/\//, "") ?? "",
      "Current User": pool?.login ?? "",
      IsPoolConnected: hashing,
      "Worker Unique Id": coin.unique_id ?? false,
    },
    StratumConfigs: coin.stratum_configs.map((config) => ({ ...config })),
  };
}

const DIFFICULTY = 262_144;

function sessionOf({ plant, miner, now }: SummarySource, hashing: boolean) {
  const hashes = miner.boards.reduce((sum, _, board) => sum + miner.hashes(board), 0);
  const accepted = Math.floor(hashes / (DIFFICULTY * 2 ** 32));
  return {
    Accepted: accepted,
    Rejected: 0,
    Submitted: accepted,
    "Active HBs": hashing ? plant.spec.boards : 0,
    "Average MHs": miner.uptime > 0 ? hashes / miner.uptime / 1e6 : 0,
    Difficulty: DIFFICULTY,
    Uptime: miner.uptime,
    "Startup Timestamp": Math.floor(now / 1000) - miner.uptime,
    ...(accepted > 0 ? { "Last Accepted Share Timestamp": Math.floor(now / 1000) } : {}),
  };
}

function boardsOf({ plant, miner }: SummarySource) {
  return plant.truth.boards.map((board, Index) => {
    const rate = miner.boards[Index]?.rate(RATE_WINDOW) ?? 0;
    return {
      Index,
      "Core Clock": [],
      "Core Clock Avg": board.frequency,
      Hashrate: [rate / 1e6, (rate / board.ideal) * 100, 0.8],
      "Input Voltage": board.voltage / 1000,
      Temperature: board.boardTemperature,
    };
  });
}

function fansOf(plant: Plant): Record<string, number | string | undefined> {
  const slots = Array.from({ length: FAN_SLOTS }, (_, slot) => {
    const fan = plant.truth.fans[slot];
    return [`Fans Speed ${slot + 1}`, fan === undefined ? null : Math.round(fan.rpm)];
  });
  return Object.fromEntries(slots);
}
