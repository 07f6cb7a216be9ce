// When it does not pay to mine at all.

import type { Signals } from "../../config/signals.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { pointOf } from "../state/point.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { askedOf } from "./asked.ts";
import { bestGoal, type Goal } from "./goal.ts";
import { isModelled, learn } from "./learn.ts";
import { energyShareOf, type Objective } from "./objective.ts";
import type { Policies } from "./policies.ts";

/** Share of the revenue at the reference by which mining must lose, or win, before it stops or starts. */
const CLEAR_LOSS = 0.01;
const CLEAR_WIN = 0.02;
/** The point that is judged need not have been tried: then it is worth trying, and mining goes on. */
const RISK = 0.3;

export interface Loss {
  readonly reason: string;
  /** Energy share at which the best point neither earns nor loses. */
  readonly breakEven: number;
}

/** Mining at the best point that is believed in loses money; undefined while it does not. */
export function lossOf(
  { tuning, restarts }: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Loss | undefined {
  if (policies.tuning.objective !== "profit") return undefined;
  const asked = askedOf(telemetry, policies, tuning, now);
  const share = asked?.objective.energyShare;
  // At a point that was found and still pays nothing needs to be computed.
  if (asked === undefined || share === undefined || share <= 1) return undefined;
  // Each pause is a restart, and these are rationed.
  if (restarts.length >= policies.tuning.restartsPerDay) return undefined;
  const { cost, breakEven } = bestOf(tuning, telemetry, policies, asked.objective, share);
  if (cost <= CLEAR_LOSS) return undefined;
  const { hashpricePerThDay, tariffPerKwh } = signals;
  const prices = `${hashpricePerThDay} per TH/s and day, ${tariffPerKwh} per kWh`;
  return { reason: `mining costs more than it earns (${prices})`, breakEven };
}

/** Whether it pays again, with what was known when the machine was put to sleep. */
export function paysAgain(
  signals: Signals,
  { evidence }: Pick<TuningState, "evidence">,
  breakEven: number,
): boolean {
  const [reference] = evidence ?? [];
  const share = reference && energyShareOf(signals, reference);
  // Without prices or a measurement nobody can say that it does not.
  return share === undefined || share < breakEven * (1 - CLEAR_WIN);
}

interface Best {
  readonly share: number;
  /** Share of the revenue at the reference; above 0 it loses money. */
  readonly cost: number;
  readonly breakEven: number;
}

/** The same question comes at every turn; it has another answer when something was measured. */
const answers = new WeakMap<readonly Measured[], Best>();

function bestOf(
  tuning: TuningState,
  telemetry: Telemetry,
  policies: Policies,
  objective: Objective,
  share: number,
): Best {
  const { evidence = [] } = tuning;
  const known = answers.get(evidence);
  if (known?.share === share) return known;
  const model = isModelled(telemetry, policies) ? learn(telemetry, policies, tuning) : undefined;
  const here = pointOf(telemetry, policies.tuning.levers);
  const goal = model && bestGoal(model, here, 0, { objective, risk: RISK });
  const best = {
    share,
    cost: goal === undefined ? share - 1 : objective.cost(goal.forecast),
    breakEven: breakEvenOf(goal),
  };
  answers.set(evidence, best);
  return best;
}

function breakEvenOf(goal: Goal | undefined): number {
  if (goal === undefined) return 1;
  return goal.forecast.rate.mean / Math.max(0.01, goal.forecast.power.mean);
}
