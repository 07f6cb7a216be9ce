// From wishes to the requests that a rig understands. Pure.

import type { Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import type { HttpRequest } from "../transport/http.ts";
import { jsonBody } from "../transport/json-http.ts";
import { type CoolingOrder, PATHS, type PoolsOrder, type TargetOrder } from "./wire.ts";

/** What stops the rig goes last: the rest would meet a machine that is busy. */
export function encode(
  settings: readonly Setting[],
  targetTemperature: number | undefined,
): readonly HttpRequest[] {
  const rank = ({ knob }: Setting) => (knob === "reboot" ? 2 : knob === "sleep" ? 1 : 0);
  return [...settings]
    .sort((a, b) => rank(a) - rank(b))
    .map((setting) => request(setting, targetTemperature));
}

function request(setting: Setting, targetTemperature: number | undefined): HttpRequest {
  switch (setting.knob) {
    case "powerLimit": {
      const order: TargetOrder = { power_target_watts: Math.round(setting.value) };
      return { method: "PUT", path: PATHS.target, ...jsonBody(order) };
    }
    case "fan":
      return {
        method: "PUT",
        path: PATHS.cooling,
        ...jsonBody(coolingOrder(setting.value, targetTemperature)),
      };
    case "sleep":
      return { method: "POST", path: setting.value ? PATHS.stop : PATHS.start };
    case "pools": {
      const order: PoolsOrder = setting.value.map(({ url, user, password }, priority) => ({
        name: `Pool ${priority + 1}`,
        url,
        username: user,
        password,
        priority,
      }));
      return { method: "POST", path: PATHS.pools, ...jsonBody(order) };
    }
    case "reboot":
      return { method: "POST", path: PATHS.reboot };
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: a rig has no such setting`);
  }
}

/** The target temperature of the automatic control is kept as it was. */
function coolingOrder(value: number | "auto", targetTemperature: number | undefined): CoolingOrder {
  if (value !== "auto") return { mode: "Manual", speed_percentage: Math.round(value) };
  return targetTemperature === undefined
    ? { mode: "Auto" }
    : { mode: "Auto", target_temperature_c: targetTemperature };
}
