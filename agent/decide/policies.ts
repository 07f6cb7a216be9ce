// What a policy of this room is: a question that either answers with a decision or passes on.

import type { Policies as Configured, SafetyPolicy } from "../../config/policy.ts";
import type { Signals } from "../../config/signals.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Celsius, EpochMs } from "../../drivers/contract/units.ts";
import type { Action, Purpose } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { TuningState } from "../state/tuning.ts";
import type { PriorSource } from "./model/prior.ts";

/** What is configured, and what is believed of machines not measured yet. */
export interface Policies extends Configured {
  readonly prior?: PriorSource;
  /** What market and site ask for; absent: nothing. */
  readonly signals?: (now: EpochMs) => Signals;
}

export type Policy = (state: DeviceState, policies: Policies, now: EpochMs) => Decision | undefined;

/** A decision that leaves the machine alone. */
export function hold(
  policy: Decision["policy"],
  now: EpochMs,
  tuning: TuningState,
  reason: string,
): Decision {
  return { at: now, policy, reason, tuning };
}

/** A decision to change something. */
export function change(
  state: DeviceState,
  policy: Decision["policy"],
  now: EpochMs,
  tuning: TuningState,
  wish: {
    readonly purpose: Purpose;
    readonly settings: readonly Setting[];
    readonly reason: string;
  },
): Decision {
  const action: Action = { device: state.id, at: now, ...wish };
  return { at: now, policy, action, reason: wish.reason, tuning };
}

/** Somebody else chose the point: what was found before is no place to go back to any more. */
export function startedAnew(tuning: TuningState, now: EpochMs): TuningState {
  const { best: _best, trial: _trial, ...rest } = tuning;
  return { ...rest, phase: "baseline", since: now, exhausted: {}, stepScale: {} };
}

export interface HeatLimits {
  /** Stop here. */
  readonly chip: Celsius;
  /** Ease off from here. */
  readonly chipSoft: Celsius;
  readonly board: Celsius;
  /** Only where the maker tells one: regulators bear more than chips, and how much differs. */
  readonly regulator?: Celsius;
  /** Ease off from here; hot air alone is no reason to stop. */
  readonly inlet: Celsius;
}

/** The maker's limits less 5 K where they are known and stricter, else the configured ones. */
export function heatLimits(telemetry: Telemetry, safety: SafetyPolicy): HeatLimits {
  const chip = stricter(safety.chipMaxCelsius, telemetry.limits?.chip);
  const board = stricter(safety.boardMaxCelsius, telemetry.limits?.board);
  const regulator = telemetry.limits?.regulator;
  return {
    chip,
    chipSoft: Math.min(safety.chipSoftCelsius, chip - 5) as Celsius,
    board,
    inlet: safety.inletMaxCelsius as Celsius,
    ...(regulator === undefined ? {} : { regulator: (regulator - 5) as Celsius }),
  };
}

function stricter(configured: number, limit: number | undefined): Celsius {
  return (limit === undefined ? configured : Math.min(configured, limit - 5)) as Celsius;
}
