// The best point that may be gone to at once: among those that the machine has proven.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Point } from "../state/action.ts";
import { believable } from "../state/samples.ts";
import type { TuningState } from "../state/tuning.ts";
import { type Aim, bestGoal, type Goal } from "./goal.ts";
import type { Model } from "./model/forecast.ts";
import { isProven, proofsOf } from "./proven.ts";

export function jumpGoal(
  model: Model,
  from: Point,
  warmer: number,
  aim: Aim,
  tuning: TuningState,
  telemetry: Telemetry,
): Goal | undefined {
  const proofs = proofsOf(tuning, believable(telemetry.temperature?.chip));
  const stock = tuning.stock ?? tuning.evidence?.[0]?.point ?? {};
  return bestGoal(model, from, warmer, {
    ...aim,
    only: (point) => isProven(point, proofs, stock),
  });
}
