// What can be set on an Elphapex machine and what it says that it is set to.
//
// Only the light and the reboot are offered: what the fields of its configuration do (fc-freq-level,
// fc-work-mode, fc-voltage) no source tells with certainty, and one public client writes pools only.

import type { Controls } from "../contract/controls.ts";
import { present, readingOf, toBoolean } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { milliseconds } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import type { BlinkStatus } from "./wire.ts";

const LIGHT = { settles: milliseconds(60_000), restarts: false, persists: false };
const REBOOT = { settles: milliseconds(10 * 60_000), restarts: true, persists: true };

export function controlsOf(modelKnown: boolean, blink: Held<BlinkStatus> | undefined): Controls {
  if (!modelKnown) return {};
  const light = setpointOf(blink).locate;
  return present({
    locate: light === undefined ? undefined : { effect: LIGHT },
    reboot: { effect: REBOOT },
  });
}

export function setpointOf(blink: Held<BlinkStatus> | undefined): Setpoint {
  if (blink === undefined) return {};
  return present({ locate: readingOf(toBoolean(blink.value.blink), blink.source, blink.at) });
}
