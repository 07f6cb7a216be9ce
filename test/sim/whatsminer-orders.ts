// What a simulated Whatsminer does when it is told to.

import { CODES, type Parameters } from "../../drivers/whatsminer/wire.ts";
import type { Plant } from "./plant.ts";
import { type Mode, ORDINARY_WATTS, type WhatsminerMiner } from "./whatsminer-miner.ts";

/** What orders and questions see of the machine. */
export interface Machine {
  readonly plant: Plant;
  readonly miner: WhatsminerMiner;
  readonly errorCodes: Set<number>;
  readonly now: number;
  /** Seconds since the board booted. */
  readonly uptime: number;
  locating: boolean;
  pools: { readonly url: string; readonly user: string; readonly password: string }[];
  reboot(): void;
}

export interface OrderAnswer {
  readonly code: number;
  readonly words: string;
}

const OK: OrderAnswer = { code: CODES.ok, words: "API command OK" };
const failed = (words: string): OrderAnswer => ({ code: CODES.failed, words });

/** High mode is refused above this inlet temperature, Celsius: the border is assumed. */
const HIGH_MODE_INLET = 35;

/** undefined: the connection closes without an answer, as with those that restart the program. */
export function answerOrder(
  machine: Machine,
  cmd: string,
  parameters: Parameters,
): OrderAnswer | undefined {
  const { miner } = machine;
  switch (cmd) {
    case "set_low_power":
      return setMode(machine, "low");
    case "set_normal_power":
      return setMode(machine, "normal");
    case "set_high_power":
      return setMode(machine, "high");
    case "adjust_power_limit":
      return setPowerLimit(machine, parameters["power_limit"]);
    case "set_power_pct":
      return throttle(machine, parameters["percent"]);
    case "restore_power_pct":
      return throttle(machine, "100");
    case "set_target_freq":
      return setOffset(machine, parameters["percent"]);
    case "adjust_upfreq_speed":
      miner.rampSpeed = whole(parameters["upfreq_speed"], 0, 9) ?? miner.rampSpeed;
      return OK;
    case "power_off":
      miner.powerOff();
      return OK;
    case "power_on":
      miner.powerOn();
      return OK;
    case "set_led":
      machine.locating = parameters["param"] !== "auto";
      return OK;
    case "update_pools":
      machine.pools = poolsOf(parameters);
      return OK;
    case "restart_btminer":
      miner.restart();
      return undefined;
    case "reboot":
      machine.reboot();
      return undefined;
    default:
      return { code: CODES.invalidCommand, words: "invalid cmd" };
  }
}

function setMode({ miner, plant, errorCodes }: Machine, mode: Mode): OrderAnswer | undefined {
  if (mode === "high" && plant.truth.inlet > HIGH_MODE_INLET) {
    errorCodes.add(610);
    return failed("ambient temperature too high");
  }
  miner.mode = mode;
  miner.restart();
  return undefined;
}

function setPowerLimit({ miner }: Machine, text: string | undefined): OrderAnswer {
  const limit = whole(text, 0, ORDINARY_WATTS);
  if (limit === undefined) return failed("power limit out of range");
  miner.limit = limit;
  miner.restart();
  return OK;
}

function throttle({ miner }: Machine, text: string | undefined): OrderAnswer {
  const percent = whole(text, 0, 100);
  if (percent === undefined) return failed("percent out of range");
  return miner.throttle(percent) ? OK : failed("upfreq is not complete");
}

/** Air-cooled machines may only lower their frequency. */
function setOffset({ miner }: Machine, text: string | undefined): OrderAnswer {
  const offset = whole(text, -100, 0);
  if (offset === undefined) return failed("percent out of range");
  miner.offset = offset;
  miner.restart();
  return OK;
}

function poolsOf(parameters: Parameters): Machine["pools"] {
  return [1, 2, 3].map((slot) => ({
    url: parameters[`pool${slot}`] ?? "",
    user: parameters[`worker${slot}`] ?? "",
    password: parameters[`passwd${slot}`] ?? "",
  }));
}

function whole(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || !/^-?\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
