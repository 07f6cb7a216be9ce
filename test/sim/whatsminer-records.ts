// The records of a simulated Whatsminer's list answers, in the shapes of API 2.0.5.

import type { CgminerPool } from "../../drivers/transport/cgminer.ts";
import type { Device, Summary } from "../../drivers/whatsminer/wire.ts";
import type { RateMeter } from "./rate-meter.ts";
import type { Machine } from "./whatsminer-orders.ts";

export const CHIP = "K88Z347-2039 BINV01-195001D";
/** Work of one share. */
const SHARE_DIFFICULTY = 262_144;
const HASHES_PER_DIFFICULTY = 2 ** 32;
const MEGA = 1e6;
const GIGA = 1e9;

export function summary({ miner, plant, uptime }: Machine): Summary {
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

export function devices({ miner, plant }: Machine): Device[] {
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

export function pools({ miner, pools: configured, now }: Machine): CgminerPool[] {
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
