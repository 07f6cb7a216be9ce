// How a machine is led from one frequency and voltage to another: in small changes, none over the edge.

import type { RangeKnob } from "../../../drivers/contract/controls.ts";
import { LEAST_SLOPE } from "../proven.ts";

/** Board volts move by at most 0.1 V at a time, chip volts by 10 mV (tuning research, safety table). */
const BOARD_STEP_MV = 100;
const CHIP_STEP_MV = 10;
const CHIP_VOLTS_BELOW_MV = 2_000;
/** Upwards in frequency the edge comes nearer: no further than this at a time. */
const FREQUENCY_STEP_MHZ = 25;

export interface ManualKnobs {
  readonly frequency: RangeKnob<number>;
  readonly voltage: RangeKnob<number>;
}

/** MHz and mV as the machine counts them. */
export interface Coordinates {
  readonly frequency: number;
  readonly voltage: number;
}

/** The next change on the way; undefined where none is safe. */
export function nextChange(
  here: Coordinates,
  there: Coordinates,
  knobs: ManualKnobs,
  safe: (at: Coordinates) => boolean,
): Coordinates | undefined {
  const largest = here.voltage < CHIP_VOLTS_BELOW_MV ? CHIP_STEP_MV : BOARD_STEP_MV;
  const away = (knob: keyof Coordinates, most: number): Coordinates | undefined =>
    farthestSafe(here[knob], there[knob], knobs[knob].step, most, (value) => {
      const at = { ...here, [knob]: value };
      return safe(at) ? at : undefined;
    });
  const bears = safe(here);
  const slower = 1 - there.frequency / here.frequency;
  if (bears && slower > 0 && there.voltage < here.voltage && restarts(knobs)) {
    // Each change stops mining: both at once. What the lower frequency itself saves in voltage is no step.
    const most = largest + LEAST_SLOPE * slower * here.voltage;
    const { step } = knobs.voltage;
    const both = farthestSafe(here.voltage, there.voltage, step, most, (voltage) => {
      const at = { frequency: there.frequency, voltage };
      return safe(at) ? at : undefined;
    });
    if (both !== undefined) return both;
  }
  // The voltage first where it may: it saves at once, and shows how the watts follow.
  if (bears && there.voltage < here.voltage) {
    const lower = away("voltage", largest);
    if (lower !== undefined) return lower;
  }
  if (there.frequency < here.frequency) return { ...here, frequency: there.frequency };
  if (there.voltage > here.voltage) {
    return { ...here, voltage: Math.min(there.voltage, here.voltage + largest) };
  }
  return bears ? away("frequency", FREQUENCY_STEP_MHZ) : undefined;
}

const restarts = ({ frequency, voltage }: ManualKnobs): boolean =>
  frequency.effect.restarts && voltage.effect.restarts;

/** From `to` back towards `from`, the first that is taken and no more than `largest` away. */
function farthestSafe<Found>(
  from: number,
  to: number,
  step: number,
  largest: number,
  take: (value: number) => Found | undefined,
): Found | undefined {
  const direction = Math.sign(to - from);
  const most = Math.floor(Math.min(Math.abs(to - from), largest) / step + 1e-9);
  // Few tries are enough: the whole step, the half, the quarter, and the smallest.
  for (const count of new Set([most, Math.ceil(most / 2), Math.ceil(most / 4), 1])) {
    if (count < 1 || count > most) continue;
    const found = take(clean(from + direction * count * step));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Decimal steps such as 6.25 MHz leave binary dust that would fail the read-back. */
const clean = (value: number): number => Math.round(value * 1000) / 1000;

/** The smallest value of the grid through `anchor` that is not below `value`. */
export const onGrid = (anchor: number, step: number, value: number): number =>
  Number.isFinite(value)
    ? clean(anchor - Math.floor((anchor - value) / step + 1e-9) * step)
    : anchor;

/** Values of a knob from `highest` down to `lowest`, at most about `count` of them. */
export function valuesBelow(
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
