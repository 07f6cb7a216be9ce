// Which knobs this machine honours, and how far they go.

import type { Controls, Effect, FanKnob, RangeKnob } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import {
  type Megahertz,
  type Millivolts,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  type Watts,
  watts,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { decodeFans, positive } from "./decode-boards.ts";
import { isPowerPlay } from "./identity.ts";
import type { Known } from "./known.ts";
import { offsetKnobs } from "./offsets.ts";
import { type Preset, presets, targetChoices } from "./points.ts";
import { targetClock, targetVoltage } from "./setpoint.ts";
import { tunerOptions, tunerState } from "./tuner.ts";

const MINUTE = 60_000;
const effect = (minutes: number, restarts: boolean, persists: boolean): Effect => ({
  settles: milliseconds(minutes * MINUTE),
  restarts,
  persists,
});

/** The captured chips run at 487.5 MHz where 485 is set: their grid is 2.5 MHz or coarser. */
const FREQUENCY_STEP = megahertz(5);
/** 8 bits over the 3.3 V of the captured supply's range would be 13 mV; a finer step shows nothing. */
const VOLTAGE_STEP = millivolts(20);
/** The firmware's own idle speed; a lower duty is raised by it anyway, and 0 would cook the machine. */
const LEAST_FAN_DUTY = percent(20);
/** The firmware takes no more (vendor's API paper). */
export const MOST_POOLS = 3;
/** A ramp goes chip by chip: "seconds to minutes", up to 5 were waited for by other tools. */
const RAMP = 8;

/**
 * None for a model that is not in the table, because nobody knows what it can bear; none without a
 * password, because PowerPlay then refuses every write.
 */
export function decodeControls(
  known: Known,
  model: AntminerModel | undefined,
  writable: boolean,
): Controls {
  const summary = known.summary?.answer;
  if (model === undefined || !writable || !isPowerPlay(known) || summary === undefined) return {};
  const points = presets(known.capabilities?.answer);
  const tuner = tunerState(summary);
  const targets = targetChoices(known.capabilities?.answer, tuner);
  const manual = targetClock(summary) !== undefined && targetVoltage(summary) !== undefined;
  return present({
    frequency: manual ? frequencyKnob(points, model) : undefined,
    voltage: manual ? voltageKnob(known, points, model) : undefined,
    ...(manual ? offsetKnobs(known, effect(RAMP, false, false)) : {}),
    powerLimit: powerLimitKnob(known),
    profile:
      manual && points.length > 0
        ? { choices: points.filter(withinWindow(model)), effect: effect(RAMP, false, true) }
        : undefined,
    mode:
      tuner === undefined || targets.length === 0
        ? undefined
        : {
            choices: targets.map(({ target: _, ...choice }) => choice),
            effect: effect(30, false, true),
          },
    autotune: tuner?.target === undefined ? undefined : { effect: effect(2, false, true) },
    fan: fanKnob(known, model),
    sleep:
      summary.Status?.["Operating State"] === undefined
        ? undefined
        : { effect: effect(10, true, false) },
    locate:
      summary.Misc?.["Locate Miner State"] === undefined
        ? undefined
        : { effect: effect(1, false, false) },
    pools: summary.StratumConfigs && { max: MOST_POOLS, effect: effect(2, false, true) },
    restart: { effect: effect(10, true, true) },
    reboot: { effect: effect(10, true, true) },
  });
}

const withinWindow =
  ({ envelope }: AntminerModel) =>
  ({ frequency, voltage }: Preset): boolean =>
    frequency <= (envelope?.frequency.max ?? Infinity) &&
    voltage <= (envelope?.voltage.max ?? Infinity);

/**
 * Between the lowest and the highest of ePIC's presets, cut where the maker's window ends: the firmware
 * itself would take up to 1000 MHz and 15 V.
 */
function frequencyKnob(
  points: readonly Preset[],
  model: AntminerModel,
): RangeKnob<Megahertz> | undefined {
  const clocks = points.map((point) => point.frequency);
  const min = Math.min(...clocks);
  const max = Math.min(Math.max(...clocks), model.envelope?.frequency.max ?? Infinity);
  if (!(min < max)) return undefined;
  return {
    min: megahertz(min),
    max: megahertz(max),
    step: FREQUENCY_STEP,
    effect: effect(RAMP, false, true),
  };
}

/** Down to where the supply ends: too little voltage costs hashrate, and no hardware. */
function voltageKnob(
  known: Known,
  points: readonly Preset[],
  model: AntminerModel,
): RangeKnob<Millivolts> | undefined {
  const volts = points.map((point) => point.voltage);
  const psu = known.capabilities?.answer["Psu Info"];
  const least = positive(psu?.["Min Vout"]) ?? Math.min(...volts);
  const most = Math.min(
    Math.max(...volts),
    positive(psu?.["Max Vout"]) ?? Infinity,
    model.envelope?.voltage.max ?? Infinity,
  );
  const min = Math.ceil(least / VOLTAGE_STEP) * VOLTAGE_STEP;
  const max = Math.floor(most / VOLTAGE_STEP) * VOLTAGE_STEP;
  if (!(min < max)) return undefined;
  return {
    min: millivolts(min),
    max: millivolts(max),
    step: VOLTAGE_STEP,
    effect: effect(RAMP, false, true),
  };
}

/** Only while the power algorithm is in force: else nothing holds a limit, and none can be read back. */
function powerLimitKnob(known: Known): RangeKnob<Watts> | undefined {
  const tuner = tunerState(known.summary?.answer);
  if (tuner?.running !== true || tuner.target?.unit !== "W") return undefined;
  const { algorithm } = tuner.target;
  const option = tunerOptions(known.capabilities?.answer).find(
    (candidate) => candidate.algorithm === algorithm,
  );
  if (option === undefined) return undefined;
  return {
    min: watts(option.min),
    max: watts(option.max),
    step: watts(1),
    effect: effect(30, false, true),
  };
}

/** Not where no fan turns or nobody tells who chooses the duty: in water, in oil. */
function fanKnob(known: Known, model: AntminerModel): FanKnob | undefined {
  const fans = known.summary?.answer.Fans;
  const mode = fans?.["Fan Mode"];
  const told = mode?.Auto !== undefined || mode?.Manual !== undefined;
  if (model.fans === 0 || !told || decodeFans(known.summary).length === 0) return undefined;
  return {
    min: LEAST_FAN_DUTY,
    max: percent(100),
    step: percent(1),
    auto: true,
    effect: effect(1, false, true),
  };
}
