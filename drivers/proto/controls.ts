// What can be set on a rig and what it says that it is set to.

import type { Controls, Effect, PoolConfig } from "../contract/controls.ts";
import { present, reader, readingOf, toNumber, toText } from "../contract/decoding.ts";
import type { Reading, Setpoint } from "../contract/telemetry.ts";
import { milliseconds, percent, type Watts, watts } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import type { Answers } from "./answers.ts";
import type { Cooling, RigPools } from "./wire.ts";

const effect = (seconds: number, restarts = false): Effect => ({
  settles: milliseconds(seconds * 1000),
  restarts,
  persists: true,
});

/** The slowest fan of the rig turns 1000 of 6000 rpm (hardware, ProtoOS 1.8.0). */
const LOWEST_DUTY = 20;
const MOST_POOLS = 3;

/** How long the rig takes to a new target is not published: assumed, with room for its own tuning. */
const TARGET_SETTLES = 600;
const POWER_CYCLE = 300;

/**
 * Locating is not offered: its light goes out by itself and is in no answer. The target is offered where
 * the rig names its bounds.
 */
export function controlsOf(modelKnown: boolean, answers: Answers): Controls {
  if (!modelKnown) return {};
  const { mining, cooling, target, pools } = answers;
  const min = positive(target?.value.power_target_min_watts);
  const max = positive(target?.value.power_target_max_watts);
  const hasTarget = positive(mining.value.power_target_watts) !== undefined;
  const bounded = hasTarget && min !== undefined && max !== undefined && min < max;
  return present({
    powerLimit: bounded ? { min, max, step: watts(1), effect: effect(TARGET_SETTLES) } : undefined,
    fan:
      fanSetting(cooling) === undefined
        ? undefined
        : {
            min: percent(LOWEST_DUTY),
            max: percent(100),
            step: percent(1),
            auto: true,
            effect: effect(60),
          },
    sleep:
      sleeping(mining.value.status) === undefined
        ? undefined
        : { effect: effect(POWER_CYCLE, true) },
    pools: pools === undefined ? undefined : { max: MOST_POOLS, effect: effect(60) },
    reboot: { effect: effect(POWER_CYCLE, true) },
  });
}

export function setpointOf({ mining, cooling, pools }: Answers): Setpoint {
  return present({
    powerLimit: reader(mining.source, mining.at)(watts, mining.value.power_target_watts),
    fan: fanSetting(cooling),
    sleep: readingOf(sleeping(mining.value.status), mining.source, mining.at),
    pools:
      pools === undefined ? undefined : readingOf(poolSetting(pools.value), pools.source, pools.at),
  });
}

/** Undefined while an error or a missing pool keeps it from mining: that is nobody's wish. */
function sleeping(raw: unknown): boolean | undefined {
  switch (toText(raw)) {
    case "Stopped":
    case "PoweringOff":
      return true;
    case "Mining":
    case "DegradedMining":
    case "PoweringOn":
      return false;
    default:
      return undefined;
  }
}

function fanSetting(cooling: Held<Cooling> | undefined): Setpoint["fan"] {
  if (cooling === undefined) return undefined;
  const { source, at } = cooling;
  const mode = toText(cooling.value.fan_mode);
  if (mode === "Auto") return readingOf("auto" as const, source, at);
  if (mode !== "Manual") return undefined;
  return reader(source, at)(percent, cooling.value.speed_percentage) satisfies
    | Reading<number>
    | undefined;
}

/** Passwords are not told; what is read back are addresses and workers. */
function poolSetting(pools: RigPools): readonly PoolConfig[] {
  return pools.flatMap((pool) => {
    const url = toText(pool.url);
    return url === undefined ? [] : [{ url, user: toText(pool.user) ?? "", password: "" }];
  });
}

function positive(raw: unknown): Watts | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? watts(value) : undefined;
}
