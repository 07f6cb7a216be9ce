// What one unit earns over hours with prices: by hand, by the product, and at best.

import type { Signals } from "../../config/signals.ts";
import { celsius } from "../../drivers/contract/units.ts";
import { drawUnit, type Unit } from "../sim/plant-unit.ts";
import { Random } from "../sim/random.ts";
import { agentMethod } from "./agent-method.ts";
import type { MachineClass } from "./class.ts";
import { policiesFor } from "./job.ts";
import { type Bucket, TURNS } from "./meter.ts";
import { capsOf, ratioFloorOf } from "./oracle-caps.ts";
import { planOf } from "./plan.ts";
import { runUnit } from "./run.ts";
import { hourOf } from "./scenario.ts";
import { type Demands, money } from "./site.ts";
import { asleepState, NEW, type SetPoint, type Steady, steadyState } from "./steady.ts";

/** Celsius, all year: this bench is about prices. */
const INLET = 25;
const HOUR = 3600;

export interface Earned {
  readonly method: string;
  /** Currency. */
  readonly money: number;
  readonly hashes: number;
  /** J at the wall. */
  readonly energy: number;
  /** Starts from sleep, and changes that stop mining. */
  readonly restarts: number;
  readonly hoursOff: number;
  /** Minutes beyond a limit. */
  readonly violations: number;
}

export interface Case {
  readonly kind: MachineClass;
  readonly unit: Unit;
  readonly seed: number;
  /** One entry an hour. */
  readonly prices: readonly Signals[];
  readonly floor: number;
}

export function caseOf(
  kind: MachineClass,
  seed: number,
  prices: readonly Signals[],
  floor: number,
): Case {
  return { kind, seed, prices, floor, unit: drawUnit(kind.spec, new Random(seed), kind.spread) };
}

const at = ({ kind, unit }: Case, point: SetPoint): Steady =>
  steadyState(kind.spec, unit, point, INLET);

/** What nobody touches again comes to rest, so that nothing needs to be integrated. */
export function constantly(name: string, each: Case, point: SetPoint): Earned {
  const { power, rate } = at(each, point);
  const used = each.prices.map(() => ({ energy: power * HOUR, hashes: rate * HOUR }));
  return { ...summed(name, each, used), restarts: 0, hoursOff: 0 };
}

/** The vendor's point `less` below the stock frequency, or below the stock power where only watts can be set. */
export function presetOf(each: Case, less: number): SetPoint {
  const { interface: face, spec } = each.kind;
  const { stock } = spec;
  if (face.kind === "presets") {
    // The next that is not below it, as everywhere on this bench.
    const preset = face.presets.find(({ frequency }) => frequency >= stock.frequency * (1 - less));
    return preset ?? stock;
  }
  const slope = spec.cliff.slope * 1000 * spec.domains;
  const pointAt = (frequency: number) => ({
    frequency,
    voltage: stock.voltage - slope * (stock.frequency - frequency),
  });
  if (face.kind === "manual") return pointAt(stock.frequency * (1 - less));
  const most = at(each, stock).power * (1 - less);
  let frequency: number = stock.frequency;
  while (at(each, pointAt(frequency)).power > most) frequency -= 1;
  return pointAt(frequency);
}

/** At stock while that earns more than its energy costs, asleep while not; a start takes its time. */
export function onOff(each: Case): Earned {
  const { kind } = each;
  const on = at(each, kind.spec.stock);
  const off = asleepState(kind.spec, INLET);
  const start = kind.deadTime + (kind.wakeTime ?? 0);
  let restarts = 0;
  let hoursOff = 0;
  let mined = true;
  const used = each.prices.map((price): Bucket => {
    const mines = money(price, { energy: on.power, hashes: on.rate }) > 0;
    const dead = mines ? (mined ? 0 : start) : HOUR;
    if (mines && !mined) restarts += 1;
    if (!mines) hoursOff += 1;
    mined = mines;
    const alive = HOUR - dead;
    return { energy: on.power * alive + off.power * dead, hashes: on.rate * alive };
  });
  return { ...summed("on/off", each, used), restarts, hoursOff };
}

/** Knows the unit and all prices, and pays the same time for each change and start. */
export function oracle(each: Case): Earned {
  const { kind, unit, prices } = each;
  const stock = at(each, kind.spec.stock);
  const caps = capsOf(policiesFor(each.floor));
  const ratioFloor = ratioFloorOf(stock);
  const chip = Math.max(caps.chip, stock.chip + 0.1);
  const stretches = prices.map((price) => ({
    seconds: HOUR,
    inlet: INLET,
    aged: NEW,
    allowed: (state: Steady) =>
      state.ratio >= ratioFloor && state.chip <= chip && state.board <= caps.board,
    worth: (state: Pick<Steady, "power" | "rate">) =>
      money(price, { energy: state.power, hashes: state.rate }),
  }));
  const { used, restarts } = planOf(kind, unit, stretches, { ratioFloor });
  const hoursOff = used.filter(({ hashes }) => hashes === 0).length;
  return { ...summed("oracle", each, used), restarts, hoursOff };
}

/** The product itself, minute by minute from an untouched machine. */
export async function product(each: Case): Promise<Earned> {
  const { kind, seed, prices, floor } = each;
  const demands: Demands = {
    goal: "profit",
    objective: "profit",
    signals: (now) => prices[Math.floor(hourOf(now))] ?? {},
    graceMinutes: { power: 0, noise: 0 },
  };
  const policies = policiesFor(floor, demands);
  const course = { hours: prices.length, inlet: () => celsius(INLET), policies };
  const run = await runUnit(kind, seed, course, agentMethod);
  const perHour = HOUR / (TURNS * 60);
  const used = prices.map((_, hour) => {
    const part = run.buckets.slice(hour * perHour, (hour + 1) * perHour);
    return {
      energy: part.reduce((sum, { energy }) => sum + energy, 0),
      hashes: part.reduce((sum, { hashes }) => sum + hashes, 0),
    };
  });
  const violations = Object.values(run.violations).reduce((sum, minutes) => sum + minutes, 0);
  return {
    ...summed(agentMethod.name, each, used),
    restarts: run.restarts,
    hoursOff: run.asleepMinutes / 60,
    violations,
  };
}

function summed(
  method: string,
  { prices }: Case,
  used: readonly Bucket[],
): Pick<Earned, "method" | "money" | "hashes" | "energy" | "violations"> {
  return {
    method,
    money: used.reduce((sum, bucket, hour) => sum + money(prices[hour] ?? {}, bucket), 0),
    hashes: used.reduce((sum, { hashes }) => sum + hashes, 0),
    energy: used.reduce((sum, { energy }) => sum + energy, 0),
    violations: 0,
  };
}
