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
  /** Where chips may run apart: the best that all of them at one frequency reach. */
  readonly equal?: readonly Bucket[];
  /** What held in each bucket, where it is judged by money. */
  readonly prices?: readonly Signals[];
}

interface Knot {
  readonly equal?: { readonly power: number; readonly rate: number };
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
    const bestOf = (each: MachineClass) =>
      firstAllowed(
        (caps: Caps) => oracleBest(each, unit, at.inlet, caps, stock.rate, at),
        capsOf(policies),
        stock,
        policies.safety.chipMaxCelsius,
      );
    const level = levelled(kind);
    const knot = {
      stock,
      oracle: bestOf(kind),
      ...(level === undefined ? {} : { equal: bestOf(level) }),
    };
    known.set(key, knot);
    return knot;
  };
  const stock: Bucket[] = [];
  const oracle: Bucket[] = [];
  const equal: Bucket[] = [];
  const step = scenario.knot ?? scenario.hours;
  const seconds = TURNS * 60;
  for (let second = 0; second < scenario.hours * 3600; second += seconds) {
    const place = (second + seconds / 2) / 3600 / step;
    const before = solve(scenario.at(Math.floor(place) * step, kind));
    const after = solve(scenario.at(Math.ceil(place) * step, kind));
    const share = place - Math.floor(place);
    stock.push(between(before.stock, after.stock, share, seconds));
    oracle.push(between(before.oracle, after.oracle, share, seconds));
    if (before.equal === undefined || after.equal === undefined) continue;
    equal.push(between(before.equal, after.equal, share, seconds));
  }
  return { stock: measured ?? stock, oracle, ...(equal.length === 0 ? {} : { equal }) };
}

/** The same machine without the knobs that move parts apart; undefined where it has none. */
function levelled(kind: MachineClass): MachineClass | undefined {
  const { interface: face } = kind;
  if (face.kind !== "per-chip") return undefined;
  const { voltageStep, frequencyStep } = face;
  return { ...kind, interface: { kind: "manual", voltageStep, frequencyStep } };
}

function between(one: Knot["stock"], other: Knot["stock"], share: number, seconds: number): Bucket {
  return {
    energy: (one.power + (other.power - one.power) * share) * seconds,
    hashes: (one.rate + (other.rate - one.rate) * share) * seconds,
  };
}
