// From settings to orders, in the order in which they go out.

import type { PoolConfig, Setting, SettingValues } from "../contract/controls.ts";
import { toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Known } from "./known.ts";
import { clocksFor, isApart } from "./offsets.ts";
import { presets, targetChoices } from "./points.ts";
import { targetClock, targetClocks, targetVoltage } from "./setpoint.ts";
import { type TunerState, type TunerTarget, tunerState } from "./tuner.ts";
import type { OrderName, OrderParam, Summary } from "./wire.ts";

export type Order = {
  readonly [Name in OrderName]: { readonly name: Name; readonly param: OrderParam[Name] };
}[OrderName];

type Wishes = { readonly [Knob in Setting["knob"]]?: SettingValues[Knob] };

/** The vendor's example, and what the captured machine runs with. */
const USUAL_AUTO = { "Target Temperature": 60, "Idle Speed": 20 };

export interface Present {
  /** With a summary that was asked for this write: what is not to change is sent along with what is. */
  readonly known: Known;
  /** How the fans last looked after themselves. */
  readonly autoFan?: OrderParam["fanspeed"];
}

/** The settings are valid ones. */
export function encode(settings: readonly Setting[], { known, autoFan }: Present): Order[] {
  const wishes: Wishes = Object.fromEntries(settings.map(({ knob, value }) => [knob, value]));
  const summary = known.summary?.answer ?? {};
  return [
    ...fanOrders(wishes.fan, autoFan),
    ...poolOrders(wishes.pools, summary),
    ...(wishes.sleep === false ? [order("miner", "Autostart")] : []),
    ...pointOrders(wishes, known, summary),
    ...(wishes.sleep === true ? [order("miner", "Stop")] : []),
    ...(wishes.locate === undefined ? [] : [order("identify", wishes.locate)]),
    ...(wishes.restart === undefined ? [] : [order("softreboot", 0)]),
    ...(wishes.reboot === undefined ? [] : [order("reboot", 0)]),
  ];
}

function order<Name extends OrderName>(name: Name, param: OrderParam[Name]): Order {
  // One name and its own parameter: the union cannot follow that of a type parameter.
  return { name, param } as Order;
}

/** The governor goes off before a manual point, which it would move back, and comes on after it. */
function pointOrders(wishes: Wishes, known: Known, summary: Summary): Order[] {
  const tuner = tunerState(summary);
  const target = targetWish(wishes, known, tuner);
  const point = target === undefined ? manualOrders(wishes, known, summary) : [];
  const mustStop = point.length > 0 && tuner?.running === true;
  const stop = wishes.autotune === false || mustStop;
  const start = wishes.autotune === true;
  return [
    ...(stop ? [order("perpetualtune", false)] : []),
    ...point,
    ...(target === undefined ? [] : [targetOrder(target, tuner)]),
    ...(start || (target !== undefined && tuner?.running !== true)
      ? [order("perpetualtune", true)]
      : []),
  ];
}

function targetWish(
  wishes: Wishes,
  known: Known,
  tuner: TunerState | undefined,
): TunerTarget | undefined {
  if (wishes.powerLimit !== undefined) {
    const algorithm = tuner?.target?.algorithm;
    return algorithm === undefined
      ? undefined
      : { algorithm, target: Math.round(wishes.powerLimit), unit: "W" };
  }
  return targetChoices(known.capabilities?.answer, tuner).find(({ name }) => name === wishes.mode)
    ?.target;
}

/** How far the governor may throttle is the operator's choice: it is kept where it makes sense. */
function targetOrder(
  { algorithm, target, unit }: TunerTarget,
  tuner: TunerState | undefined,
): Order {
  const least = tuner?.throttle.min_throttle;
  const keep = tuner?.target?.unit === unit && (least === undefined || least <= target);
  return order("perpetualtune/algo", {
    algo: algorithm,
    target,
    ...(keep ? tuner.throttle : {}),
  });
}

