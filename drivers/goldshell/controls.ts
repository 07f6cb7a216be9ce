// What can be set on a Goldshell machine and what it says that it is set to.
//
// Not offered: pools (they are added and deleted one by one, with an order of their own), the restart (no
// answer tells that it happened), free clocks (`manualPowerplan`: whether it acts is not known).

import type { Choice, Controls } from "../contract/controls.ts";
import { present, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { milliseconds } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import { SettingView, type WholeSetting } from "./wire.ts";

/** Assumed: a new plan stops mining and starts it again. */
const SWITCH = { settles: milliseconds(10 * 60_000), restarts: true, persists: true };
const LIGHT = { settles: milliseconds(60_000), restarts: false, persists: true };

export function controlsOf(modelKnown: boolean, setting: Held<WholeSetting> | undefined): Controls {
  if (!modelKnown || setting === undefined) return {};
  const choices = plansOf(setting.value);
  const { profile, locate } = setpointOf(setting);
  return present({
    profile: choices.length > 1 && profile !== undefined ? { choices, effect: SWITCH } : undefined,
    locate: locate === undefined ? undefined : { effect: LIGHT },
  });
}

export function setpointOf(setting: Held<WholeSetting> | undefined): Setpoint {
  if (setting === undefined) return {};
  const { value, source, at } = setting;
  const view = viewOf(value);
  const selected = toNumber(view.select);
  const plan = selected === undefined ? undefined : plansOf(value)[selected];
  return present({
    profile: readingOf(plan?.name, source, at),
    locate: readingOf(toBoolean(view.ledcontrol), source, at),
  });
}

/**
 * One a power plan, in the machine's order: its index is what is set. The figures in their text carry
 * wrong units ("615 MHz 9100 V 40 RPM"), so they stay text.
 */
export function plansOf(setting: WholeSetting): readonly Choice[] {
  return (viewOf(setting).powerplans ?? []).map(({ level, info }, index) => {
    const text = toText(info) ?? `level ${toNumber(level) ?? toText(level) ?? "unknown"}`;
    return { name: `${index}: ${text}` };
  });
}

export function viewOf(setting: WholeSetting): SettingView {
  return SettingView.parse(setting);
}
