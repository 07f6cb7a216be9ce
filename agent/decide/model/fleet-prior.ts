// What machines of one model have taught, as the prior of the next one.
//
// Between the general prior and the fleet decides how many machines were seen: the general prior counts
// as GENERAL machines with its own deviation (the normal with unknown mean and variance, conjugate prior).
// So one machine says little, five hundred say nearly everything, and a fleet that contradicts the general
// prior is believed to differ more among itself until it is large.

import type { CliffPrior } from "./edge-cells.ts";
import { SPREADS } from "./edge-cells.ts";
import type { Estimate } from "./forecast.ts";
import type { LimitPrior } from "./limit.ts";
import { BOUNDS, leastDeviation, type Parameter, parametersOf } from "./parameters.ts";
import { generalPrior, isSmall, type Kin, type Prior, type PriorSource } from "./prior.ts";
import type { FleetFile } from "./prior-file.ts";
import { type Group, joined } from "./prior-group.ts";

const GENERAL = 2;
/** Weight that the general prior keeps, whatever a file says: files are copied, edited and mistaken. */
const DOUBT = 0.05;

/** A model that the file does not have is believed to be as machines are in general. */
export function fleetPrior(file: FleetFile, general: PriorSource = generalPrior): PriorSource {
  // One prior for each kind of machine, so that what is laid out from it is laid out once.
  const made = new Map<string, Prior>();
  return (kin) => {
    const key = JSON.stringify([kin.model, kin.firmware, isSmall(kin)]);
    const known = made.get(key) ?? makePrior(groupsFor(file, kin), general(kin), kin);
    made.set(key, known);
    return known;
  };
}

type Groups = { readonly [Name in Parameter]?: Group };

/** The edge is the chips', whatever firmware they run; how watts and limits are told is the firmware's. */
const OF_THE_CHIPS: readonly Parameter[] = ["critical", "slope", "spread", "inversion"];

function groupsFor(file: FleetFile, { model, firmware }: Kin): Groups {
  const kin = file.models.filter((each) => model !== undefined && each.model === model);
  const own = kin.find((each) => each.firmware === firmware)?.parameters ?? {};
  const shared = OF_THE_CHIPS.flatMap((name) => {
    const groups = kin.flatMap((each) => each.parameters[name] ?? []);
    return groups.length === 0 ? [] : [[name, joined(groups)]];
  });
  return { ...own, ...Object.fromEntries(shared) };
}

function makePrior(groups: Groups, general: Prior, kin: Kin): Prior {
  if (Object.keys(groups).length === 0) return general;
  const before = parametersOf(general);
  const pooled = (name: Parameter): readonly [number, number] => {
    const { mean, deviation } = pool(before[name], groups[name], name, kin);
    return [mean, deviation];
  };
  const [fixed, leakage] = [pooled("fixed"), pooled("leakage")];
  const cliff: CliffPrior = {
    ...general.cliff,
    critical: pooled("critical"),
    slope: pooled("slope"),
    spread: spreadWeights(general.cliff.spread, groups.spread, kin),
    inversion: pooled("inversion"),
    doubt: { share: DOUBT, prior: general.cliff },
  };
  const limit: LimitPrior = {
    onset: pooled("onset"),
    elasticity: pooled("elasticity"),
    doubt: { share: DOUBT, prior: general.limit },
  };
  const switching = Math.max(0.02, 1 - fixed[0] - leakage[0]);
  const rest = Math.hypot(fixed[1], leakage[1]);
  const shares = [fixed, [switching, rest], leakage] as const;
  return { cliff, limit, watts: { ...general.watts, shares } };
}

/** What is believed of the next machine after those of the group. */
export function pool(
  general: Estimate,
  group: Group | undefined,
  name: Parameter,
  kin: Kin,
): Estimate {
  if (group === undefined) return general;
  const { units } = group;
  const total = GENERAL + units;
  const mean = (GENERAL * general.mean + units * group.mean) / total;
  const between = (GENERAL * units * (group.mean - general.mean) ** 2) / total;
  const variance =
    (GENERAL * general.deviation ** 2 + units * group.deviation ** 2 + between) / total;
  const { min, max } = BOUNDS[name];
  return {
    mean: Math.min(max, Math.max(min, mean)),
    deviation: Math.max(leastDeviation(name, kin), Math.sqrt(variance)),
  };
}

function spreadWeights(
  general: readonly number[],
  group: Group | undefined,
  kin: Kin,
): readonly number[] {
  if (group === undefined) return general;
  const deviation = Math.max(leastDeviation("spread", kin), group.deviation);
  const bells = SPREADS.map((spread) => Math.exp(-0.5 * ((spread - group.mean) / deviation) ** 2));
  const sum = bells.reduce((total, bell) => total + bell, 0);
  const share = group.units / (GENERAL + group.units);
  return SPREADS.map(
    (_, index) => (1 - share) * (general[index] ?? 0) + (share * (bells[index] ?? 0)) / sum,
  );
}
