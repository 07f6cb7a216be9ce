// Which knobs a machine honours, and how far they go. None for an unknown model.

import type { Controls, Effect, RangeKnob } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import {
  type HashesPerSecond,
  type Megahertz,
  type Millivolts,
  megahertz,
  milliseconds,
  millivolts,
  type Watts,
  watts,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { choicesOf, type Range, type Steering, type Target, type TunedTarget } from "./targets.ts";

const MINUTE = 60_000;
const effect = (minutes: number, restarts: boolean, persists: boolean): Effect => ({
  settles: milliseconds(minutes * MINUTE),
  restarts,
  persists,
});

/** What the firmware itself allows. */
export interface Limits {
  readonly power?: Range<Watts>;
  readonly hashrate?: Range<HashesPerSecond>;
  readonly frequency?: Range<Megahertz>;
  readonly voltage?: Range<Millivolts>;
}

export interface Offers {
  readonly model: AntminerModel | undefined;
  readonly limits: Limits;
  readonly steering: Steering;
  /** What the tuner is told to reach; undefined while it is off. */
  readonly target: Target | undefined;
  readonly tuned: readonly TunedTarget[];
  /** The frequency and voltage set by hand; undefined while the tuner is on. */
  readonly manual?: { readonly frequency?: Megahertz; readonly voltage?: Millivolts } | undefined;
  readonly switches: {
    readonly autotune?: boolean;
    readonly sleep?: boolean;
    readonly locate?: boolean;
    readonly restart?: boolean;
    /** Number of groups that share the hashrate; only one can be replaced without loss. */
    readonly groups?: number;
    /** New pools are taken at the next start only. */
    readonly poolsRestart?: boolean;
  };
}

/** BOS counts whole watts. */
const POWER_STEP = watts(1);
/** Steps that every chip family and supply of these machines can make out. */
export const FREQUENCY_STEP = megahertz(5);
export const VOLTAGE_STEP = millivolts(10);
/** The web page shows no more rows than these without scrolling; no limit is documented. */
const MOST_POOLS = 4;

/** Power, hashrate and profile belong to the tuner; frequency and voltage to the hand. */
export function controlsOf(offers: Offers): Controls {
  const { model, limits, target, manual, switches } = offers;
  if (model === undefined) return {};
  const choices = target === undefined ? [] : choicesOf(offerOf(offers));
  const byWatts = target?.kind === "power" && offers.steering === "limit";
  return present({
    frequency:
      manual?.frequency === undefined
        ? undefined
        : knob(
            cut(limits.frequency, model.envelope?.frequency),
            FREQUENCY_STEP,
            effect(10, false, true),
          ),
    voltage:
      manual?.voltage === undefined
        ? undefined
        : knob(cut(limits.voltage, model.envelope?.voltage), VOLTAGE_STEP, effect(10, false, true)),
    // A target without a tuned profile is tuned anew for up to hours; the rough power comes in minutes.
    powerLimit: byWatts ? knob(limits.power, POWER_STEP, effect(20, false, true)) : undefined,
    profile: choices.length < 2 ? undefined : { choices, effect: effect(30, false, true) },
    autotune: switches.autotune === true ? { effect: effect(10, false, true) } : undefined,
    sleep: switches.sleep === true ? { effect: effect(10, true, false) } : undefined,
    locate: switches.locate === true ? { effect: effect(2, false, false) } : undefined,
    pools: poolsKnob(switches),
    restart: switches.restart === true ? { effect: effect(15, true, true) } : undefined,
    reboot: switches.restart === true ? { effect: effect(15, true, true) } : undefined,
  });
}

function poolsKnob({ groups, poolsRestart }: Offers["switches"]): Controls["pools"] {
  if (groups === undefined || groups > 1) return undefined;
  const restarts = poolsRestart === true;
  return { max: MOST_POOLS, effect: effect(restarts ? 15 : 3, restarts, true) };
}

const offerOf = ({ target, steering, tuned, limits }: Offers) => ({
  now: target,
  steering,
  tuned,
  hashrate: limits.hashrate,
});

function knob<Quantity extends number>(
  range: { readonly min: Quantity; readonly max: Quantity } | undefined,
  step: Quantity,
  what: Effect,
): RangeKnob<Quantity> | undefined {
  if (range === undefined || !(range.min > 0) || !(range.max > range.min)) return undefined;
  return { min: range.min, max: range.max, step, effect: what };
}

/** The upper end is the lower of both; below the maker's window machines only get cooler. */
function cut<Quantity extends number>(
  range: Range<Quantity> | undefined,
  envelope: { readonly max: Quantity } | undefined,
): Range<Quantity> | undefined {
  if (range === undefined || envelope === undefined || range.max <= envelope.max) return range;
  return { ...range, max: envelope.max };
}
