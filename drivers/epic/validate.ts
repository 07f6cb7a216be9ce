// Refuses what lies outside of the machine's envelope, before anything is sent.

import type { Controls, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import { type PoolRule, validate as validateEach } from "../transport/order.ts";

/** Throws INVALID_SETTING naming knob, value and what was expected. */
export function validate(settings: readonly Setting[], controls: Controls): void {
  validateEach(settings, controls, { pool: anyScheme });
  const seen = new Set<string>();
  for (const setting of settings) {
    if (seen.has(setting.knob)) throw invalid(`${setting.knob}: set twice in one write`);
    seen.add(setting.knob);
  }
  const owners = ["profile", "mode", "powerLimit"].filter((knob) => seen.has(knob));
  const manual = ["frequency", "voltage"].filter((knob) => seen.has(knob));
  if (owners.length > 1 || (owners.length === 1 && manual.length > 0)) {
    const names = [...manual, ...owners].join(" and ");
    throw invalid(`${names}: each sets the operating point; expected one of them`);
  }
  const governed = settings.some(({ knob }) => knob === "mode" || knob === "powerLimit");
  if (governed && settings.some(({ knob, value }) => knob === "autotune" && value === false)) {
    throw invalid(
      "autotune: false; expected true, or no autotune, beside a target of the governor",
    );
  }
}

/** It takes any scheme, and a pool without a user. */
const anyScheme: PoolRule = ({ url }) =>
  /^[a-z0-9+]+:\/\/\S+$/i.test(url)
    ? undefined
    : `${JSON.stringify(url)}: expected a URL such as stratum+tcp://host:3333`;

const invalid = (message: string) => new DeviceError("INVALID_SETTING", message);
