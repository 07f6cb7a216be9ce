// What is asked of one machine at this moment: objective, prices and caps in its own figures.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Demand, TuningState } from "../state/tuning.ts";
import { noiseCap, standingCap, strictest } from "./caps.ts";
import type { Aim } from "./goal.ts";
import { type Objective, objectiveOf } from "./objective.ts";
import type { Policies } from "./policies.ts";

export interface Asked {
  readonly objective: Objective;
  readonly caps: Pick<Aim, "powerCap" | "limitMax">;
  readonly demand: Demand;
  /** In words: `profit (energy 70 % of the revenue), safety.powerMaxWatts 2500 W`. */
  readonly words: string;
}

/** A meter that tells more than this of the limit is not told by the same firmware. */
const SAME_METER = 1.05;

/** Told watts over the limit, where a limit acts: a cap is on what is told. 1 where nothing is known. */
function meterOf(evidence: TuningState["evidence"] = []): number {
  const [reference] = evidence;
  const ratios = evidence
    .filter((each) => each !== reference && each.point.powerLimit !== undefined)
    .map((each) => each.power / (each.point.powerLimit ?? each.power))
    .filter((ratio) => ratio > 1 && ratio < SAME_METER);
  return Math.max(1, ...ratios);
}

/** Undefined before the first measurement. */
export function askedOf(
  telemetry: Telemetry,
  policies: Policies,
  { evidence }: Pick<TuningState, "evidence">,
  now: EpochMs,
): Asked | undefined {
  const [reference] = evidence ?? [];
  if (reference === undefined) return undefined;
  const signals = policies.signals?.(now) ?? {};
  const objective = objectiveOf(policies, signals, reference);
  const standing = standingCap(policies, signals, reference.power);
  const cap = strictest([standing, noiseCap(telemetry, policies, signals)]);
  const { energyShare } = objective;
  const { noiseMaxDecibels } = signals;
  return {
    objective,
    caps: {
      ...(cap === undefined ? {} : { powerCap: cap.watts / reference.power }),
      ...(standing === undefined ? {} : { limitMax: standing.watts / meterOf(evidence) }),
    },
    demand: {
      objective: objective.name,
      ...(energyShare === undefined ? {} : { energyShare }),
      ...(standing === undefined ? {} : { powerCap: standing.watts / reference.power }),
      ...(noiseMaxDecibels === undefined ? {} : { noiseMaxDecibels }),
    },
    words: [
      energyShare === undefined
        ? objective.name
        : `${objective.name} (energy is ${(energyShare * 100).toFixed(0)} % of the first revenue)`,
      ...(cap === undefined ? [] : [cap.words]),
    ].join(", "),
  };
}
