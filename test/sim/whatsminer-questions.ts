// What a simulated Whatsminer answers to questions in clear, in the shapes of API 2.0.5.

import {
  CODES,
  type Device,
  type DeviceDetails,
  type MinerInfo,
  type Pool,
  type Psu,
  type Status,
  type Summary,
  type Version,
} from "../../drivers/whatsminer/wire.ts";
import type { RateMeter } from "./rate-meter.ts";
import type { Machine } from "./whatsminer-orders.ts";

const MODEL = "M50S_VJ30";
const FIRMWARE = "20230714.15.Rel";
/** Work of one share. */
const SHARE_DIFFICULTY = 262_144;
const HASHES_PER_DIFFICULTY = 2 ** 32;
const MEGA = 1e6;
const GIGA = 1e9;

/** undefined: the firmware does not know the question. */
export function answerQuestion(machine: Machine, command: string): string | undefined {
  const parts = command.split("+");
  if (parts.length === 1) {
    const answer = section(machine, command) ?? message(machine, command);
    return answer === undefined ? undefined : JSON.stringify(answer);
  }
  const joined: Record<string, unknown> = {};
  for (const part of parts) {
    const answer = section(machine, part);
    if (answer === undefined) return undefined;
    joined[part] = [answer];
  }
  return JSON.stringify({ ...joined, id: 1 });
}

/** Answers in cgminer's form; only these can be joined. */
function section(machine: Machine, command: string): object | undefined {
  switch (command) {
    case "summary":
      return listed(machine, 11, "Summary", { SUMMARY: [summary(machine)] });
    case "pools":
      return listed(machine, 7, "3 Pool(s)", { POOLS: pools(machine) });
    case "edevs":
    case "devs":
      return listed(machine, 9, "3 ASC(s)", { DEVS: devices(machine) });
    case "devdetails":
      return listed(machine, 69, "Device Details", { DEVDETAILS: details(machine) });
    case "version":
      return listed(machine, 22, "BTMiner versions", { VERSION: [{ API: "2.0.5" }] });
    default:
      return undefined;
  }
}

function listed(machine: Machine, code: number, words: string, content: object): object {
  const record = {
    STATUS: "S",
    When: Math.floor(machine.now / 1000),
    Code: code,
    Msg: words,
    Description: "btminer",
  };
  return { STATUS: [record], ...content, id: 1 };
}

function message(machine: Machine, command: string): object | undefined {
  const content = messageContent(machine, command);
  if (content === undefined) return undefined;
  const When = Math.floor(machine.now / 1000);
  return { STATUS: "S", When, Code: CODES.ok, Msg: content, Description: "" };
}

function messageContent(machine: Machine, command: string): object | undefined {
  switch (command) {
    case "get_version":
      return { api_ver: "2.0.5", fw_ver: FIRMWARE, platform: "H616", chip: CHIP } satisfies Version;
    case "get_psu":
      return psu(machine);
    case "get_miner_info":
      return info(machine);
    case "status":
      return status(machine);
    case "get_error_code":
      return { error_code: errorCodes(machine) };
    default:
      return undefined;
  }
}

const CHIP = "K88Z347-2039 BINV01-195001D";

function summary({ miner, plant, uptime }: Machine): Summary {
  const { truth, spec } = plant;
  const chips = truth.boards.map((board) => board.chipTemperature);
  const power = Math.round(miner.measuredPower);
  const rate = miner.total.rate(300_000);
  const chipCount = spec.boards * spec.chipsPerBoard;
  const ideal = (mhz: number) => mhz * chipCount * spec.hashesPerMhzChip;
  const targetMhz = Math.round(miner.targetMhz);
  return {
    Elapsed: miner.elapsed,
    ...rates(miner.total),
    Accepted: shares(miner.hashes),
    Rejected: Math.floor(shares(miner.hashes) * 0.001),
    "Total MH": round(miner.hashes / MEGA, 0),
    Temperature: round(Math.max(...truth.boards.map((board) => board.boardTemperature)), 2),
    freq_avg: miner.off ? 0 : Math.round(meanFrequency(plant)),
    "Fan Speed In": tens(truth.fans[0]?.rpm),
    "Fan Speed Out": tens(truth.fans[1]?.rpm),
    Power: power,
    "Power Rate": rate > 0 ? round(power / (rate / 1e12), 2) : 0,
    "Pool Rejected%": 0.1,
    "Pool Stale%": 0,
    Uptime: uptime,
    "Hash Stable": miner.stable,
    "Hash Stable Cost Seconds": 627,
    "Hash Deviation%": 0.1,
    "Target Freq": targetMhz,
    "Target MHS": Math.round(ideal(targetMhz) / MEGA),
    "Env Temp": round(truth.inlet, 2),
    "Power Mode": miner.mode.charAt(0).toUpperCase() + miner.mode.slice(1),
    "Factory GHS": Math.round(ideal(spec.stock.frequency) / GIGA),
    "Power Limit": miner.limit,
    "Chip Temp Min": round(Math.min(...chips) - 12, 2),
    "Chip Temp Max": round(Math.max(...chips), 2),
    "Chip Temp Avg": round(mean(truth.boards.map((board) => board.meanChipTemperature)), 2),
    "Btminer Fast Boot": "disable",
  };
}