/**
 * `tune` takes both at once and leaves their order to the firmware, which ramps them together
 * (AdjustingClockVoltage); all builds have it. Boards with clocks of their own keep them when only the
 * voltage changes.
 */
function manualOrders(wishes: Wishes, known: Known, summary: Summary): Order[] {
  const preset = presets(known.capabilities?.answer).find(({ name }) => name === wishes.profile);
  const frequency = preset?.frequency ?? wishes.frequency;
  const voltage = preset?.voltage ?? wishes.voltage;
  const apart = preset === undefined ? clockOrder(wishes, known) : undefined;
  if (apart !== undefined) return withVolts(apart, voltage, isRaise(frequency, summary));
  if (frequency === undefined && voltage === undefined) return [];
  const clock =
    frequency ?? (isUniform(summary) && !isApart(known) ? targetClock(summary) : undefined);
  const volts = voltage ?? targetVoltage(summary);
  if (clock !== undefined && volts !== undefined) {
    return [order("tune", { clks: String(clock), voltage: String(Math.round(volts)) })];
  }
  if (clock !== undefined) return [order("tune/clock/all", clock)];
  return volts === undefined ? [] : [order("tune/voltage", Math.round(volts))];
}

/** More clock only on the volts that it needs: the firmware orders `tune` alone by itself. */
function withVolts(clocks: Order, voltage: number | undefined, raise: boolean): Order[] {
  if (voltage === undefined) return [clocks];
  const volts = order("tune/voltage", Math.round(voltage));
  return raise ? [volts, clocks] : [clocks, volts];
}

const isRaise = (frequency: number | undefined, summary: Summary): boolean =>
  frequency !== undefined && frequency > (targetClock(summary) ?? 0);

/** Clocks of boards or chips where they are, or shall be, apart; undefined where one clock is for all. */
function clockOrder(wishes: Wishes, known: Known): Order | undefined {
  const rows = clocksFor(wishes, known, targetClock(known.summary?.answer ?? {}));
  if (rows === undefined) return undefined;
  const level = rows.every(({ clocks }) => clocks.every((clock) => clock === clocks[0]));
  return level
    ? order("tune/clock/board", {
        v: rows.map(({ slot, clocks }) => ({ Index: slot, Data: clocks[0] ?? 0 })),
      })
    : order("tune/clock/chip", {
        v: rows.map(({ slot, clocks }) => ({
          Index: slot,
          Data: clocks.map((clock, chip) => [chip, clock] as const),
        })),
      });
}

const isUniform = (summary: Summary): boolean => new Set(targetClocks(summary)).size <= 1;

function fanOrders(wish: Wishes["fan"], autoFan: Present["autoFan"]): Order[] {
  if (wish === undefined) return [];
  if (wish !== "auto") return [order("fanspeed", { Manual: Math.round(wish) })];
  return [order("fanspeed", autoFan ?? { Auto: USUAL_AUTO })];
}

/** What `fanspeed` takes to bring back the control that the fans have now. */
export function autoFanOf(summary: Summary): OrderParam["fanspeed"] | undefined {
  const auto = summary.Fans?.["Fan Mode"]?.Auto;
  const target = toNumber(auto?.["Target Temperature"]);
  const idle = toNumber(auto?.["Idle Speed"]);
  if (target === undefined || idle === undefined) return undefined;
  return { Auto: { "Target Temperature": target, "Idle Speed": idle } };
}

function poolOrders(pools: readonly PoolConfig[] | undefined, summary: Summary): Order[] {
  if (pools === undefined) return [];
  const unique = toBoolean(summary.Stratum?.["Worker Unique Id"]);
  return [
    order("coin", {
      coin: toText(summary.Mining?.Coin) ?? "BTC",
      stratum_configs: pools.map(({ url, user, password }) => ({
        pool: url,
        login: user,
        password,
      })),
      ...(unique === undefined ? {} : { unique_id: unique }),
    }),
  ];
}
