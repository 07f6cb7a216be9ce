// The whole setting with the wishes in it. Pure.

import type { Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { plansOf } from "./controls.ts";
import type { WholeSetting } from "./wire.ts";

/** Throws INVALID_SETTING for a plan that the machine has not any more. */
export function change(setting: WholeSetting, wishes: readonly Setting[]): WholeSetting {
  const changes = wishes.map((wish) => changed(setting, wish));
  return Object.assign({}, setting, ...changes);
}

function changed(setting: WholeSetting, wish: Setting): WholeSetting {
  switch (wish.knob) {
    case "locate":
      return { ledcontrol: wish.value };
    case "profile": {
      const select = plansOf(setting).findIndex(({ name }) => name === wish.value);
      if (select >= 0) return { select };
      throw new DeviceError("INVALID_SETTING", `profile: the machine has no plan ${wish.value}`);
    }
    default:
      throw new DeviceError("INVALID_SETTING", `${wish.knob}: not offered by this machine`);
  }
}
