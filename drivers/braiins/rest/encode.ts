// From wishes to orders on the REST API.

import type { PoolConfig, Setting } from "../../contract/controls.ts";
import { toBoolean } from "../../contract/decoding.ts";
import { DeviceError } from "../../contract/errors.ts";
import { clamp } from "../../contract/units.ts";
import { FREQUENCY_STEP, VOLTAGE_STEP } from "../controls.ts";
import { POWER_TARGET, type Range, type Target, targetOf } from "../targets.ts";
import { inSafeOrder } from "../validate.ts";
import type { Order } from "./client.ts";
import type { Known } from "./known.ts";
import { comebackTarget, limitsOf } from "./offers.ts";
import { hertzOf, voltsOf } from "./quantities.ts";
import { type ManualPoint, manualPoint, storedTarget, targetOfTuner } from "./setpoint.ts";
import type { PerformanceMode, PoolGroupBody } from "./wire.ts";

const MEGA = 1e6;
const TERA = 1e12;

/** In the order in which they are safe; none for what is set already. */
export function encode(settings: readonly Setting[], known: Known): Order[] {
  const wish = handWish(settings);
  let handDone = false;
  return inSafeOrder(settings).flatMap((setting) => {
    if (setting.knob !== "frequency" && setting.knob !== "voltage") return ordersOf(setting, known);
    // Both go out in one order: the firmware itself takes the safe way between two points.
    if (handDone) return [];
    handDone = true;
    return [
      put("performance/mode", { manualmode: allBoards({ ...manualPoint(known), ...wish }, known) }),
    ];
  });
}

function handWish(settings: readonly Setting[]): ManualPoint {
  let wish: ManualPoint = {};
  for (const setting of settings) {
    if (setting.knob === "frequency") wish = { ...wish, frequency: setting.value };
    if (setting.knob === "voltage") wish = { ...wish, voltage: setting.value };
  }
  return wish;
}

function ordersOf(setting: Setting, known: Known): Order[] {
  switch (setting.knob) {
    case "powerLimit":
      return [put("performance/power-target", { watt: Math.round(setting.value) })];
    case "profile":
      return [targetOrder(targetOf(setting.value) ?? wattsAgain(setting.value, known), known)];
    case "autotune":
      return autotuneOrders(setting.value, known);
    case "sleep":
      return [put(`actions/${setting.value ? "pause" : "resume"}`)];
    case "locate":
      return [put("actions/locate", setting.value)];
    case "pools":
      return [put("pools/batch", [poolGroup(setting.value, known)])];
    case "restart":
    case "reboot":
      return [put(`actions/${setting.knob}`)];
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: not offered by this machine`);
  }
}

function wattsAgain(name: string, known: Known): Target {
  const power = comebackTarget(known);
  if (name === POWER_TARGET && power !== undefined) return power;
  throw new DeviceError("INVALID_SETTING", `profile: ${JSON.stringify(name)} names no target`);
}

/** The short way within a mode, the long one from another: it says which mode is meant. */
function targetOrder(target: Target, known: Known): Order {
  if (targetOfTuner(known)?.kind !== target.kind) {
    return put("performance/mode", { tunermode: tunerMode(target) });
  }
  return target.kind === "power"
    ? put("performance/power-target", { watt: Math.round(target.power) })
    : put("performance/hashrate-target", { terahash_per_second: target.hashrate / TERA });
}

function tunerMode(target: Target): NonNullable<PerformanceMode["tunermode"]> {
  return target.kind === "power"
    ? { target: { powertarget: { power_target: { watt: Math.round(target.power) } } } }
    : {
        target: {
          hashratetarget: { hashrate_target: { terahash_per_second: target.hashrate / TERA } },
        },
      };
}

function autotuneOrders(on: boolean, known: Known): Order[] {
  const tuner = known.answers.configuration?.answer.tuner;
  if (toBoolean(tuner?.enabled) === on) return [];
  if (!on) return [put("performance/mode", { manualmode: allBoards({}, known) })];
  const target = storedTarget(known) ?? comebackTarget(known);
  if (target === undefined) {
    throw new DeviceError("INVALID_SETTING", "autotune: the machine tells no target to tune to");
  }
  return [put("performance/mode", { tunermode: tunerMode(target) })];
}

/** Every board is named: a board's own value of before would win over the common one. */
function allBoards(point: ManualPoint, known: Known): NonNullable<PerformanceMode["manualmode"]> {
  const limits = limitsOf(known);
  const boards = (known.answers.hashboards?.answer.hashboards ?? [])
    .filter((board) => toBoolean(board.enabled) !== false && board.id !== undefined)
    .map((board) => ({
      id: String(board.id),
      frequency:
        point.frequency ??
        onGrid(hertzOf(board.current_frequency), FREQUENCY_STEP, limits.frequency),
      voltage:
        point.voltage ?? onGrid(voltsOf(board.current_voltage), VOLTAGE_STEP, limits.voltage),
    }));
  const frequency = point.frequency ?? middle(boards.map((board) => board.frequency));
  const voltage = point.voltage ?? middle(boards.map((board) => board.voltage));
  if (frequency === undefined || voltage === undefined) {
    throw new DeviceError(
      "INVALID_SETTING",
      "the machine tells no frequency or voltage to start from",
    );
  }
  return {
    global_frequency: { hertz: frequency * MEGA },
    global_voltage: { volt: voltage / 1000 },
    hashboards: boards.map((board) => ({
      id: board.id,
      frequency: { hertz: (board.frequency ?? frequency) * MEGA },
      voltage: { volt: (board.voltage ?? voltage) / 1000 },
    })),
  };
}

/** The tuner's mean over the chips, on the grid on which people set it, within what is allowed. */
function onGrid<Quantity extends number>(
  value: Quantity | undefined,
  step: number,
  range: Range<Quantity> | undefined,
): Quantity | undefined {
  if (value === undefined || range === undefined) return undefined;
  return clamp((Math.round(value / step) * step) as Quantity, range.min, range.max);
}

function middle<Quantity extends number>(
  values: readonly (Quantity | undefined)[],
): Quantity | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)];
}

/** Name and share of the group stay; without a group a common name is as good as any. */
function poolGroup(pools: readonly PoolConfig[], known: Known): PoolGroupBody {
  const [group] = known.answers.pools?.answer ?? [];
  return {
    name: group?.name ?? "default",
    load_balance_strategy: group?.load_balance_strategy ??
      group?.strategy ?? { quota: { value: 1 } },
    pools: pools.map(({ url, user, password }) => ({ enabled: true, url, user, password })),
  };
}

const put = (path: string, body?: unknown): Order => ({ method: "PUT", path, body });
