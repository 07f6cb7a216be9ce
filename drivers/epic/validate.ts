// Refuses what lies outside of the machine's envelope, before anything is sent.

import type { Controls, PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";

/** Throws INVALID_SETTING naming knob, value and what was expected. */
export function validate(settings: readonly Setting[], controls: Controls): void {
  const seen = new Set<string>();
  for (const setting of settings) {
    if (controls[setting.knob] === undefined) {
      throw invalid(`${setting.knob}: this machine does not offer it now`);
    }
    if (seen.has(setting.knob)) throw invalid(`${setting.knob}: set twice in one write`);
    seen.add(setting.knob);
    validateOne(setting, controls);
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

function validateOne(setting: Setting, controls: Controls): void {
  switch (setting.knob) {
    case "frequency":
    case "voltage":
    case "powerLimit":
      validateRange(setting.knob, setting.value, controls);
      break;
    case "fan":
      if (setting.value !== "auto") validateRange(setting.knob, setting.value, controls);
      break;
    case "profile":
    case "mode":
      validateChoice(setting.knob, setting.value, controls);
      break;
    case "pools":
      validatePools(setting.value, controls.pools?.max ?? 0);
      break;
    default:
      break;
  }
}

function validateRange(
  knob: "frequency" | "voltage" | "powerLimit" | "fan",
  value: number,
  controls: Controls,
): void {
  const range = controls[knob];
  if (range === undefined) return;
  if (typeof value === "number" && value >= range.min && value <= range.max) return;
  throw invalid(`${knob}: ${value}; expected ${range.min} to ${range.max}`);
}

function validateChoice(knob: "profile" | "mode", value: string, controls: Controls): void {
  const names = (controls[knob]?.choices ?? []).map((choice) => choice.name);
  if (names.includes(value)) return;
  throw invalid(`${knob}: ${JSON.stringify(value)}; expected one of ${names.join(", ")}`);
}

function validatePools(pools: readonly PoolConfig[], max: number): void {
  if (pools.length < 1 || pools.length > max) {
    throw invalid(`pools: ${pools.length} given; expected 1 to ${max}`);
  }
  for (const { url } of pools) {
    if (!/^[a-z0-9+]+:\/\/\S+$/i.test(url)) {
      throw invalid(
        `pools: ${JSON.stringify(url)}; expected a URL such as stratum+tcp://host:3333`,
      );
    }
  }
}

const invalid = (message: string) => new DeviceError("INVALID_SETTING", message);
