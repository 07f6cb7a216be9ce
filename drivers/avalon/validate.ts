// A wish against what this machine offers, before anything is sent.

import type { Controls, KnobName, PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";

/** Sizes of the Nano 3S source; commas separate the fields and cannot be escaped. */
const LONGEST = { url: 384, user: 128, password: 128 } as const;

/** Throws INVALID_SETTING, naming knob, value and what was expected. */
export function validate(setting: Setting, controls: Controls): void {
  const knob = controls[setting.knob];
  if (knob === undefined) {
    const offered = Object.keys(controls).join(", ");
    throw invalid(
      setting,
      offered === "" ? "a machine that was read and is known" : `one of the knobs ${offered}`,
    );
  }
  switch (setting.knob) {
    case "mode": {
      const names = controls.mode?.choices.map(({ name }) => name) ?? [];
      if (!names.includes(setting.value)) throw invalid(setting, `one of ${names.join(", ")}`);
      return;
    }
    case "fan":
      if (setting.value !== "auto") checkRange(setting, setting.value, controls.fan);
      return;
    case "temperatureOffset":
      checkRange(setting, setting.value, controls.temperatureOffset);
      return;
    case "pools":
      checkPools(setting, setting.value, controls.pools?.max ?? 0);
      return;
    case "reboot":
      return;
    default:
      if (typeof setting.value !== "boolean") throw invalid(setting, "true or false");
  }
}

function checkRange(
  setting: Setting,
  value: number,
  range: { readonly min: number; readonly max: number } | undefined,
): void {
  if (range === undefined) throw invalid(setting, "a machine that offers it");
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw invalid(setting, `a whole number from ${range.min} to ${range.max}`);
  }
}

function checkPools(setting: Setting, pools: readonly PoolConfig[], max: number): void {
  if (pools.length === 0 || pools.length > max) throw invalid(setting, `1 to ${max} pools`);
  for (const pool of pools) {
    for (const field of ["url", "user", "password"] as const) {
      const text = pool[field];
      if (text === "" || text.length > LONGEST[field] || !/^[^,|\p{Cc}\s]+$/u.test(text)) {
        throw invalid(
          setting,
          `${field} with 1 to ${LONGEST[field]} characters and no comma, bar or blank`,
        );
      }
    }
  }
}

/** Sleep and what needs a reboot cannot go together: the reboot would wake the machine. */
export function checkTogether(
  settings: readonly Setting[],
  rebooting: ReadonlySet<KnobName>,
): void {
  const sleep = settings.find((setting) => setting.knob === "sleep" && setting.value);
  const other = settings.find((setting) => rebooting.has(setting.knob));
  if (sleep === undefined || other === undefined) return;
  throw new DeviceError(
    "INVALID_SETTING",
    `sleep and ${other.knob} at once: ${other.knob} needs a reboot, which wakes the machine`,
  );
}

function invalid(setting: Setting, expected: string): DeviceError {
  // Pools hold passwords.
  const value = setting.knob === "pools" ? "as given" : JSON.stringify(setting.value);
  return new DeviceError("INVALID_SETTING", `${setting.knob} ${value}: expected ${expected}`);
}
