// From wishes to FluxOS' commands. Pure.

import type { Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { LED_LOCATE, LED_NORMAL, type Order } from "./wire.ts";

/** What stops mining goes last. */
export function encode(settings: readonly Setting[]): readonly Order[] {
  return [...settings].sort((a, b) => rank(a) - rank(b)).map(order);
}

function rank({ knob }: Setting): number {
  if (knob === "reboot") return 3;
  if (knob === "restart") return 2;
  return knob === "sleep" ? 1 : 0;
}

function order(setting: Setting): Order {
  switch (setting.knob) {
    case "powerLimit":
      return {
        command: "mode",
        parameters: { mode: "custom", tune: "power", power: Math.round(setting.value) },
      };
    case "sleep":
      return { command: "mode", parameters: { sleep: setting.value ? "on" : "off" } };
    case "locate":
      return { command: "led", parameters: { code: setting.value ? LED_LOCATE : LED_NORMAL } };
    case "pools": {
      const pools = setting.value.map(({ url, user, password }) => ({ url, user, pass: password }));
      return { command: "updatepools", parameters: { pools } };
    }
    case "restart":
      return { command: "restart", parameters: { parameter: "gcminer" } };
    case "reboot":
      return { command: "restart", parameters: {} };
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: FluxOS has no such setting`);
  }
}
