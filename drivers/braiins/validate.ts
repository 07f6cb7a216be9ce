// Is a wish within what the machine offers? Nothing is sent before that.

import type { Controls, PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";

/** Throws INVALID_SETTING, naming the knob, the value and what was expected. */
export function validate(settings: readonly Setting[], controls: Controls): void {
  for (const setting of settings) {
    const wrong = objection(setting, controls);
    if (wrong !== undefined) throw new DeviceError("INVALID_SETTING", wrong);
  }
}

function objection(setting: Setting, controls: Controls): string | undefined {
  const knob = controls[setting.knob];
  if (knob === undefined) return `${setting.knob}: not offered by this machine as it is set now`;
  if (setting.knob === "pools") return poolsObjection(setting.value, controls.pools?.max ?? 0);
  const { value } = setting;
  if ("min" in knob) {
    const inside =
      typeof value === "number" && Number.isFinite(value) && value >= knob.min && value <= knob.max;
    return inside
      ? undefined
      : `${setting.knob}: ${value} is not within ${knob.min} to ${knob.max}`;
  }
  if ("choices" in knob) {
    if (knob.choices.some((choice) => choice.name === value)) return undefined;
    const names = knob.choices.map((choice) => choice.name).join(", ");
    return `${setting.knob}: ${JSON.stringify(value)} is none of ${names}`;
  }
  return typeof value === "boolean"
    ? undefined
    : `${setting.knob}: ${JSON.stringify(value)} is neither true nor false`;
}

function poolsObjection(pools: readonly PoolConfig[], max: number): string | undefined {
  if (pools.length === 0 || pools.length > max) {
    return `pools: ${pools.length} is not within 1 to ${max}`;
  }
  const nameless = pools.findIndex((pool) => pool.url.trim() === "" || pool.user.trim() === "");
  return nameless < 0 ? undefined : `pools: number ${nameless + 1} lacks an url or a user`;
}

/** The machine wakes before and sleeps after the rest; who restarts it comes last. */
export function inSafeOrder(settings: readonly Setting[]): Setting[] {
  return [...settings].sort((a, b) => rank(a) - rank(b));
}

function rank(setting: Setting): number {
  switch (setting.knob) {
    case "autotune":
      return setting.value ? 5 : 1;
    case "sleep":
      return setting.value ? 6 : 0;
    case "restart":
    case "reboot":
      return 7;
    case "locate":
    case "pools":
      return 4;
    default:
      return 2;
  }
}
