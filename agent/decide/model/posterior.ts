// What the measurements of one machine make of a prior, where frequency and voltage are known.

import type { Measured } from "../../state/tuning.ts";
import { jitterOf } from "../evidence.ts";
import { Cliff } from "./cliff.ts";
import { equalisedPrior, type Prior } from "./prior.ts";
import { areComputed, ratioSeen, warmerThan, wattsSeen } from "./reading.ts";
import type { Coordinates } from "./walk.ts";
import { WattsModel } from "./watts.ts";

export interface Posterior {
  /** Where the machine was found. */
  readonly base: Coordinates;
  readonly cliff: Cliff;
  readonly watts: WattsModel;
  /** Told watts do not follow the voltage. */
  readonly computed: boolean;
}

/** Undefined when frequency and voltage of the reference are not known; entries without them say nothing. */
export function posteriorOf(
  prior: Pick<Prior, "cliff" | "watts">,
  reference: Measured,
  evidence: readonly Measured[],
  coordinatesOf: (measured: Measured) => Coordinates | undefined,
): Posterior | undefined {
  const base = coordinatesOf(reference);
  if (base === undefined) return undefined;
  const usable = evidence.flatMap((measured) => {
    const at = coordinatesOf(measured);
    if (at === undefined) return [];
    const v = at.voltage / base.voltage;
    const x = at.frequency / base.frequency;
    return [{ measured, v, x, warmer: warmerThan(reference, measured) }];
  });
  const newest = Math.max(...evidence.map((each) => each.to));
  const passes = Math.max(0, ...evidence.map((each) => each.passes ?? 0));
  const jitter = jitterOf(evidence);
  const ratios = usable.map(({ measured, ...where }) => ({
    ...where,
    ...ratioSeen(measured, reference, where.x, jitter, newest, passes),
  }));
  return {
    base,
    cliff: Cliff.from(passes > 0 ? equalisedPrior(prior.cliff) : prior.cliff, ratios),
    watts: WattsModel.from(prior.watts, wattsSeen(usable, reference)),
    computed: areComputed(usable, reference),
  };
}
