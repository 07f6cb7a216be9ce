// From wishes to bdminer's commands and pages. Pure.

import type { Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Order } from "./wire.ts";

const REBOOT: Order = { kind: "reboot" };

/** A new limit is taken up by the reboot that follows it. */
export function encode(settings: readonly Setting[]): readonly Order[] {
  return settings.length === 0 ? [] : [...settings.flatMap(ordersOf), REBOOT];
}

function ordersOf(setting: Setting): Order[] {
  switch (setting.knob) {
    case "powerLimit": {
      const value = JSON.stringify({ value: String(Math.round(setting.value)) });
      return [{ kind: "ascset", parameter: `0,powerlimit,${value}` }];
    }
    case "reboot":
      return [];
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: bdminer has no such setting`);
  }
}
