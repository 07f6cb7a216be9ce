// From settings to commands of API 3.x.

import type { Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";

export interface OrderV3 {
  readonly command: string;
  readonly parameter?: unknown;
  /** The parameter travels encrypted. */
  readonly secret?: boolean;
  /** What must not be shown when the machine repeats it. */
  readonly secrets?: readonly string[];
}

/** The vendor's own example blinks red; a second each is easier to find. */
const LOCATE = [{ color: "red", period: 1000, duration: 500, start: 0 }];

/** Throws INVALID_SETTING for a knob that this driver never offers. */
export function encodeV3(setting: Setting): OrderV3 {
  switch (setting.knob) {
    case "powerLimit":
      return { command: "set.miner.power_limit", parameter: Math.round(setting.value) };
    case "mode":
      return { command: "set.miner.power_mode", parameter: setting.value };
    case "powerPercent":
      return {
        command: "set.miner.power_percent",
        // Firmware wants the number as text. `fast` acts within a second; `normal` takes minutes.
        parameter: { percent: setting.value.toFixed(0), mode: "fast" },
      };
    case "frequencyOffset":
      return { command: "set.miner.target_freq", parameter: Math.round(setting.value) };
    case "temperatureOffset":
      return { command: "set.fan.temp_offset", parameter: Math.round(setting.value) };
    case "sleep":
      return { command: "set.miner.service", parameter: setting.value ? "stop" : "start" };
    case "locate":
      return { command: "set.system.led", parameter: setting.value ? LOCATE : "auto" };
    case "pools":
      return {
        command: "set.miner.pools",
        parameter: setting.value.map(({ url, user, password }) => ({
          pool: url,
          worker: user,
          passwd: password,
        })),
        secret: true,
        secrets: setting.value.map(({ password }) => password),
      };
    case "restart":
      return { command: "set.miner.service", parameter: "restart" };
    case "reboot":
      return { command: "set.system.reboot" };
    case "frequency":
    case "boardOffsets":
    case "chipOffsets":
    case "voltage":
    case "profile":
    case "autotune":
    case "fan":
      throw new DeviceError(
        "INVALID_SETTING",
        `${setting.knob}: cannot be set on this firmware, which drives it by itself`,
      );
  }
}
