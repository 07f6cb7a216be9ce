// What a simulated Whatsminer does when API 3 tells it to.

import { CODES_V3, PoolOrders } from "../../drivers/whatsminer/wire-v3.ts";
import type { MachineV3 } from "./whatsminer-v3-reports.ts";

export interface OutcomeV3 {
  readonly code: number;
  readonly words: string;
}

/** undefined: the connection closes without an answer. */
type OrderV3 = (machine: MachineV3, parameter: unknown) => OutcomeV3 | undefined;

/** The highest limit that this unit takes, Watts. */
export const STANDARD_WATTS = 3600;
/** High mode is refused above this inlet temperature, Celsius: the border is assumed. */
const HIGH_MODE_INLET = 35;

const OK: OutcomeV3 = { code: CODES_V3.ok, words: "ok" };
const bad = (words: string): OutcomeV3 => ({ code: CODES_V3.badItem, words });
const failed = (words: string): OutcomeV3 => ({ code: CODES_V3.failed, words });

export const ORDERS_V3: { readonly [Command in string]?: OrderV3 } = {
  "set.miner.power_mode": (machine, parameter) => {
    const { miner, plant, errorCodes } = machine;
    if (parameter !== "low" && parameter !== "normal" && parameter !== "high") return bad("param");
    if (parameter === "high" && plant.truth.inlet > HIGH_MODE_INLET) {
      errorCodes.add(610);
      return failed("ambient temperature too high");
    }
    miner.mode = parameter;
    miner.restart();
    return OK;
  },
  "set.miner.power_limit": ({ miner }, parameter) => {
    const limit = whole(parameter, 0, 99_999);
    if (limit === undefined) return bad("param");
    if (limit > STANDARD_WATTS) return failed("power limit above the standard power");
    miner.limit = limit;
    miner.restart();
    return OK;
  },
  "set.miner.power_percent": ({ miner }, parameter) => {
    const { percent, mode } = Object(parameter) as Record<string, unknown>;
    const share = typeof percent === "string" ? whole(Number(percent), 0, 100) : undefined;
    if (share === undefined || (mode !== "fast" && mode !== "normal")) return bad("param");
    return miner.throttle(share) ? OK : failed("upfreq is not complete");
  },
  /** Air-cooled: down only. */
  "set.miner.target_freq": ({ miner }, parameter) => {
    const offset = whole(parameter, -100, 0);
    if (offset === undefined) return bad("param");
    miner.offset = offset;
    miner.restart();
    return OK;
  },
  "set.miner.upfreq_speed": ({ miner }, parameter) => {
    const speed = whole(parameter, 0, 10);
    if (speed === undefined) return bad("param");
    miner.rampSpeed = speed;
    return OK;
  },
  "set.miner.service": ({ miner }, parameter) => {
    if (parameter === "stop") miner.powerOff();
    else if (parameter === "start") miner.powerOn();
    else if (parameter === "restart") miner.restart();
    else return bad("param");
    return OK;
  },
  "set.miner.pools": (machine, parameter) => {
    const pools = PoolOrders.safeParse(parameter);
    if (!pools.success) return bad("param");
    machine.pools = pools.data.map(({ pool, worker, passwd }) => ({
      url: pool,
      user: worker,
      password: passwd,
    }));
    return OK;
  },
  "set.fan.temp_offset": (machine, parameter) => {
    const offset = whole(parameter, -30, 0);
    if (offset === undefined) return bad("param");
    machine.temperatureOffset = offset;
    return OK;
  },
  "set.system.led": (machine, parameter) => {
    machine.locating = parameter !== "auto";
    return OK;
  },
  "set.system.reboot": (machine) => {
    machine.reboot();
    return undefined;
  },
};

function whole(value: unknown, min: number, max: number): number | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
  return value >= min && value <= max ? value : undefined;
}
