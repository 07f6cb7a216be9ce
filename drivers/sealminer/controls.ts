// What can be set on a SealMiner and what it says that it is set to.
//
// Not offered: sleep (`ascset 0,suspend` is known, the word for it in PM State and the way back are not),
// the light and the mining mode (only a public client's word, no recording of what they do).

import type { Controls } from "../contract/controls.ts";
import { present, reader, toNumber } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { milliseconds, watts } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import type { Stats } from "./wire.ts";

/** 222 s of boot and 720 s of tuning were told by an A2; a limit needs a reboot. */
const REBOOT_AND_TUNING = 20 * 60_000;
/**
 * No source names the bounds. 3500 W is what an A2 was set to and held (3504 W); the lower end is
 * assumed, a refusal by the firmware is told as such.
 */
const LIMITS = { min: watts(2500), max: watts(3500), step: watts(1) };

export function controlsOf(modelKnown: boolean, stats: Held<Stats>, mayReboot: boolean): Controls {
  if (!modelKnown || !mayReboot) return {};
  const effect = { settles: milliseconds(REBOOT_AND_TUNING), restarts: true, persists: true };
  return present({
    powerLimit: setpointOf(stats).powerLimit === undefined ? undefined : { ...LIMITS, effect },
    reboot: { effect },
  });
}

/** 0 stands for no limit. */
export function setpointOf({ value, source, at }: Held<Stats>): Setpoint {
  const limit = toNumber(value["Power Limit"]);
  const told = limit !== undefined && limit > 0 ? limit : undefined;
  return present({ powerLimit: reader(source, at)(watts, told) });
}
