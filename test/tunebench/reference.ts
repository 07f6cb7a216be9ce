// What stock and the oracle would have used and delivered, bucket by bucket, on the same unit.

import type { Signals } from "../../config/signals.ts";
import { drawUnit } from "../sim/plant-unit.ts";
import { Random } from "../sim/random.ts";
import type { MachineClass } from "./class.ts";
import { type Bucket, TURNS } from "./meter.ts";
import { type Caps, oracleBest } from "./oracle.ts";
import { capsOf, firstAllowed } from "./oracle-caps.ts";
import type { Conditions, Scenario } from "./scenario.ts";
import type { Policies } from "./site.ts";
import { siteReference } from "./site-reference.ts";
import { steadyState } from "./steady.ts";

export interface Reference {
  readonly stock: readonly Bucket[];
  readonly oracle: readonly Bucket[];
  /** What held in each bucket, where it is judged by money. */
  readonly prices?: readonly Signals[];
}

interface Knot {
  readonly stock: { readonly power: number; readonly rate: number };
  readonly oracle: { readonly power: number; readonly rate: number };
}

/** `measured` is a run that nobody touched: where the weather changes, its lag and its stops are stock's too. */
export function referenceOf(
  kind: MachineClass,
  scenario: Scenario,
  seed: number,
  policies: Policies,
  measured?: readonly Bucket[],
): Reference {
  const demands = scenario.demands?.(kind, seed);
  if (demands !== undefined) return siteReference({ kind, scenario, seed, policies, demands });
  const unit = drawUnit(kind.spec, new Random(seed), kind.spread);
  const known = new Map<string, Knot>();
  const solve = (at: Conditions): Knot => {
    const key = [Math.round(at.inlet * 2), at.drift.toFixed(2), at.resistance, at.chipsLost].join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const stock = steadyState(kind.spec, unit, kind.spec.stock, at.inlet, at);
    const best = (caps: Caps) => oracleBest(kind, unit, at.inlet, caps, stock.rate, at);
    const oracle = firstAllowed(best, capsOf(policies), stock, policies.safety.chipMaxCelsius);
    const knot = { stock, oracle };
    known.set(key, knot);
    return knot;
  };
  const stock: Bucket[] = [];
  const oracle: Bucket[] = [];
  const step = scenario.knot ?? scenario.hours;
  const seconds = TURNS * 60;
  for (let second = 0; second < scenario.hours * 3600; second += seconds) {
    const place = (second + seconds / 2) / 3600 / step;
    const before = solve(scenario.at(Math.floor(place) * step, kind));
    const after = solve(scenario.at(Math.ceil(place) * step, kind));
    const share = place - Math.floor(place);
    stock.push(between(before.stock, after.stock, share, seconds));
    oracle.push(between(before.oracle, after.oracle, share, seconds));
  }
  return { stock: measured ?? stock, oracle };
}

function between(one: Knot["stock"], other: Knot["stock"], share: number, seconds: number): Bucket {
  return {
    energy: (one.power + (other.power - one.power) * share) * seconds,
    hashes: (one.rate + (other.rate - one.rate) * share) * seconds,
  };
}
