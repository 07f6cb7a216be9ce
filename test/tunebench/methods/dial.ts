// What a baseline can turn, as numbers: [MHz, board mV], [index of the preset] or [watts].

import type { Setting } from "../../../drivers/contract/controls.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { megahertz, millivolts, watts } from "../../../drivers/contract/units.ts";
import type { Published } from "../method.ts";

export type Point = readonly number[];

export interface Dial {
  readonly kind: "manual" | "presets" | "power-limit";
  readonly stock: Point;
  /** Smallest step of each number. */
  readonly grain: Point;
  /** Within the envelope and not above stock, on the grid. */
  fit(point: Point): Point;
  settings(point: Point): readonly Setting[];
  /** The vendor's operating point at `share` of the stock frequency, or of the stock power. */
  ladder(share: number): Point;
  /** Share of stock, of the first number's label: frequency, or watts. */
  share(point: Point): number;
  readonly deadTime: boolean;
}

/** undefined while the machine does not tell what it is set to. */
export function dialOf(told: Telemetry, published: Published): Dial | undefined {
  const { controls } = told;
  if (controls.frequency !== undefined && controls.voltage !== undefined)
    return manual(told, published);
  if (controls.profile !== undefined) return presets(told);
  if (controls.powerLimit !== undefined) return powerLimit(told);
  return undefined;
}

const onGrid = (value: number, step: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, Math.round(value / step) * step));

function manual(told: Telemetry, published: Published): Dial | undefined {
  const { frequency, voltage } = told.controls;
  const mhz = told.setpoint.frequency?.value;
  const mv = told.setpoint.voltage?.value;
  if (frequency === undefined || voltage === undefined) return undefined;
  if (mhz === undefined || mv === undefined) return undefined;
  return {
    kind: "manual",
    stock: [mhz, mv],
    grain: [frequency.step, voltage.step],
    fit: ([f = mhz, v = mv]) => [
      onGrid(f, frequency.step, frequency.min, mhz),
      onGrid(v, voltage.step, voltage.min, mv),
    ],
    settings: ([f = mhz, v = mv]) => [
      { knob: "frequency", value: megahertz(f) },
      { knob: "voltage", value: millivolts(v) },
    ],
    ladder: (share) => [mhz * share, mv - published.ladderSlope * mhz * (1 - share)],
    share: ([f = mhz]) => f / mhz,
    deadTime: frequency.effect.restarts,
  };
}

function presets(told: Telemetry): Dial | undefined {
  const knob = told.controls.profile;
  const now = told.setpoint.profile?.value;
  if (knob === undefined || now === undefined) return undefined;
  const top = knob.choices.findIndex((choice) => choice.name === now);
  const labels = knob.choices.map((choice) => Number(choice.frequency));
  const full = labels[top];
  if (full === undefined || !labels.every((label) => label > 0)) return undefined;
  const share = ([index = top]: Point) => (labels[index] ?? full) / full;
  return {
    kind: "presets",
    stock: [top],
    grain: [1],
    fit: ([index = top]) => [onGrid(index, 1, 0, top)],
    settings: ([index = top]) => [{ knob: "profile", value: knob.choices[index]?.name ?? now }],
    // The nearest that is not below: who must hold a hashrate chooses so.
    ladder: (wanted) => [labels.findIndex((_, index) => share([index]) >= wanted - 1e-9)],
    share,
    deadTime: knob.effect.restarts,
  };
}

/** Shares are of the power drawn at stock: the limit set there lies above it and does nothing. */
function powerLimit(told: Telemetry): Dial | undefined {
  const knob = told.controls.powerLimit;
  const drawn = told.power?.value;
  const limit = told.setpoint.powerLimit?.value;
  if (knob === undefined || drawn === undefined || limit === undefined) return undefined;
  return {
    kind: "power-limit",
    stock: [limit],
    grain: [knob.step],
    fit: ([value = limit]) => [onGrid(value, knob.step, knob.min, limit)],
    settings: ([value = limit]) => [{ knob: "powerLimit", value: watts(value) }],
    ladder: (share) => [drawn * share],
    share: ([value = limit]) => value / drawn,
    deadTime: knob.effect.restarts,
  };
}
