// What a simulated Whatsminer answers to the questions of API 3.0.5.

import type {
  Device,
  DeviceInfo,
  FanSetting,
  MinerSetting,
  Pool,
  Summary,
} from "../../drivers/whatsminer/wire-v3.ts";
import type { RateMeter } from "./rate-meter.ts";
import type { Machine } from "./whatsminer-orders.ts";

export const MODEL = "M60S_VK40";
export const FIRMWARE = "20260312.16.REL3";
export const API = "3.0.5";

/** What API 3 adds to a machine. */
export interface MachineV3 extends Machine {
  readonly salt: string;
  writeAccess: boolean;
  /** K, 0 or less. */
  temperatureOffset: number;
}

const TERA = 1e12;
const SHARE_DIFFICULTY = 262_144;

export function deviceInfo(machine: MachineV3): DeviceInfo {
  const { miner, plant, salt } = machine;
  const { inlet } = plant.truth;
  return {
    network: { ip: "192.0.2.20", proto: "dhcp", mac: "C8:11:05:00:60:01", hostname: "WhatsMiner" },
    miner: {
      working: String(!miner.off),
      type: MODEL,
      "hash-board": "K40",
      cointype: "BTC/BCH/BSV",
      "pool-strategy": "FAILOVER",
      "fast-boot": "disable",
      "board-num": "3",
      ...Object.fromEntries(
        [0, 1, 2].map((slot) => [`pcbsn${slot}`, `HEM1EP60${slot}00K0000${slot}`]),
      ),
      "miner-sn": "HTM60X00000001",
      "power-limit-set": "",
      "web-pool": 1,
      permission: "super=255 user1=0 user2=0 user3=0",
    },
    system: {
      api: API,
      platform: "H616",
      fwversion: FIRMWARE,
      "control-board-version": "CB6V10",
      apiswitch: machine.writeAccess ? "1" : "0",
      ledstatus: machine.locating ? "manual" : "auto",
    },
    power: {
      type: "P221B",
      mode: String(["low", "normal", "high"].indexOf(miner.mode)),
      model: "P221B",
      iin: round(miner.measuredPower / 231, 2),
      vin: 231,
      vout: Math.round((plant.truth.boards[0]?.voltage ?? 0) / 10),
      pin: Math.round(miner.measuredPower),
      fanspeed: 4992,
      temp0: round(inlet + 30, 1),
      sn: "A1221B00000002",
      vendor: "7",
    },
    salt,
    "error-code": errors(machine),
  };
}

/** Told ones, and a fan that does not reach its speed. */
function errors({ errorCodes, plant, now }: Machine): Record<string, string>[] {
  const found = new Set(errorCodes);
  for (const [fan, health] of plant.wear.fans.entries()) if (health < 0.75) found.add(110 + fan);
  const when = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  return [...found].map((code) => ({ [code]: when, reason: "see the vendor's list" }));
}

export function minerSetting({ miner }: MachineV3): MinerSetting {
  const share = miner.overridePercent;
  return {
    "power-limit": miner.limit,
    "upfreq-speed": miner.rampSpeed,
    "power-mode": miner.mode,
    "fast-boot": "disable",
    "fast-hash": "disable",
    "heat-mode": "normal",
    "target-freq": miner.offset,
    power: 0,
    "power-percent": share === 100 ? 0 : share,
  };
}

export const fanSetting = ({ temperatureOffset }: MachineV3): FanSetting => ({
  "fan-poweroff-cool": 0,
  "fan-zero-speed": 0,
  "fan-temp-offset": temperatureOffset,
});

/** undefined while the mining program is stopped: it is the one that would tell. */
export function minerStatus(machine: MachineV3, sections: readonly string[]): object | undefined {
  if (machine.miner.off) return undefined;
  return {
    ...(sections.includes("summary") ? { summary: summary(machine) } : {}),
    ...(sections.includes("pools") ? { pools: pools(machine) } : {}),
    ...(sections.includes("edevs") ? { edevs: devices(machine) } : {}),
  };
}

function summary({ miner, plant, uptime }: MachineV3): Summary {
  const { truth, spec } = plant;
  const chips = truth.boards.map((board) => board.chipTemperature);
  const rate = miner.total.rate(300_000);
  const factory = spec.stock.frequency * spec.boards * spec.chipsPerBoard * spec.hashesPerMhzChip;
  return {
    elapsed: miner.elapsed,
    "bootup-time": uptime,
    "freq-avg": truth.hashing ? Math.round(mean(truth.boards.map((board) => board.frequency))) : 0,
    "target-freq": Math.round(miner.targetMhz),
    "factory-hash": tera(factory),
    ...rates(miner.total),
    "hash-1min": tera(miner.total.rate(60_000)),
    "hash-15min": tera(miner.total.rate(900_000)),
    "power-rate": rate > 0 ? round(miner.measuredPower / (rate / TERA), 3) : 0,
    "power-5min": round(miner.measuredPower, 3),
    "power-realtime": Math.round(miner.measuredPower),
    "environment-temperature": round(truth.inlet, 1),
    "board-temperature": truth.boards.map((board) => round(board.boardTemperature, 1)),
    "chip-temp-min": round(Math.min(...chips) - 12, 1),
    "chip-temp-avg": round(mean(truth.boards.map((board) => board.meanChipTemperature)), 1),
    "chip-temp-max": round(Math.max(...chips), 1),
    "power-limit": miner.limit,
    "up-freq-finish": miner.stable ? 1 : 0,
    "fan-speed-in": tens(truth.fans[0]?.rpm),
    "fan-speed-out": tens(truth.fans[1]?.rpm),
  };
}

const rates = (meter: RateMeter) => ({
  "hash-average": tera(meter.average()),
  "hash-realtime": tera(meter.rate(300_000)),
});

function devices({ miner, plant }: MachineV3): Device[] {
  const { spec, truth } = plant;
  const factory = spec.stock.frequency * spec.chipsPerBoard * spec.hashesPerMhzChip;
  return truth.boards.flatMap((board, slot) => {
    const meter = miner.boards[slot];
    if (meter === undefined) return [];
    return {
      id: slot,
      slot,
      ...rates(meter),
      "factory-hash": tera(factory),
      freq: truth.hashing ? Math.round(board.frequency) : 0,
      "effective-chips": board.chips,
      "chip-temp-min": round(board.chipTemperature - 12, 1),
      "chip-temp-avg": round(board.meanChipTemperature, 1),
      "chip-temp-max": round(board.chipTemperature, 1),
    };
  });
}

/** Only configured ones; no counters. */
function pools({ miner, pools: configured, now }: MachineV3): Pool[] {
  return configured.map(({ url, user }, index) => ({
    id: index + 1,
    url,
    status: url === "" ? "disabled" : "alive",
    account: user,
    "stratum-active": index === 0 && miner.stable,
    "stratum-diff": SHARE_DIFFICULTY,
    "reject-rate": 0.1,
    "last-share-time": index === 0 && miner.hashes > 0 ? Math.floor(now / 1000) - 3 : 0,
  }));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const tera = (value: number): number => round(value / TERA, 3);
const tens = (value = 0): number => Math.round(value / 10) * 10;
