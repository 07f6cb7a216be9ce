// The model of a machine whose frequency and voltage are known at every point: set by hand, or named by
// the firmware's presets.

import type { ChoiceKnob, RangeKnob } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import type { Point } from "../../state/action.ts";
import type { Measured } from "../../state/tuning.ts";
import { jitterOf } from "../evidence.ts";
import { Cliff } from "./cliff.ts";
import type { Forecast, Model } from "./forecast.ts";
import type { Prior } from "./prior.ts";
import { WattsModel } from "./watts.ts";

/** Delivered / ideal below this is over the edge: the hashrate falls by 0.6 % a millivolt from there. */
export const EDGE = 0.97;
/** Board volts move by at most 0.1 V at a time, chip volts by 10 mV (tuning research, safety table). */
const BOARD_STEP_MV = 100;
const CHIP_STEP_MV = 10;
const CHIP_VOLTS_BELOW_MV = 2_000;
/** Upwards in frequency the edge comes nearer: no further than this at a time. */
const FREQUENCY_STEP_MHZ = 25;
/** No lower than this share of the frequency or the voltage of the reference. */
const LEAST_FREQUENCY = 0.5;
const LEAST_VOLTAGE = 0.8;

export interface ManualKnobs {
  readonly frequency: RangeKnob<number>;
  readonly voltage: RangeKnob<number>;
}

const DAY = 24 * 60 * 60_000;
/** Ageing moves the edge by some 0.3 mV a day: what was measured long ago says less. */
const DRIFT_PER_DAY = 0.0015;

const CRASH_DEVIATION = 0.01;

interface Coordinates {
  readonly frequency: number;
  readonly voltage: number;
}

export class PhysicsModel implements Model {
  readonly #reference: Coordinates;
  readonly #cliff: Cliff;
  readonly #watts: WattsModel;
  readonly #knobs: ManualKnobs | ChoiceKnob;
  readonly #highest: Coordinates;
  readonly #stockRatio: number;

  private constructor(
    reference: Coordinates,
    highest: Coordinates,
    knobs: ManualKnobs | ChoiceKnob,
    cliff: Cliff,
    watts: WattsModel,
  ) {
    this.#reference = reference;
    this.#highest = highest;
    this.#knobs = knobs;
    this.#cliff = cliff;
    this.#watts = watts;
    this.#stockRatio = Math.max(0.05, cliff.ratio(1, 1, 0, EDGE).mean);
  }

  /**
   * `reference`: the machine as it was found, first of the evidence. Undefined when its frequency and
   * voltage are not known. `highest`: no candidate lies above it.
   */
  static from(
    prior: Prior,
    reference: Measured,
    evidence: readonly Measured[],
    knobs: ManualKnobs | ChoiceKnob,
    highest: Point = reference.point,
  ): PhysicsModel | undefined {
    const base = coordinates(reference.point, knobs);
    if (base === undefined) return undefined;
    const usable = evidence.flatMap((measured) => {
      const at = coordinates(measured.point, knobs);
      if (at === undefined) return [];
      const v = at.voltage / base.voltage;
      const x = at.frequency / base.frequency;
      return [{ measured, v, x, warmer: warmerThan(reference, measured) }];
    });
    const newest = Math.max(...evidence.map((each) => each.to));
    const jitter = jitterOf(evidence);
    const ratios = usable.map(({ measured, ...where }) => ({
      ...where,
      ...ratioSeen(measured, reference, where.x, jitter, newest),
    }));
    const cliff = Cliff.from(prior.cliff, ratios);
    const watts = WattsModel.from(prior.watts, wattsEvidence(usable, reference));
    return new PhysicsModel(base, coordinates(highest, knobs) ?? base, knobs, cliff, watts);
  }

