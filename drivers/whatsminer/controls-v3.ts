// What may be set through API 3.x, and how far: for a known model whose password is configured.

import type { Controls, KnobName } from "../contract/controls.ts";
import type { Activity, Setpoint } from "../contract/telemetry.ts";
import { celsius, percent, type Watts } from "../contract/units.ts";
import type { WhatsminerModel } from "../hardware/whatsminer.ts";
import { effect, limitKnob, MODES, RESTART_AND_RAMP, readableOf, SHARE_KNOB } from "./controls.ts";

export interface ControlContextV3 {
  readonly writable: boolean;
  readonly model: WhatsminerModel | undefined;
  readonly activity: Activity | undefined;
  readonly ceiling: Watts | undefined;
  /** Knobs whose command this firmware turned out not to know. */
  readonly unsupported: ReadonlySet<KnobName>;
}

/** Half the frequency is far below any use; where each firmware stops is told by no source. */
const LOWEST_OFFSET = -50;
/** Air-cooled machines only go down. For the others: what the factory's High mode adds. */
const HIGHEST_LIQUID_OFFSET = 20;

export function offerControlsV3(context: ControlContextV3, setpoint: Setpoint): Controls {
  const { model, ceiling, activity, unsupported } = context;
  if (!context.writable || model === undefined) return {};
  const air = model.fans > 0;
  const possible: Controls = {
    ...(ceiling === undefined ? {} : { powerLimit: limitKnob(ceiling) }),
    // A share of the stabilised power: there is none before the ramp is done.
    ...(activity === "hashing" ? { powerPercent: SHARE_KNOB } : {}),
    mode: { choices: MODES, effect: RESTART_AND_RAMP },
    frequencyOffset: {
      min: percent(LOWEST_OFFSET),
      max: percent(air ? 0 : HIGHEST_LIQUID_OFFSET),
      step: percent(1),
      effect: RESTART_AND_RAMP,
    },
    ...(air ? { temperatureOffset: TEMPERATURE_KNOB } : {}),
    // Whether it survives a reboot is told by no source: `disable` is the command that does.
    sleep: { effect: effect(3, true, false) },
    locate: { effect: effect(1, false, false) },
    pools: { max: 3, effect: effect(2, false, true) },
    restart: { effect: effect(5, true, false) },
    reboot: { effect: effect(10, true, false) },
  };
  return readableOf(possible, setpoint, unsupported);
}

const TEMPERATURE_KNOB = {
  min: celsius(-30),
  max: celsius(0),
  step: celsius(1),
  effect: effect(2, false, true),
};
