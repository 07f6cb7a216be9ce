// PerpetualTune, the firmware's own governor: an algorithm that holds a hashrate or a power by moving
// clocks and voltage.

import { toBoolean, toNumber, toText } from "../contract/decoding.ts";
import { positive } from "./decode-boards.ts";
import type { Capabilities, Summary } from "./wire.ts";

export interface TunerTarget {
  readonly algorithm: string;
  /** TH/s or W. */
  readonly target: number;
  readonly unit: TunerUnit;
}

export type TunerUnit = "TH/s" | "W";

export interface TunerOption {
  readonly algorithm: string;
  readonly unit: TunerUnit;
  readonly min: number;
  readonly max: number;
}

/** `VoltageOptimizer 143 TH/s`. */
export const nameOf = ({ algorithm, target, unit }: TunerTarget): string =>
  `${algorithm} ${target} ${unit}`;

/** ChipTune, BoardTune and VoltageOptimizer hold TH/s; Power (PowerTune in later builds) holds watts. */
const unitOf = (algorithm: string): TunerUnit => (/power/i.test(algorithm) ? "W" : "TH/s");

export function tunerOptions(capabilities: Capabilities | undefined): TunerOption[] {
  return (capabilities?.PerpetualTune ?? []).flatMap((option) => {
    const algorithm = toText(option?.algorithm);
    const min = toNumber(option?.min);
    const max = positive(option?.max);
    if (algorithm === undefined || min === undefined || max === undefined || min >= max) return [];
    return [{ algorithm, unit: unitOf(algorithm), min, max }];
  });
}

export interface TunerState {
  readonly running: boolean;
  /** Kept while it does not run. */
  readonly target?: TunerTarget;
  /** The search of this target is over. */
  readonly optimized?: boolean;
  readonly throttle: { readonly min_throttle?: number; readonly throttle_step?: number };
}

export function tunerState(summary: Summary | undefined): TunerState | undefined {
  const running = toBoolean(summary?.PerpetualTune?.Running);
  if (running === undefined) return undefined;
  const [entry] = Object.entries(summary?.PerpetualTune?.Algorithm ?? {});
  const [algorithm, state] = entry ?? [];
  const target = toNumber(state?.Target);
  if (algorithm === undefined || target === undefined) return { running, throttle: {} };
  const told = toText(state?.Unit);
  const unit = told === undefined ? unitOf(algorithm) : /^\s*w/i.test(told) ? "W" : "TH/s";
  const optimized = toBoolean(state?.Optimized);
  const min = toNumber(state?.["Min Throttle Target"]);
  const step = toNumber(state?.["Throttle Step"]);
  return {
    running,
    target: { algorithm, target, unit },
    ...(optimized === undefined ? {} : { optimized }),
    throttle: {
      ...(min === undefined ? {} : { min_throttle: min }),
      ...(step === undefined ? {} : { throttle_step: step }),
    },
  };
}
