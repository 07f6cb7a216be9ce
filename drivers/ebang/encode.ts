// From wishes to requests; what this machine does not take is refused before anything is sent.

import type { PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { PATHS, type Path, type PoolsForm } from "./wire.ts";

export interface Order {
  readonly path: Path;
  readonly form: Readonly<Record<string, string>>;
}

const NO_TUNING = "Ebang firmware has no page to tune the machine";

/** In the order of their sending: the restart comes last. */
export function encode(settings: readonly Setting[]): readonly Order[] {
  return [...settings]
    .sort((one, other) => Number(one.knob === "restart") - Number(other.knob === "restart"))
    .map(orderOf);
}

function orderOf(setting: Setting): Order {
  switch (setting.knob) {
    case "pools":
      return { path: PATHS.setPools, form: { ...encodePools(setting.value) } };
    case "restart":
      return { path: PATHS.restart, form: {} };
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: ${NO_TUNING}`);
  }
}

function encodePools([first, second, third]: readonly PoolConfig[]): PoolsForm {
  return {
    mip1: first?.url ?? "",
    mwork1: first?.user ?? "",
    mpassword1: first?.password ?? "",
    mip2: second?.url ?? "",
    mwork2: second?.user ?? "",
    mpassword2: second?.password ?? "",
    mip3: third?.url ?? "",
    mwork3: third?.user ?? "",
    mpassword3: third?.password ?? "",
  };
}
