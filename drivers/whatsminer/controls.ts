// What may be set through API 2.x, and how far. Only for a known model whose password is configured: API
// 1.x writes in ways that no source documents, and 3.x firmware has an API of its own.

import type { Controls, Effect, KnobName, RangeKnob } from "../contract/controls.ts";
import type { Activity, Setpoint } from "../contract/telemetry.ts";
import { milliseconds, percent, type Watts, watts } from "../contract/units.ts";
import type { WhatsminerModel } from "../hardware/whatsminer.ts";

export interface ControlContext {
  readonly writable: boolean;
  readonly apiVersion: string | undefined;
  readonly model: WhatsminerModel | undefined;
  readonly activity: Activity | undefined;
  readonly ceiling: Watts | undefined;
  /** Knobs whose command this firmware turned out not to know. */
  readonly unsupported: ReadonlySet<KnobName>;
}

/** Below half of the ceiling fixed losses eat the gain, and no source tells whether the firmware gets there. */
const LEAST_SHARE = 0.5;

const MINUTE = 60_000;

export function effect(minutes: number, restarts: boolean, persists: boolean): Effect {
  return { settles: milliseconds(minutes * MINUTE), restarts, persists };
}

/** 0 hash for 1 to 2 min, then a ramp of 6 to 20 min, depending on upfreq_speed. */
export const RESTART_AND_RAMP = effect(25, true, true);

/** Only what the machine also reads back is offered: a change that cannot be seen cannot be taken back. */
export function offerControls(context: ControlContext, setpoint: Setpoint): Controls {
  const { model, apiVersion, ceiling, activity, unsupported } = context;
  if (!context.writable || model === undefined || !apiVersion?.startsWith("2.")) return {};
  const possible: Controls = {
    ...(ceiling === undefined ? {} : { powerLimit: limitKnob(ceiling) }),
    // A share of the stabilised power: there is none before the ramp is done.
    ...(activity === "hashing" ? { powerPercent: SHARE_KNOB } : {}),
    mode: { choices: MODES, effect: RESTART_AND_RAMP },
    // That it survives a restart was seen on some firmware only.
    sleep: { effect: effect(3, true, false) },
    locate: { effect: effect(1, false, false) },
    pools: { max: 3, effect: effect(2, false, true) },
    restart: { effect: effect(5, true, false) },
    reboot: { effect: effect(10, true, false) },
  };
  return readableOf(possible, setpoint, unsupported);
}

/** Without what cannot be read back, and without what this firmware does not know. */
export function readableOf(
  possible: Controls,
  setpoint: Setpoint,
  unsupported: ReadonlySet<KnobName>,
): Controls {
  const seen = (name: string) => name === "restart" || name === "reboot" || name in setpoint;
  return Object.fromEntries(
    Object.entries(possible).filter(([name]) => seen(name) && !unsupported.has(name as KnobName)),
  );
}

export const MODES = [{ name: "low" }, { name: "normal" }, { name: "high" }];

/** 0 reads back as "no override", and it is what sleep is for. */
export const SHARE_KNOB = {
  min: percent(1),
  max: percent(100),
  step: percent(1),
  effect: effect(1, false, false),
};

export function limitKnob(ceiling: Watts): RangeKnob<Watts> {
  const min = watts(Math.ceil(ceiling * LEAST_SHARE));
  return { min, max: ceiling, step: watts(1), effect: RESTART_AND_RAMP };
}
