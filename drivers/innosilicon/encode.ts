// From wishes to requests; what this machine does not take is refused before anything is sent.

import type { Controls, PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { encodeProfile } from "./controls.ts";
import type { PoolsForm } from "./wire.ts";

export interface Order {
  readonly name: "setAutoTune" | "updatePools" | "restartCgMiner" | "reboot";
  readonly form: Readonly<Record<string, string | undefined>>;
}

/** Throws INVALID_SETTING, which names knob, value and what is accepted. */
export function validate(settings: readonly Setting[], controls: Controls): void {
  for (const setting of settings) {
    const { knob } = setting;
    if (controls[knob] === undefined) {
      throw invalid(knob, "this machine does not offer it", Object.keys(controls));
    }
    if (setting.knob === "profile") checkProfile(setting.value, controls);
    if (setting.knob === "pools") checkPools(setting.value, controls);
  }
}

function checkProfile(value: string, controls: Controls): void {
  const names = controls.profile?.choices.map(({ name }) => name) ?? [];
  if (!names.includes(value)) throw invalid("profile", JSON.stringify(value), names);
}

/** The firmware drops a pool that lacks one of the three, without a word. */
function checkPools(pools: readonly PoolConfig[], controls: Controls): void {
  const max = controls.pools?.max ?? 0;
  if (pools.length === 0 || pools.length > max) {
    throw invalid("pools", `${pools.length} pools`, [`1 to ${max} pools`]);
  }
  for (const [index, pool] of pools.entries()) {
    for (const field of ["url", "user", "password"] as const) {
      if (pool[field].trim() !== "") continue;
      throw invalid("pools", `pool ${index + 1} without ${field}`, ["url, user and password"]);
    }
  }
}

function invalid(knob: string, value: string, accepted: readonly string[]): DeviceError {
  return new DeviceError("INVALID_SETTING", `${knob}: ${value}; accepted: ${accepted.join(", ")}`);
}

const LAST = ["restart", "reboot"];

/** In the order of their sending: what restarts the machine comes last. */
export function encode(settings: readonly Setting[]): readonly Order[] {
  return [...settings]
    .sort((one, other) => LAST.indexOf(one.knob) - LAST.indexOf(other.knob))
    .map(orderOf);
}

function orderOf(setting: Setting): Order {
  switch (setting.knob) {
    case "profile":
      return { name: "setAutoTune", form: { ...encodeProfile(setting.value) } };
    case "pools":
      return { name: "updatePools", form: { ...encodePools(setting.value) } };
    case "restart":
      return { name: "restartCgMiner", form: {} };
    case "reboot":
      return { name: "reboot", form: {} };
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: this machine does not offer it`);
  }
}

function encodePools([first, second, third]: readonly PoolConfig[]): PoolsForm {
  return {
    Pool1: first?.url ?? "",
    UserName1: first?.user ?? "",
    Password1: first?.password ?? "",
    Pool2: second?.url ?? "",
    UserName2: second?.user ?? "",
    Password2: second?.password ?? "",
    Pool3: third?.url ?? "",
    UserName3: third?.user ?? "",
    Password3: third?.password ?? "",
  };
}
