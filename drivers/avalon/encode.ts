// From settings to what is sent, by generation.

import type { KnobName, PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { FIRST_WITH_SOFTOFF, targetOf } from "./controls.ts";
import type { Who } from "./decode-identity.ts";
import { modesOf } from "./modes.ts";
import { ascset, type Command, type Module } from "./wire.ts";

export interface Step {
  readonly knob: KnobName;
  readonly command: Command;
  /** Sent when the machine refuses the first form. */
  readonly otherwise?: Command;
  /** Values that its answer may repeat and that must not be shown. */
  readonly secrets: readonly string[];
  /** What the answer must say, when it repeats what was set. */
  readonly echo?: { readonly pattern: RegExp; readonly value: string };
}

export interface EncodeContext {
  readonly who: Who;
  readonly module: Module;
  readonly options: ReadonlySet<string> | undefined;
  /** The machine's own clock now, Unix seconds. */
  readonly clock: number;
  readonly login: { readonly username?: string | undefined; readonly password: string } | undefined;
}

/** softoff and softon take a moment to come; one that has passed is accepted and does nothing. */
const SOON_SECONDS = 5;

export const REBOOT: Step = { knob: "reboot", command: ascset("reboot", 0), secrets: [] };

/** Settings that take effect when the machine starts again. */
export function rebootingKnobs(who: Who): ReadonlySet<KnobName> {
  return new Set<KnobName>(
    who.generation === 3 ? ["pools", "reboot"] : ["pools", "reboot", "mode"],
  );
}

export function encode(setting: Setting, context: EncodeContext): Step[] {
  const { knob } = setting;
  const step = (command: Command): Step => ({ knob, command, secrets: [] });
  switch (setting.knob) {
    case "mode":
      return [encodeMode(setting.value, context)];
    case "fan":
      return [step(ascset("fan-spd", setting.value === "auto" ? -1 : setting.value))];
    case "temperatureOffset": {
      const target = targetOf(context.who, context.module) ?? 0;
      return [step(ascset("target-temp", target + setting.value))];
    }
    case "sleep":
      return [{ ...encodeSleep(setting.value, context), knob }];
    case "locate":
      return [step(ascset("led", `${ledOf(context.who)}-${setting.value ? 1 : 0}`))];
    case "pools":
      return setting.value.map((pool, index) => encodePool(pool, index, context));
    case "reboot":
      return [];
    default:
      throw new DeviceError("INVALID_SETTING", `${knob}: no Avalon has this knob`);
  }
}

function encodeMode(name: string, { who, module }: EncodeContext): Step {
  const mode = modesOf(module, who).findIndex((choice) => choice.name === name);
  if (who.generation === 3) {
    return { knob: "mode", command: ascset("workmode", "set", mode), secrets: [] };
  }
  return {
    knob: "mode",
    command: ascset("workmode", mode),
    secrets: [],
    echo: { pattern: /WORKMODE\[(\d+)\]/, value: String(mode) },
  };
}

function encodeSleep(asleep: boolean, { who, options, clock }: EncodeContext): Step {
  const step = (command: Command): Step => ({ knob: "sleep", command, secrets: [] });
  if (who.generation === 3) {
    const moment = `1:${Math.ceil(clock) + SOON_SECONDS}`;
    return step(ascset(asleep ? "softoff" : "softon", moment));
  }
  if (!asleep) return REBOOT;
  const soft = options?.has("softoff") ?? (who.series ?? 0) >= FIRST_WITH_SOFTOFF;
  return step(soft ? ascset("softoff") : ascset("hashpower", 0));
}

/** The white lamp is the first on A10 to A12; field software for A13 and A15 counts from 0. */
const ledOf = ({ series }: Who): number => ((series ?? 0) < FIRST_WITH_SOFTOFF ? 1 : 0);

function encodePool(pool: PoolConfig, index: number, context: EncodeContext): Step {
  const { who, login } = context;
  if (login === undefined)
    throw new DeviceError("INVALID_SETTING", "pools: no password configured");
  const home = who.generation === 3;
  const user = login.username ?? (home ? "admin" : "root");
  const fields = [pool.url, pool.user, pool.password];
  const secrets = [login.password, pool.password];
  const indexed = [user, login.password, index, ...fields];
  if (home) {
    return {
      knob: "pools",
      secrets,
      command: { command: "setpool", parameter: indexed.join(",") },
    };
  }
  const plain = ascset("setpool", user, login.password, ...fields);
  // The manual of A10 knows one pool and would take the index for its address.
  if (who.series === 10) {
    if (index > 0)
      throw new DeviceError("INVALID_SETTING", "pools: A10 takes one pool through its API");
    return { knob: "pools", secrets, command: plain };
  }
  const command = ascset("setpool", ...indexed);
  return index === 0
    ? { knob: "pools", secrets, command, otherwise: plain }
    : { knob: "pools", secrets, command };
}
