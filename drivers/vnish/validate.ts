// Refuses what this machine does not accept before anything is sent.

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
  if (knob === undefined) return `${setting.knob}: not offered by this machine`;
  if (setting.knob === "pools") return poolsObjection(setting.value, controls);
  const { value } = setting;
  if ("min" in knob) {
    if (value === "auto" && "auto" in knob && knob.auto) return undefined;
    const inside = typeof value === "number" && value >= knob.min && value <= knob.max;
    return inside
      ? undefined
      : `${setting.knob}: ${value} is not within ${knob.min} to ${knob.max}`;
  }
  if ("choices" in knob && !knob.choices.some((choice) => choice.name === value)) {
    const names = knob.choices.map((choice) => choice.name).join(", ");
    return `${setting.knob}: ${JSON.stringify(value)} is none of ${names}`;
  }
  return undefined;
}

function poolsObjection(
  pools: readonly PoolConfig[],
  { pools: knob }: Controls,
): string | undefined {
  const max = knob?.max ?? 0;
  if (pools.length === 0 || pools.length > max) {
    return `pools: ${pools.length} is not within 1 to ${max}`;
  }
  const nameless = pools.findIndex((pool) => pool.url.trim() === "" || pool.user.trim() === "");
  return nameless < 0 ? undefined : `pools: number ${nameless + 1} lacks an url or a user`;
}
