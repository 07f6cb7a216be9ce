// Which knobs this machine honours, and how far they go.

import type { Controls, Effect, FanKnob, RangeKnob } from "../contract/controls.ts";
import { present, toNumber } from "../contract/decoding.ts";
import {
  type Megahertz,
  type Millivolts,
  megahertz,
  milliseconds,
  millivolts,
  percent,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { isVnish } from "./decode-identity.ts";
import { type Known, minerOf, overclockOf } from "./known.ts";
import { offsetKnobs } from "./offsets.ts";
import { decodeChoices } from "./presets.ts";

const MINUTE = 60_000;
const effect = (minutes: number, restarts: boolean, persists: boolean): Effect => ({
  settles: milliseconds(minutes * MINUTE),
  restarts,
  persists,
});

const FREQUENCY_STEP = megahertz(5);
/** Settings count in 10 mV. */
const VOLTAGE_STEP = millivolts(10);
/** The firmware takes less; a manual 0 would cook the machine. */
const LEAST_FAN_DUTY = 20;
/** As many as a captured machine holds. */
const MOST_POOLS = 3;
/** Since 1.3. */
const LEAST_THROTTLE = percent(20);

/** None for an unknown model, and none without the settings: what is not read back is not offered. */
export function decodeControls(known: Known, model: AntminerModel | undefined): Controls {
  const settings = known.settings?.answer.miner;
  const info = known.info?.answer;
  if (model === undefined || info === undefined || !isVnish(info) || settings === undefined) {
    return {};
  }
  const choices = decodeChoices(known);
  return present({
    frequency: frequencyKnob(known, model),
    voltage: voltageKnob(known, model),
    ...(isManualPossible(known) ? offsetKnobs(known, effect(10, true, true)) : {}),
    powerPercent: throttleKnob(known),
    // An untuned preset shows at once; its tuning goes on for longer than anybody waits for a verdict.
    profile: choices.length === 0 ? undefined : { choices, effect: effect(20, true, true) },
    autotune: overclockOf(known.settings?.answer)?.preset_switcher && {
      effect: effect(3, false, true),
    },
    fan: fanKnob(known, model),
    sleep: stateOf(known) === undefined ? undefined : { effect: effect(10, true, false) },
    locate: known.status?.answer.find_miner === undefined ? undefined : LOCATE,
    pools: settings.pools && { max: MOST_POOLS, effect: effect(3, true, true) },
    restart: { effect: effect(10, true, true) },
    reboot: { effect: effect(15, true, true) },
  });
}

const LOCATE = { effect: effect(2, false, false) };

export const stateOf = (known: Known): string | undefined =>
  minerOf(known)?.miner_status?.miner_state ?? known.status?.answer.miner_state;

/** The firmware takes far more than it advises (1000 MHz on an S21 Pro that it warns about from 600). */
function frequencyKnob(known: Known, model: AntminerModel): RangeKnob<Megahertz> | undefined {
  const limits = known.settings?.answer.ui?.consts?.overclock;
  const min = toNumber(limits?.min_freq);
  const max = least(
    toNumber(limits?.max_freq),
    toNumber(limits?.warn_freq),
    model.envelope?.frequency.max,
  );
  if (!isManualPossible(known) || min === undefined || max === undefined || min >= max) {
    return undefined;
  }
  return {
    min: megahertz(min),
    max: megahertz(max),
    step: FREQUENCY_STEP,
    effect: effect(10, true, true),
  };
}

function voltageKnob(known: Known, model: AntminerModel): RangeKnob<Millivolts> | undefined {
  const limits = known.settings?.answer.ui?.consts?.overclock;
  const min = toNumber(limits?.min_voltage);
  // In 10 mV. What only a modified supply gives is nothing for an agent.
  const max = least(toNumber(limits?.max_voltage_stock_psu), toNumber(limits?.max_voltage));
  if (!isManualPossible(known) || min === undefined || max === undefined || min >= max) {
    return undefined;
  }
  return {
    min: millivolts(min * 10),
    max: millivolts(least(max * 10, model.envelope?.voltage.max) ?? max * 10),
    step: VOLTAGE_STEP,
    effect: effect(10, true, true),
  };
}

const isManualPossible = (known: Known): boolean =>
  overclockOf(known.settings?.answer)?.globals !== undefined;

function least(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function throttleKnob(known: Known): Controls["powerPercent"] {
  if (toNumber(minerOf(known)?.miner_status?.throttled) === undefined) return undefined;
  return {
    min: LEAST_THROTTLE,
    max: percent(100),
    step: percent(1),
    effect: effect(5, false, false),
  };
}

/** Not for machines in water or oil. */
function fanKnob(known: Known, model: AntminerModel): FanKnob | undefined {
  const settings = known.settings?.answer;
  const cooling = settings?.miner?.cooling;
  const mode = cooling?.mode?.name;
  if (model.fans === 0 || (mode !== "auto" && mode !== "manual")) return undefined;
  const min = Math.max(
    LEAST_FAN_DUTY,
    toNumber(cooling?.fan_min_duty) ?? 0,
    toNumber(settings?.ui?.consts?.cooling?.min_fan_pwm) ?? 0,
  );
  const max = Math.min(100, toNumber(cooling?.fan_max_duty) ?? 100);
  if (min >= max) return undefined;
  return {
    min: percent(min),
    max: percent(max),
    step: percent(1),
    auto: true,
    effect: effect(2, false, true),
  };
}
