// From wishes to requests; what this machine does not take is refused before anything is sent.

import type { PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { encodeProfile } from "./controls.ts";
import type { PoolsForm } from "./wire.ts";

export interface Order {
  readonly name: "setAutoTune" | "updatePools" | "restartCgMiner" | "reboot";
  readonly form: Readonly<Record<string, string | undefined>>;
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
