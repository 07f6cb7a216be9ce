// What may be set on which generation. `ascset 0,help` lists what a build knows; older ones have no list,
// and then only what the maker's manual names is offered. Frequency and voltage, which some builds accept,
// are not: they are tuned a chip at a time, and no source tells how far they may go.

import type { Controls, Effect, KnobName } from "../contract/controls.ts";
import { present, readingOf, toText } from "../contract/decoding.ts";
import type { Activity, Setpoint } from "../contract/telemetry.ts";
import { celsius, type EpochMs, milliseconds, minus, percent } from "../contract/units.ts";
import type { Answers } from "./answers.ts";
import type { Who } from "./decode-identity.ts";
import { currentMode, modesOf } from "./modes.ts";
import { figureOf } from "./module-text.ts";
import type { Module } from "./wire.ts";

export interface ControlContext {
  readonly who: Who;
  readonly module: Module;
  /** Of `help`; undefined: this build has none. */
  readonly options: ReadonlySet<string> | undefined;
  /** A password of the web page is configured. */
  readonly mayLogIn: boolean;
  readonly unsupported: ReadonlySet<KnobName>;
}

export interface SetpointContext {
  readonly who: Who;
  readonly module: Module;
  readonly activity: Activity | undefined;
  readonly fan: Setpoint["fan"];
  readonly pools: Answers["pools"];
  readonly source: string;
  readonly at: EpochMs;
}

const MINUTE = 60_000;

function effect(minutes: number, restarts: boolean, persists: boolean): Effect {
  return { settles: milliseconds(minutes * MINUTE), restarts, persists };
}

/** Restart, then the firmware's own tuning: its averages are worth reading after ten minutes. */
const MODE = effect(25, true, true);
const SLEEP = effect(15, true, false);
const FAN = effect(5, false, false);
/** Lost at a restart and at a change of the mode. */
const TARGET = effect(5, false, false);
const RESTART = effect(15, true, false);
const POOLS = effect(15, true, true);
const LED = effect(1, false, false);

/** 15 at first, 25 on later Nano 3S builds. */
const LEAST_DUTY = percent(25);
/** `target-temp` takes these on Nano 3S and Q. */
const TARGETS = { min: celsius(50), max: celsius(90) };

/** The options of the manual of A10, and what field software uses on A13 and later; no `help` needed. */
const KNOWN_BY_MANUAL: Readonly<Record<"old" | "new" | "home", readonly string[]>> = {
  old: ["workmode", "hashpower", "led", "reboot", "setpool"],
  new: ["workmode", "softoff", "led", "reboot", "setpool"],
  home: ["workmode", "reboot"],
};

/** softoff came with A13. */
export const FIRST_WITH_SOFTOFF = 13;

export function offerControls(context: ControlContext, setpoint: Setpoint): Controls {
  const { who, module, unsupported } = context;
  const { model, generation } = who;
  // Gen 1 takes frequencies and levels for modules, and neither is read back.
  if (model === undefined || generation === undefined || generation === 1) return {};
  const has = (option: string) => knows(context, option);
  const choices = modesOf(module, who);
  const target = targetOf(who, module);
  const possible: Controls = present({
    mode: has("workmode") && choices.length > 1 ? { choices, effect: MODE } : undefined,
    fan: has("fan-spd") && model.fans !== 0 ? FAN_KNOB : undefined,
    temperatureOffset:
      has("target-temp") && target !== undefined
        ? {
            min: minus(TARGETS.min, target),
            max: minus(TARGETS.max, target),
            step: celsius(1),
            effect: TARGET,
          }
        : undefined,
    sleep: canSleep(context) ? { effect: SLEEP } : undefined,
    locate: generation === 2 && has("led") ? { effect: LED } : undefined,
    // A command of its own on gen 3.
    pools:
      context.mayLogIn && (generation === 3 || has("setpool"))
        ? { max: 3, effect: POOLS }
        : undefined,
    reboot: has("reboot") ? { effect: RESTART } : undefined,
  });
  const kept = Object.entries(possible).filter(([name]) => {
    const knob = name as KnobName;
    if (unsupported.has(knob)) return false;
    return knob === "reboot" || setpoint[knob as keyof Setpoint] !== undefined;
  });
  return Object.fromEntries(kept);
}

const FAN_KNOB = {
  min: LEAST_DUTY,
  max: percent(100),
  step: percent(1),
  auto: true,
  effect: FAN,
};

function knows({ who, options }: ControlContext, option: string): boolean {
  if (options !== undefined) return options.has(option);
  const series = (who.series ?? 0) < FIRST_WITH_SOFTOFF ? "old" : "new";
  return KNOWN_BY_MANUAL[who.generation === 3 ? "home" : series].includes(option);
}

/** Gen 3 wakes with softon, gen 2 with a reboot. Nano 3S builds know neither. */
function canSleep(context: ControlContext): boolean {
  const has = (option: string) => knows(context, option);
  if (context.who.generation === 3) return has("softoff") && has("softon");
  return has("reboot") && (has("softoff") || has("hashpower"));
}

/** The target of the present mode, which is what an offset is an offset of. */
export function targetOf({ model }: Who, module: Module) {
  const mode = figureOf(module.WORKMODE);
  return mode === undefined ? undefined : model?.targets?.[mode];
}

export function decodeSetpoint(context: SetpointContext): Setpoint {
  const { who, module, activity, pools, source, at } = context;
  const told = <Value>(value: Value | undefined) => readingOf(value, source, at);
  const target = targetOf(who, module);
  const aim = figureOf(module.TarT);
  const lamp = figureOf(module.Led);
  return present({
    mode: told(currentMode(module, who)),
    fan: context.fan,
    temperatureOffset: told(
      target === undefined || aim === undefined ? undefined : celsius(aim - target),
    ),
    // A machine that waits for a pool or stopped for a fault was not put to sleep.
    sleep: told(
      activity === undefined || activity === "stopped" ? undefined : activity === "sleeping",
    ),
    locate: told(lamp === undefined ? undefined : lamp !== 0),
    pools:
      pools === undefined
        ? undefined
        : readingOf(
            pools.value.map((pool) => ({
              url: toText(pool.URL) ?? "",
              user: toText(pool.User) ?? "",
              // Never told.
              password: "",
            })),
            "pools",
            pools.at,
          ),
  });
}
