// What an S21 Pro on VNish 1.2.7 tells: bodies of /api/v1 and of cgminer's API on 4028.

import type {
  Info,
  PerfSummary,
  PoolStats,
  Settings,
  Status,
  Summary,
} from "../../drivers/vnish/wire.ts";
import type { BoardTruth } from "./plant.ts";
import type { VnishMiner } from "./vnish-miner.ts";
import { itemOf } from "./vnish-presets.ts";
import { CONSTS } from "./vnish-settings.ts";

const GIGA = 1e9;
const TYPE = "Antminer S21 Pro (Vnish 1.2.7)";
/** As sold, in GH/s (capture). */
const STOCK = 237_088;
/** The share of the work that goes to the developer, percent (capture). */
const FEE = 2.812;
const MAX_RPM = 6500;
/** Speeds come in steps of the tachometer. */
const RPM_STEP = 30;
/** What labels and the firmware's formula reckon with, J/TH. */
const LABELLED = 15;

/** What the machine knows beyond its firmware. */
export interface Told {
  readonly miner: VnishMiner;
  readonly now: number;
  readonly mac: string;
  readonly findMiner: boolean;
  /** The supply measures its input; otherwise watts are a formula. */
  readonly metering: boolean;
  /** Reading over truth of this supply's meter. */
  readonly meterGain: number;
}

export function tellInfo({ mac }: Told): Info {
  return {
    miner: "Antminer S21 Pro",
    model: "s21pro",
    fw_name: "Vnish",
    fw_version: "1.2.7",
    platform: "aml",
    algorithm: "sha256d",
    hr_measure: "GH/s",
    serial: "N/A",
    system: { os: "GNU/Linux", network_status: { mac, hostname: "Antminer", dhcp: true } },
  };
}

const minerStatus = ({ miner, now }: Told) => ({
  miner_state: miner.state,
  miner_state_time: Math.floor((now - miner.stateSince) / 1000),
});

export function tellStatus(told: Told, unlocked: boolean): Status {
  return {
    ...minerStatus(told),
    restart_required: told.miner.restartRequired,
    reboot_required: false,
    find_miner: told.findMiner,
    unlocked,
  };
}

export function tellPerf({ miner }: Told): PerfSummary {
  const { active, stored, current } = miner;
  const { preset_switcher, globals } = stored.overclock;
  const byHand = { name: active, pretty: "Disabled", status: "untuned", globals };
  return {
    current_preset: current === undefined ? byHand : itemOf(current),
    preset_switcher,
  };
}

export const tellSettings = ({ miner }: Told): Settings => ({
  miner: { ...structuredClone(miner.stored) },
  ui: { theme: "auto", consts: CONSTS },
  password: null,
  layout: null,
});

export function tellSummary(told: Told): Summary {
  const { miner } = told;
  const { boards } = miner.plant.truth;
  const on = miner.isHashing;
  const rate = (window: number) =>
    sum(miner.meters.map((meter) => (on ? meter.rate(window) / GIGA : 0)));
  const average = sum(miner.meters.map((meter) => meter.average() / GIGA));
  const power = watts(told);
  const errors = boards.map((_, board) => miner.plant.errors(board));
  return {
    miner: {
      miner_status: minerStatus(told),
      miner_type: TYPE,
      hr_stock: STOCK,
      hr_realtime: rounded(rate(5_000), 2),
      hr_nominal: rounded(on ? sum(boards.map((board) => board.ideal / GIGA)) : 0, 2),
      hr_average: rounded(average, 2),
      power_consumption: power,
      power_usage: power,
      pcb_temp: overall(boards, "boardTemperature"),
      chip_temp: overall(boards, "chipTemperature"),
      hw_errors: sum(errors),
      devfee_percent: FEE,
      pools: tellPools(told),
      cooling: tellCooling(told),
      chains: boards.map((board, index) => tellChain(told, board, index)),
      psu: {
        psu_power_metering: told.metering,
        temps: { pfc_temp: 44, llc1_temp: 45, llc2_temp: 47 },
      },
    },
  };
}

/** GET chains. */
export function tellChips({ miner, now }: Told) {
  const rates = miner.chips.rates(now);
  return miner.plant.truth.boards.map((board, index) => ({
    id: index + 1,
    freq: board.frequency,
    hr_nominal: rounded(board.ideal / GIGA, 2),
    hr_realtime: rounded((miner.meters[index]?.rate(5_000) ?? 0) / GIGA, 2),
    status: { state: miner.isHashing ? "mining" : "stopped", failure_message: null },
    sensors: [],
    chips: miner.chips.clocks(index, miner.stored).map((freq, id) => ({
      id,
      freq,
      hr: rounded((rates[index]?.[id] ?? 0) / GIGA, 2),
      temp: Math.round(board.chipTemperature),
      errs: 0,
      grade: "grey",
      throttled: false,
    })),
  }));
}

