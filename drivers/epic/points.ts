// Named operating points: ePIC's own presets, and targets of its governor.

import type { Choice } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import {
  hashesPerSecond,
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  watts,
} from "../contract/units.ts";
import { positive } from "./decode-boards.ts";
import { nameOf, type TunerState, type TunerTarget, tunerOptions } from "./tuner.ts";
import type { Capabilities } from "./wire.ts";

/** What the set-point says where no preset fits, and where the governor is off. */
export const NO_PRESET = "custom";
export const NO_TARGET = "manual";

export interface Point {
  readonly frequency: Megahertz;
  readonly voltage: Millivolts;
}

/** `482 MHz 12.90 V`. */
export const pointName = ({ frequency, voltage }: Point): string =>
  `${frequency} MHz ${(voltage / 1000).toFixed(2)} V`;

export interface Preset extends Point, Pick<Choice, "name" | "hashrate" | "power"> {}

/** In the order of rising frequency: ePIC's presets, and the point that the boards are graded for. */
export function presets(capabilities: Capabilities | undefined): Preset[] {
  const graded = {
    clk: capabilities?.["Default Clock"],
    voltage: capabilities?.["Default Voltage"],
    hashrate: capabilities?.["Default Hashrate"],
    power: undefined,
  };
  const found = new Map<string, Preset>();
  for (const raw of [...(capabilities?.["Tune Presets"] ?? []), graded]) {
    const clock = positive(raw?.clk);
    const volts = positive(raw?.voltage);
    if (clock === undefined || volts === undefined) continue;
    const point = { frequency: megahertz(clock), voltage: millivolts(volts) };
    const name = pointName(point);
    const rate = positive(raw?.hashrate);
    const power = positive(raw?.power);
    if (found.has(name)) continue;
    found.set(name, {
      name,
      ...point,
      ...present({
        hashrate: rate === undefined ? undefined : hashesPerSecond(rate * 1e12),
        power: power === undefined ? undefined : watts(power),
      }),
    });
  }
  return [...found.values()].sort((a, b) => a.frequency - b.frequency);
}

export interface TargetChoice extends Choice {
  readonly target: TunerTarget;
}

/**
 * Each algorithm with the hashrates, or the watts, of the presets that lie within its range. The target in
 * force is among them, so that its `tuned` can be told.
 */
export function targetChoices(
  capabilities: Capabilities | undefined,
  state: TunerState | undefined,
): TargetChoice[] {
  const points = presets(capabilities);
  const targets = tunerOptions(capabilities).flatMap(({ algorithm, unit, min, max }) =>
    points.flatMap((point) => {
      const value = unit === "W" ? point.power : point.hashrate && point.hashrate / 1e12;
      const target = value && Math.round(value);
      if (target === undefined || target < min || target > max) return [];
      return [{ algorithm, target, unit }];
    }),
  );
  const known = state?.target;
  const isOffered = tunerOptions(capabilities).some(
    (option) => option.algorithm === known?.algorithm,
  );
  const all = known !== undefined && isOffered ? [...targets, known] : targets;
  const unique = new Map(all.map((target) => [nameOf(target), target]));
  return [...unique.values()]
    .map((target) => targetChoice(target, state))
    .sort((a, b) => heaviness(a) - heaviness(b));
}

function targetChoice(target: TunerTarget, state: TunerState | undefined): TargetChoice {
  const inForce = state?.target !== undefined && nameOf(state.target) === nameOf(target);
  return {
    name: nameOf(target),
    target,
    ...(target.unit === "W"
      ? { power: watts(target.target) }
      : { hashrate: hashesPerSecond(target.target * 1e12) }),
    ...present({ tuned: inForce ? state.optimized : undefined }),
  };
}

/** 1 TH/s costs about 20 W here: good enough to order what has no common unit. */
const heaviness = ({ target }: TargetChoice): number =>
  target.unit === "W" ? target.target : target.target * 20;
