// What the measurements of one machine say of the parameters that its kin shares.

import type { Measured } from "../../state/tuning.ts";
import type { Cliff } from "./cliff.ts";
import type { Estimate } from "./forecast.ts";
import { LimitModel } from "./limit.ts";
import type { Parameter } from "./parameters.ts";
import { posteriorOf } from "./posterior.ts";
import { generalPrior, type Kin, type Prior, type PriorSource } from "./prior.ts";
import type { Coordinates } from "./walk.ts";

export type Learnt = { readonly [Name in Parameter]?: Estimate };

/** A parameter whose deviation is not below this share of what the machine as found told is left out. */
const TOLD = 0.8;

/**
 * Always told against the same prior, never against what other machines have taught: else a fleet would
 * be told its own opinion back, surer each time. Empty where little was measured.
 */
export function learntOf(
  evidence: readonly Measured[],
  kin: Omit<Kin, "watts">,
  general: PriorSource = generalPrior,
): Learnt {
  const reference = evidence[0];
  if (reference === undefined) return {};
  const prior = general({ ...kin, watts: reference.power });
  const before = estimatesOf(prior, reference, [reference]);
  const after = estimatesOf(prior, reference, evidence);
  const told = Object.entries(after).filter(
    ([name, { deviation }]) => deviation < TOLD * (before[name as Parameter]?.deviation ?? 0),
  );
  return Object.fromEntries(told);
}

const ofCliff = (cliff: Cliff): Learnt =>
  Object.fromEntries(
    Object.entries(cliff.describe()).map(([name, [mean, deviation]]) => [
      name,
      { mean, deviation },
    ]),
  );

function estimatesOf(prior: Prior, reference: Measured, evidence: readonly Measured[]): Learnt {
  const posterior = posteriorOf(prior, reference, evidence, coordinatesOf);
  if (posterior !== undefined) {
    const [fixed, , leakage] = posterior.watts.describe();
    return {
      ...ofCliff(posterior.cliff),
      ...(fixed === undefined ? {} : { fixed: { mean: fixed[0], deviation: fixed[1] } }),
      ...(leakage === undefined ? {} : { leakage: { mean: leakage[0], deviation: leakage[1] } }),
    };
  }
  const limited = evidence.some((each) => each.point.powerLimit !== undefined);
  return limited ? LimitModel.estimates(prior.limit, reference, evidence) : {};
}

const coordinatesOf = ({ point, preset }: Measured): Coordinates | undefined => {
  const { frequency, voltage } = point;
  return frequency === undefined || voltage === undefined ? preset : { frequency, voltage };
};