function watts({ miner, metering, meterGain }: Told): number {
  const { wallPower, boards } = miner.plant.truth;
  if (metering) return Math.round(wallPower * meterGain);
  return miner.isHashing
    ? Math.round(sum(boards.map((board) => board.ideal / 1e12)) * LABELLED)
    : 0;
}

function tellChain(told: Told, board: BoardTruth, index: number) {
  const { miner } = told;
  const on = miner.isHashing;
  const orange = 6;
  return {
    id: index + 1,
    frequency: on ? board.frequency : 0,
    voltage: on ? board.voltage : 0,
    power_consumption: Math.round(watts(told) / 3),
    hashrate_ideal: rounded(on ? board.ideal / GIGA : 0, 3),
    hashrate_rt: rounded(on ? (miner.meters[index]?.rate(5_000) ?? 0) / GIGA : 0, 2),
    hw_errors: miner.plant.errors(index),
    pcb_temp: spread(board.boardTemperature),
    chip_temp: spread(board.chipTemperature),
    chip_statuses: { red: 0, orange, grey: board.chips - orange },
    status: { state: on ? "mining" : miner.state === "stopped" ? "stopped" : "initializing" },
  };
}

/** Coolest to hottest sensor of a board: some 10 K (capture). */
const spread = (hottest: number) => ({ min: Math.round(hottest - 10), max: Math.round(hottest) });

function overall(boards: readonly BoardTruth[], key: "boardTemperature" | "chipTemperature") {
  return spread(Math.max(...boards.map((board) => board[key])));
}

function tellCooling({ miner }: Told) {
  const { fans } = miner.plant.truth;
  const { name } = miner.stored.cooling.mode;
  return {
    fan_num: fans.length,
    fans: fans.map((fan, id) => ({
      id,
      rpm: Math.round(fan.rpm / RPM_STEP) * RPM_STEP,
      status: "ok",
      max_rpm: MAX_RPM,
    })),
    settings: { mode: { name } },
    fan_duty: Math.round(fans[0]?.duty ?? 0),
  };
}

/** Difficulty at which the pool takes shares. */
const SHARE = 262_144;

function tellPools({ miner, now }: Told): PoolStats[] {
  const work = sum(miner.meters.map((meter) => meter.average())) * miner.elapsed;
  const shares = Math.floor(work / 2 ** 32 / SHARE);
  const users = miner.stored.pools.filter(({ url }) => url !== "");
  const stats = users.map(({ url, user }, id) => ({
    id,
    url,
    pool_type: "UserPool",
    user,
    status: id === 0 && miner.isHashing ? "active" : "working",
    accepted: id === 0 ? shares : 0,
    rejected: 0,
    stale: 0,
    ls_diff: id === 0 && shares > 0 ? SHARE : 0,
    ls_time: id === 0 && shares > 0 ? `0:00:0${Math.floor(now / 1000) % 10}` : "0",
    diffa: id === 0 ? shares * SHARE : 0,
  }));
  const fee = { accepted: 0, rejected: 0, stale: 0, ls_diff: 0, ls_time: "0", diffa: 0 };
  const name = { url: "DevFee", pool_type: "DevFee", user: "DevFee", status: "active" };
  return [...stats, { id: stats.length, ...name, ...fee }];
}

/** The API on 4028; a command that it does not know is refused with code 0, `version` too. */
export function tellApi({ miner, now }: Told, command: string): unknown {
  const answer = (code: number, words: string, word = "S") => [
    {
      STATUS: word,
      When: Math.floor(now / 1000),
      Code: code,
      Msg: words,
      Description: "cgminer 4.11.1",
    },
  ];
  const rate = sum(miner.meters.map((meter) => meter.rate(5_000) / GIGA));
  const head = { Elapsed: miner.elapsed, "GHS 5s": rounded(rate, 2) };
  if (command === "summary") {
    return { STATUS: answer(11, "Summary"), SUMMARY: [head], id: 1 };
  }
  if (command === "stats") {
    const who = { Type: TYPE, Miner: "0.0.0", Cgminer: "1.2.7" };
    return { STATUS: answer(70, "CGMiner stats"), STATS: [who, head] };
  }
  return { STATUS: answer(0, "Invalid command", "E") };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
