// What PowerPlay does when told to, and how it refuses.

import type { OrderParam } from "../../drivers/epic/wire.ts";
import type { EpicMiner } from "./epic-miner.ts";

export interface OrderedEpic {
  readonly miner: EpicMiner;
  readonly powerTune: boolean;
  locating: boolean;
  fan: OrderParam["fanspeed"];
  coin: OrderParam["coin"];
  followFans(): void;
  restart(what: "program" | "machine", delay: number): void;
}

export type Refusal = string | Readonly<Record<string, string>>;
/** `null` where it is done. */
type Order = (machine: OrderedEpic, param: unknown) => Refusal | null;

const BAD: Refusal = "MissingParam";
const PENDING: Refusal = { LastCmdStillPending: "Last command is still pending" };
/** The lowest duty that the firmware takes; below, it takes this. */
const LEAST_DUTY = 10;

export const ORDERS: ReadonlyMap<string, Order> = new Map<string, Order>([
  ["tune", tune],
  [
    "tune/voltage",
    ({ miner }, param) => (typeof param === "number" ? rampVolts(miner, param) : BAD),
  ],
  [
    "tune/clock/all",
    ({ miner }, param) => (typeof param === "number" ? ramp(miner, param, miner.volts) : BAD),
  ],
  ["tune/clock/board", ({ miner }, param) => apart(miner, param, "board")],
  ["tune/clock/chip", ({ miner }, param) => apart(miner, param, "chip")],
  ["perpetualtune", ({ miner }, param) => whether(param, (on) => (miner.governor.running = on))],
  ["perpetualtune/algo", governBy],
  ["fanspeed", turnFans],
  ["miner", switchMiner],
  ["identify", (machine, param) => whether(param, (on) => (machine.locating = on))],
  ["coin", mineAt],
  ["softreboot", (machine, param) => restart(machine, "program", param)],
  ["reboot", (machine, param) => restart(machine, "machine", param)],
]);

function whether(param: unknown, act: (on: boolean) => void): Refusal | null {
  if (typeof param !== "boolean") return BAD;
  act(param);
  return null;
}

/** Text, not numbers. */
function tune({ miner }: OrderedEpic, param: unknown): Refusal | null {
  const { clks, voltage } = fieldsOf(param);
  if (typeof clks !== "string" || typeof voltage !== "string") return BAD;
  return ramp(miner, Number(clks), Number(voltage));
}

function ramp(miner: EpicMiner, clock: number, volts: number): Refusal | null {
  if (!(clock > 0) || !(volts > 1000)) return BAD;
  if (miner.state === "AdjustingClockVoltage") return PENDING;
  miner.tune(clock, volts);
  return null;
}

/** Boards keep clocks of their own. */
function rampVolts(miner: EpicMiner, volts: number): Refusal | null {
  if (!(volts > 1000)) return BAD;
  if (miner.state === "AdjustingClockVoltage") return PENDING;
  miner.tuneVolts(volts);
  return null;
}

/** `{"v":[{"Index":0,"Data":485}]}`, and for chips `"Data":[[chip, MHz], ...]` of the whole chain. */
function apart(miner: EpicMiner, param: unknown, what: "board" | "chip"): Refusal | null {
  const { v } = fieldsOf(param);
  if (!Array.isArray(v) || v.length === 0) return BAD;
  if (miner.state === "AdjustingClockVoltage") return PENDING;
  return v.every((each) => setApart(miner, fieldsOf(each), what)) ? null : BAD;
}

function setApart(
  { clocks }: EpicMiner,
  { Index, Data }: Record<string, unknown>,
  what: "board" | "chip",
): boolean {
  if (typeof Index !== "number" || clocks.boards[Index] === undefined) return false;
  if (what === "board") {
    if (typeof Data !== "number") return false;
    clocks.setBoard(Index, Data);
    return true;
  }
  if (!Array.isArray(Data)) return false;
  const next = Array.from(clocks.chips(Index));
  for (const [chip, clock] of Data) next[Number(chip)] = Number(clock);
  clocks.setChips(Index, next);
  return true;
}

function governBy({ miner, powerTune }: OrderedEpic, param: unknown): Refusal | null {
  const { algo, target } = fieldsOf(param);
  const byRate = algo === "VoltageOptimizer" || algo === "ChipTune" || algo === "BoardTune";
  const byPower = algo === "Power" && powerTune;
  if ((!byRate && !byPower) || typeof target !== "number" || !Number.isInteger(target)) return BAD;
  miner.governor.algorithm = algo;
  miner.governor.target = target;
  miner.governor.unit = byRate ? "TH/s" : "W";
  return null;
}

function turnFans(machine: OrderedEpic, param: unknown): Refusal | null {
  const { Auto, Manual } = fieldsOf(param);
  if (typeof Manual === "number") {
    machine.fan = { Manual: Math.max(LEAST_DUTY, Manual) };
  } else {
    const auto = fieldsOf(Auto);
    const target = auto["Target Temperature"];
    const idle = auto["Idle Speed"];
    if (typeof target !== "number" || typeof idle !== "number") return BAD;
    machine.fan = { Auto: { "Target Temperature": target, "Idle Speed": idle } };
  }
  machine.followFans();
  return null;
}

function switchMiner({ miner }: OrderedEpic, param: unknown): Refusal | null {
  if (param === "Stop") miner.stop();
  else if (param === "Autostart") miner.autostart();
  else return BAD;
  return null;
}

function mineAt(machine: OrderedEpic, param: unknown): Refusal | null {
  const { coin, stratum_configs: pools } = fieldsOf(param);
  if (coin !== "BTC" || !Array.isArray(pools) || pools.length < 1 || pools.length > 3) {
    return "InvalidPoolConfig";
  }
  machine.coin = param as OrderParam["coin"];
  return null;
}

function restart(
  machine: OrderedEpic,
  what: "program" | "machine",
  param: unknown,
): Refusal | null {
  if (typeof param !== "number" || !(param >= 0)) return BAD;
  machine.restart(what, param);
  return null;
}

function fieldsOf(param: unknown): Record<string, unknown> {
  return typeof param === "object" && param !== null ? (param as Record<string, unknown>) : {};
}