function rates(meter: RateMeter) {
  const mega = (value: number) => round(value / MEGA, 2);
  return {
    "MHS av": mega(meter.average()),
    "MHS 5s": mega(meter.rate(5_000)),
    "MHS 1m": mega(meter.rate(60_000)),
    "MHS 5m": mega(meter.rate(300_000)),
    "MHS 15m": mega(meter.rate(900_000)),
    "HS RT": mega(meter.rate(300_000)),
  };
}

function devices({ miner, plant }: Machine): Device[] {
  const { spec, truth } = plant;
  const factory = spec.stock.frequency * spec.chipsPerBoard * spec.hashesPerMhzChip;
  return truth.boards.flatMap((board, slot) => {
    const meter = miner.boards[slot];
    if (meter === undefined) return [];
    return {
      ASC: slot,
      Slot: slot,
      Enabled: "Y",
      Status: "Alive",
      Temperature: round(board.boardTemperature, 2),
      "Chip Frequency": miner.off ? 0 : Math.round(board.frequency),
      ...rates(meter),
      "Upfreq Complete": miner.stable ? 1 : 0,
      "Effective Chips": board.chips,
      "PCB SN": `HEM1EP96${slot}00${slot}K00001`,
      "Chip Data": CHIP,
      "Chip Temp Min": round(board.chipTemperature - 12, 2),
      "Chip Temp Max": round(board.chipTemperature, 2),
      "Chip Temp Avg": round(board.meanChipTemperature, 2),
      "Factory GHS": Math.round(factory / GIGA),
      chip_vol_diff: 9,
    };
  });
}

function pools({ miner, pools: configured, now }: Machine): Pool[] {
  return configured.map(({ url, user }, index) => {
    const active = index === 0 && url !== "";
    return {
      POOL: index + 1,
      URL: url,
      Status: url === "" ? "Disabled" : "Alive",
      Priority: index,
      Accepted: active ? shares(miner.hashes) : 0,
      Rejected: active ? Math.floor(shares(miner.hashes) * 0.001) : 0,
      Stale: 0,
      User: user,
      "Last Share Time": active && shares(miner.hashes) > 0 ? Math.floor(now / 1000) - 3 : 0,
      "Stratum Active": active && !miner.off,
      "Stratum Difficulty": SHARE_DIFFICULTY,
      "Pool Rejected%": 0.1,
      "Pool Stale%": 0,
      "Current Block Height": 0,
    };
  });
}

const details = ({ plant }: Machine): DeviceDetails[] =>
  plant.truth.boards.map((_, index) => ({
    DEVDETAILS: index,
    Name: "SM",
    ID: index,
    Driver: "bitmicro",
    Kernel: "",
    Model: MODEL,
  }));

const psu = ({ miner, plant }: Machine): Psu => ({
  name: "P221B",
  hw_version: "V00.01",
  sw_version: "V02.01.V02.01",
  model: "P221B",
  iin: ((miner.measuredPower / 231) * 1000).toFixed(2),
  vin: "23100",
  pin: miner.measuredPower.toFixed(0),
  fan_speed: "4992",
  serial_no: "A1221B00000001",
  vendor: "7",
  temp0: (plant.truth.inlet + 30).toFixed(1),
});

const info = ({ locating, miner }: Machine): MinerInfo => ({
  ip: "192.0.2.10",
  proto: "dhcp",
  hostname: "WhatsMiner",
  mac: "C8:11:05:00:53:01",
  ledstat: locating ? "manual" : "auto",
  minersn: "HTM31X00000001",
  powersn: "A1221B00000001",
  upfreq_speed: String(miner.rampSpeed),
});

const status = ({ miner }: Machine): Status => ({
  btmineroff: String(miner.off),
  "Firmware Version": FIRMWARE,
  power_mode: "",
  power_limit_set: "",
  hash_percent: "",
  power_pct: String(miner.overridePercent),
});

/** Told ones, and a fan that does not reach its speed. */
function errorCodes({ errorCodes: told, plant, now }: Machine): Record<string, string>[] {
  const found = new Set(told);
  for (const [fan, health] of plant.wear.fans.entries()) if (health < 0.75) found.add(110 + fan);
  const when = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  return [...found].map((code) => ({ [code]: when }));
}

const shares = (hashes: number): number =>
  Math.floor(hashes / (SHARE_DIFFICULTY * HASHES_PER_DIFFICULTY));

function meanFrequency({ truth }: Machine["plant"]): number {
  return truth.hashing ? mean(truth.boards.map((board) => board.frequency)) : 0;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Fan speeds come in steps of 30 rpm on real ones; ten is fine enough to see. */
const tens = (value = 0): number => Math.round(value / 10) * 10;