  forecast(point: Point, warmer: number): Forecast | undefined {
    const at = coordinates(point, this.#knobs);
    if (at === undefined) return undefined;
    const v = at.voltage / this.#reference.voltage;
    const x = at.frequency / this.#reference.frequency;
    const ratio = this.#cliff.ratio(v, x, warmer, EDGE);
    const scale = x / this.#stockRatio;
    return {
      power: this.#watts.power(v, x, warmer),
      rate: { mean: ratio.mean * scale, deviation: ratio.deviation * scale },
      below: ratio.below,
    };
  }

  candidates(from: Point, least: number): readonly (readonly Point[])[] {
    const knobs = this.#knobs;
    if ("choices" in knobs) {
      return knobs.choices
        .map((choice): Point => ({ ...from, profile: choice.name }))
        .filter((point) => this.#allowed(coordinates(point, knobs)))
        .map((point) => [point]);
    }
    // A machine that was found over its edge delivers its hashrate at a lower frequency as well.
    const slowest =
      Math.max(LEAST_FREQUENCY, least * this.#stockRatio * 0.99) * this.#reference.frequency;
    const lowest = LEAST_VOLTAGE * this.#reference.voltage;
    const voltages = valuesBelow(knobs.voltage, this.#highest.voltage, lowest, 140);
    return valuesBelow(knobs.frequency, this.#highest.frequency, slowest, 24).map((frequency) =>
      voltages.map((voltage) => ({
        ...from,
        frequency: megahertz(frequency),
        voltage: millivolts(voltage),
      })),
    );
  }

  step(from: Point, goal: Point, warmer: number, risk: number): Point | undefined {
    const safe = (point: Point): boolean => (this.forecast(point, warmer)?.below ?? 1) <= risk;
    if ("choices" in this.#knobs) return safe(goal) ? goal : undefined;
    const [here, there] = [coordinates(from, this.#knobs), coordinates(goal, this.#knobs)];
    if (here === undefined || there === undefined) return undefined;
    const moved = (to: Partial<Coordinates>): Point => ({
      ...from,
      ...(to.frequency === undefined ? {} : { frequency: megahertz(to.frequency) }),
      ...(to.voltage === undefined ? {} : { voltage: millivolts(to.voltage) }),
    });
    const { frequency, voltage } = this.#knobs;
    const lower = (): Point | undefined =>
      farthestSafe(
        here.voltage,
        there.voltage,
        voltage.step,
        largestStep(here.voltage),
        (value) => moved({ voltage: value }),
        safe,
      );
    // The voltage first where it may: it saves at once, and shows how the watts follow.
    if (safe(from) && there.voltage < here.voltage) {
      const point = lower();
      if (point !== undefined) return point;
    }
    if (there.frequency < here.frequency) return moved({ frequency: there.frequency });
    if (there.voltage > here.voltage) {
      return moved({ voltage: Math.min(there.voltage, here.voltage + largestStep(here.voltage)) });
    }
    if (!safe(from)) return undefined;
    return farthestSafe(
      here.frequency,
      there.frequency,
      frequency.step,
      FREQUENCY_STEP_MHZ,
      (value) => moved({ frequency: value }),
      safe,
    );
  }

  describe(): string {
    const { critical, slope, spread, inversion } = this.#cliff.describe();
    const [fixed, switching, leakage] = this.#watts.describe();
    const say = (name: string, [mean, deviation]: readonly [number, number], digits = 3) =>
      `${name} ${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
    return [
      say("edge at stock, share of its voltage", critical),
      say("slope", slope, 2),
      say("spread", spread),
      say("per K", inversion, 5),
      say("fixed watts", fixed ?? [0, 0], 2),
      say("switching", switching ?? [0, 0], 2),
      say("leakage", leakage ?? [0, 0], 2),
    ].join(", ");
  }

  #allowed(at: Coordinates | undefined): boolean {
    if (at === undefined) return false;
    const { frequency, voltage } = this.#highest;
    return (
      at.frequency <= frequency * 1.0005 &&
      at.voltage <= voltage * 1.0005 &&
      at.frequency >= this.#reference.frequency * LEAST_FREQUENCY
    );
  }
}

/** What one entry of the evidence says of the edge. A crash says: over it, most likely. */
function ratioSeen(
  measured: Measured,
  reference: Measured,
  x: number,
  jitter: number,
  newest: number,
): { readonly ratio: number; readonly deviation: number } {
  const aged = (DRIFT_PER_DAY * (newest - measured.to)) / DAY;
  if (measured.crashed === true) {
    return { ratio: EDGE - CRASH_DEVIATION, deviation: Math.hypot(CRASH_DEVIATION, aged) };
  }
  return {
    ratio: measured.ratio ?? measured.rate / reference.rate / x,
    deviation: Math.hypot(jitter / Math.sqrt(Math.max(1, measured.samples)), aged),
  };
}

type Where = {
  readonly measured: Measured;
  readonly v: number;
  readonly x: number;
  readonly warmer: number;
};

/**
 * Watts that are a formula say nothing of the voltage: there only the measurement at the reference
 * counts, and the rest is the prior's physics.
 */
function wattsEvidence(usable: readonly Where[], reference: Measured) {
  const lying = reference.basis === "formula" || ignoresVoltage(usable);
  return usable
    .filter(({ v, x, measured }) => measured.crashed !== true && (!lying || (v === 1 && x === 1)))
    .map(({ measured, ...where }) => ({
      ...where,
      power: measured.power / reference.power,
      deviation: POWER_DEVIATION / Math.sqrt(Math.max(1, measured.samples)) + 0.001,
    }));
}

/** Of one reading, relative: telemetry of supplies jitters by this. */
const POWER_DEVIATION = 0.005;
/** Voltages further apart than this must show in true watts: 3 % of voltage are 5 % of power. */
const TELLING = 0.03;

/** The same frequency at clearly different voltages, and the same watts: computed, not measured. */
export function ignoresVoltage(usable: readonly Where[]): boolean {
  const measured = usable.filter((each) => each.measured.crashed !== true);
  for (const high of measured) {
    for (const low of measured) {
      if (Math.abs(high.x - low.x) > 0.002 || high.v - low.v < TELLING) continue;
      if (Math.abs(high.warmer - low.warmer) > 3) continue;
      const expected = 1 - (low.v / high.v) ** 2;
      const seen = 1 - low.measured.power / high.measured.power;
      if (seen < 0.3 * expected) return true;
    }
  }
  return false;
}

export function warmerThan(reference: Measured, measured: Measured): number {
  if (reference.chipTemperature === undefined || measured.chipTemperature === undefined) return 0;
  return measured.chipTemperature - reference.chipTemperature;
}

function coordinates(point: Point, knobs: ManualKnobs | ChoiceKnob): Coordinates | undefined {
  if ("choices" in knobs) {
    const choice = knobs.choices.find((each) => each.name === point.profile);
    if (choice?.frequency === undefined || choice.voltage === undefined) return undefined;
    return { frequency: choice.frequency, voltage: choice.voltage };
  }
  if (point.frequency === undefined || point.voltage === undefined) return undefined;
  return { frequency: point.frequency, voltage: point.voltage };
}

const largestStep = (voltage: number): number =>
  voltage < CHIP_VOLTS_BELOW_MV ? CHIP_STEP_MV : BOARD_STEP_MV;

/** From `to` back towards `from`, the first that is safe and no more than `largest` away. */
function farthestSafe(
  from: number,
  to: number,
  step: number,
  largest: number,
  pointAt: (value: number) => Point,
  safe: (point: Point) => boolean,
): Point | undefined {
  const direction = Math.sign(to - from);
  const most = Math.floor(Math.min(Math.abs(to - from), largest) / step + 1e-9);
  // Three tries are enough: the whole step, the half and the quarter.
  for (const count of new Set([most, Math.ceil(most / 2), Math.ceil(most / 4), 1])) {
    if (count < 1 || count > most) continue;
    const value = clean(from + direction * count * step);
    if (safe(pointAt(value))) return pointAt(value);
  }
  return undefined;
}

/** Decimal steps such as 6.25 MHz leave binary dust that would fail the read-back. */
const clean = (value: number): number => Math.round(value * 1000) / 1000;

/** Values of a knob from `highest` down to `lowest`, at most about `count` of them. */
function valuesBelow(
  knob: RangeKnob<number>,
  highest: number,
  lowest: number,
  count: number,
): number[] {
  const least = Math.max(knob.min, lowest);
  const steps = Math.max(1, Math.ceil((highest - least) / knob.step / count));
  const values: number[] = [];
  for (let value = highest; value >= least - 1e-9; value = clean(value - steps * knob.step)) {
    values.push(value);
  }
  return values;
}
