// From settings to commands of API 2.x, whose parameters are all strings.

import type { Controls, PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Parameters } from "./wire.ts";

export interface Order {
  readonly command: string;
  readonly parameters: Parameters;
}

const MODES: { readonly [Name in string]?: string } = {
  low: "set_low_power",
  normal: "set_normal_power",
  high: "set_high_power",
};

/** The vendor's own example blinks red once a second. */
const LOCATE: Parameters = { color: "red", period: "1000", duration: "500", start: "0" };

/**
 * Throws INVALID_SETTING for a knob that this driver never offers. `set_target_freq` and `set_temp_offset`
 * are left out on purpose: API 2.x tells neither, so a write could be neither seen nor taken back.
 */
export function encode(setting: Setting): Order {
  switch (setting.knob) {
    case "powerLimit":
      return order("adjust_power_limit", { power_limit: setting.value.toFixed(0) });
    case "mode":
      return order(MODES[setting.value] ?? unknown(setting));
    case "powerPercent":
      return order("set_power_pct", { percent: setting.value.toFixed(0) });
    case "sleep":
      // "true" answers before it switches off: a yes is worth more than the half second.
      return setting.value ? order("power_off", { respbefore: "true" }) : order("power_on");
    case "locate":
      return order("set_led", setting.value ? LOCATE : { param: "auto" });
    case "pools":
      return order("update_pools", poolParameters(setting.value));
    case "restart":
      return order("restart_btminer");
    case "reboot":
      return order("reboot");
    case "frequency":
    case "boardOffsets":
    case "chipOffsets":
    case "voltage":
    case "profile":
    case "autotune":
    case "fan":
    case "frequencyOffset":
    case "temperatureOffset":
      return unknown(setting);
  }
}

const order = (command: string, parameters: Parameters = {}): Order => ({ command, parameters });

function unknown(setting: Setting): never {
  throw new DeviceError(
    "INVALID_SETTING",
    `${setting.knob}: cannot be set and read back on this firmware`,
  );
}

/** All three are always sent, because an absent one would keep its old pool. */
function poolParameters(pools: readonly PoolConfig[]): Parameters {
  const entries = [0, 1, 2].flatMap((slot): [string, string][] => [
    [`pool${slot + 1}`, pools[slot]?.url ?? ""],
    [`worker${slot + 1}`, pools[slot]?.user ?? ""],
    [`passwd${slot + 1}`, pools[slot]?.password ?? ""],
  ]);
  return Object.fromEntries(entries);
}

/** What stops the mining program goes last: it may not take another command for minutes. */
export function inWritingOrder(settings: readonly Setting[], controls: Controls): Setting[] {
  const rank = (setting: Setting) => Number(controls[setting.knob]?.effect.restarts ?? false);
  return [...settings].sort((a, b) => rank(a) - rank(b));
}
