// Which knobs this model on this build really has.

import type { Controls, Effect } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { milliseconds, percent } from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { type ConfigView, POOL_SLOTS, shown, shownPools } from "./config.ts";
import {
  type Generation,
  generationOf,
  modeName,
  modeNames,
  sleepMode,
  workModes,
} from "./firmware.ts";

/** S19 Pro hashes 113 s after the start and is steady 2 min later; others need up to 10 min. */
const RESTART: Effect = { settles: milliseconds(600_000), restarts: true, persists: true };
/** The program reads its file again: fans and pools change within a minute, hashing goes on. */
const RELOAD: Effect = { settles: milliseconds(60_000), restarts: false, persists: true };
const BLINK: Effect = { settles: milliseconds(30_000), restarts: false, persists: false };
const REBOOT: Effect = { settles: milliseconds(600_000), restarts: true, persists: false };

/** Images hold their fans at 0 to 35 % or more, by model; from here on every image obeys. */
const LEAST_FAN = 35;

export interface MachineFacts {
  /** Recognised as stock. */
  readonly stock: boolean;
  readonly model: AntminerModel | undefined;
  readonly build: string | undefined;
}

/** Nothing for an unknown machine, and nothing while a complete write cannot be made. */
export function offer(facts: MachineFacts, config: ConfigView | undefined): Controls {
  const { model } = facts;
  if (!facts.stock || model === undefined || config === undefined) return {};
  if (config.unfit !== undefined) return {};
  const generation = generationOf(model.name);
  const write = generation === "form" ? RESTART : RELOAD;
  return present({
    frequency: frequencyKnob(model, generation),
    mode: modeKnob(facts),
    fan: fanKnob(model, write),
    sleep: canSleep(facts) ? { effect: RESTART } : undefined,
    pools: { max: POOL_SLOTS, effect: write },
    locate: { effect: BLINK },
    reboot: { effect: REBOOT },
  });
}

function frequencyKnob(model: AntminerModel, generation: Generation) {
  if (generation !== "form" || model.stockFrequency === undefined) return undefined;
  return { ...model.stockFrequency, effect: RESTART };
}

/** Sleep has a knob of its own, so a machine with nothing but normal and sleep has no modes. */
function modeKnob(facts: MachineFacts) {
  const names = modeNames(modesOf(facts));
  return names.length < 2
    ? undefined
    : { choices: names.map((name) => ({ name })), effect: RESTART };
}

function fanKnob(model: AntminerModel, effect: Effect) {
  if (model.fans === 0) return undefined;
  return { min: percent(LEAST_FAN), max: percent(100), step: percent(1), auto: true, effect };
}

function modesOf({ model, build }: MachineFacts): readonly number[] {
  if (model === undefined) return [];
  if (generationOf(model.name) === "form") return [0, sleepMode(model.name)];
  return workModes(model, build);
}

function canSleep(facts: MachineFacts): boolean {
  const name = facts.model?.name ?? "";
  if (generationOf(name) === "form") return sleepMode(name) === 254;
  return modesOf(facts).includes(1);
}

/** Whether the stored work mode is the one for sleep; undefined when it was not read. */
export function asleepByMode(series: string, config: ConfigView | undefined): boolean | undefined {
  const mode = config?.workMode;
  return mode === undefined ? undefined : mode === sleepMode(series);
}

/** What the configuration says of each knob that this firmware has. */
export function readBack(series: string, config: ConfigView, controls: Controls): Setpoint {
  const asleep = asleepByMode(series, config);
  const mode =
    asleep === true || config.workMode === undefined ? undefined : modeName(config.workMode);
  return present({
    sleep: shown(config, asleep),
    mode: controls.mode === undefined ? undefined : shown(config, mode),
    fan: shown(config, config.fan),
    frequency: controls.frequency === undefined ? undefined : shown(config, config.frequency),
    pools: shownPools(config),
  });
}
