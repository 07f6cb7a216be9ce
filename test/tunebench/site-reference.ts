// Stock and the oracle where site or market ask for something: the same caps at the same minutes.

import type { Signals } from "../../config/signals.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { drawUnit } from "../sim/plant-unit.ts";
import { Random } from "../sim/random.ts";
import type { MachineClass } from "./class.ts";
import { drawMeter } from "./gauges.ts";
import { type Bucket, TURNS } from "./meter.ts";
import { oracleBest } from "./oracle.ts";
import { capsOf, firstAllowed, ratioFloorOf } from "./oracle-caps.ts";
import { planOf, type Stretch } from "./plan.ts";
import type { Reference } from "./reference.ts";
import { BEGIN } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { type Demands, decibelsAt, type Limits, limitsAt, money, type Policies } from "./site.ts";
import { type SetPoint, type Steady, steadyState } from "./steady.ts";

export interface SiteCase {
  readonly kind: MachineClass;
  readonly scenario: Pick<Scenario, "hours" | "at">;
  readonly seed: number;
  readonly policies: Policies;
  readonly demands: Demands;
}

/** Seconds; the shortest call lasts as long. */
const STEP = 900;

export function siteReference(site: SiteCase): Reference {
  const { kind, scenario, seed, policies, demands } = site;
  const unit = drawUnit(kind.spec, new Random(seed), kind.spread);
  const stretchCount = (scenario.hours * 3600) / STEP;
  const hours = Array.from({ length: stretchCount }, (_, index) => ((index + 0.5) * STEP) / 3600);
  const stockAt = (hour: number) => {
    const { inlet, ...aged } = scenario.at(hour, kind);
    return steadyState(kind.spec, unit, kind.spec.stock, inlet, aged);
  };
  const stock = stockAt(0);
  const { inlet } = scenario.at(0, kind);
  const best = (caps: Parameters<typeof firstAllowed>[1]) =>
    oracleBest(kind, unit, inlet, caps, stock.rate);
  const efficient = firstAllowed(best, capsOf(policies), stock, policies.safety.chipMaxCelsius);
  const rule = ruleOf(site, stock, efficient.point);
  const plan = planOf(kind, unit, hours.map(stretchOf(site, rule)), {
    ratioFloor: ratioFloorOf(stock),
    extra: [efficient.point],
  });
  return {
    stock: bucketsOf(
      hours.map(stockAt).map(({ power, rate }) => ({ energy: power * STEP, hashes: rate * STEP })),
    ),
    oracle: bucketsOf(plan.used),
    ...(demands.goal === "profit" ? { prices: pricesOf(site) } : {}),
  };
}

type Rule = (limits: Limits) => Stretch["allowed"];

function ruleOf({ kind, seed, policies, demands }: SiteCase, stock: Steady, best: SetPoint): Rule {
  const scale = drawMeter(kind, seed).scale;
  const told = (state: Steady) => scale * (kind.basis === "psu" ? state.power : state.output);
  const caps = capsOf(policies);
  const ratioFloor = ratioFloorOf(stock);
  // As warm as stock is warm enough: fans hold a temperature, whatever the power.
  const chip = Math.max(caps.chip, stock.chip + 0.1);
  return (limits) => {
    const free = limits.power === undefined && limits.decibels === undefined;
    return (state, point) => {
      if (free && demands.objective === "efficiency") return same(point, best);
      return (
        state.ratio >= ratioFloor &&
        state.chip <= chip &&
        state.board <= caps.board &&
        told(state) <= (limits.power ?? Number.POSITIVE_INFINITY) &&
        decibelsAt(policies.tuning.fullSpeedDecibels, state.flow) <=
          (limits.decibels ?? Number.POSITIVE_INFINITY)
      );
    };
  };
}

const same = (one: SetPoint, other: SetPoint): boolean =>
  one.frequency === other.frequency && one.voltage === other.voltage;

const momentOf = (hour: number) => epochMs(BEGIN + hour * 3_600_000);

function stretchOf(
  { kind, scenario, seed, policies, demands }: SiteCase,
  rule: Rule,
): (hour: number) => Stretch {
  const unit = drawUnit(kind.spec, new Random(seed), kind.spread);
  const { inlet: first } = scenario.at(0, kind);
  const found = steadyState(kind.spec, unit, kind.spec.stock, first);
  const watts = drawMeter(kind, seed).scale * (kind.basis === "psu" ? found.power : found.output);
  return (hour) => {
    const { inlet, ...aged } = scenario.at(hour, kind);
    const now = momentOf(hour);
    const signals = policies.signals?.(now) ?? {};
    return {
      seconds: STEP,
      inlet,
      aged,
      allowed: rule(limitsAt(policies, now, watts)),
      worth: demands.goal === "profit" ? worthIn(signals) : ({ rate }) => rate,
    };
  };
}

const worthIn =
  (signals: Signals): Stretch["worth"] =>
  ({ power, rate }) =>
    money(signals, { energy: power, hashes: rate });

function bucketsOf(used: readonly Bucket[]): Bucket[] {
  const each = (TURNS * 60) / STEP;
  return Array.from({ length: Math.ceil(used.length / each) }, (_, index) => {
    const part = used.slice(index * each, (index + 1) * each);
    return {
      energy: part.reduce((sum, { energy }) => sum + energy, 0),
      hashes: part.reduce((sum, { hashes }) => sum + hashes, 0),
    };
  });
}

/** Prices change at the half hour. */
function pricesOf({ scenario, policies }: SiteCase): Signals[] {
  const count = (scenario.hours * 60) / TURNS;
  return Array.from(
    { length: count },
    (_, index) => policies.signals?.(momentOf(((index + 0.5) * TURNS) / 60)) ?? {},
  );
}
