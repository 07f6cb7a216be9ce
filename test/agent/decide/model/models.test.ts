import { describe, expect, test } from "vitest";
import { withEvidence } from "../../../../agent/decide/evidence.ts";
import { bestGoal, shortfall } from "../../../../agent/decide/goal.ts";
import { LimitModel } from "../../../../agent/decide/model/limit.ts";
import { PhysicsModel } from "../../../../agent/decide/model/physics.ts";
import { generalPrior } from "../../../../agent/decide/model/prior.ts";
import { EDGE, ignoresVoltage } from "../../../../agent/decide/model/reading.ts";
import { objectiveOf } from "../../../../agent/decide/objective.ts";
import type { Point } from "../../../../agent/state/action.ts";
import { afterFailedTrial } from "../../../../agent/state/failed-trial.ts";
import type { Measured, TuningState } from "../../../../agent/state/tuning.ts";
import { safetyPolicy, tuningPolicy } from "../../../../config/policy.ts";
import {
  epochMs,
  hashesPerSecond,
  type JoulesPerHash,
  megahertz,
  milliseconds,
  millivolts,
  watts,
} from "../../../../drivers/contract/units.ts";

const EFFECT = { settles: milliseconds(60_000), restarts: false, persists: false };
const KNOBS = {
  frequency: { min: 240, max: 700, step: 5, effect: EFFECT },
  voltage: { min: 10_000, max: 15_000, step: 20, effect: EFFECT },
};
const STOCK: Point = { frequency: megahertz(590), voltage: millivolts(13_500) };

function measuredAt(point: Point, power: number, rate: number, ratio = 1, at = 0): Measured {
  return {
    point,
    from: epochMs(at),
    to: epochMs(at + 600_000),
    samples: 60,
    power: watts(power),
    basis: "psu",
    rate: hashesPerSecond(rate),
    efficiency: (power / rate) as JoulesPerHash,
    uncertainty: 0.002,
    ratio,
    chipTemperature: 70,
  };
}

const STOCK_SEEN = measuredAt(STOCK, 3000, 1e14);
const modelOf = (evidence: readonly Measured[]) =>
  PhysicsModel.from(generalPrior({ watts: 3000 }), STOCK_SEEN, evidence, KNOBS)!;
const POLICIES = { tuning: tuningPolicy.parse({}), safety: safetyPolicy.parse({}) };
const AIM = { objective: objectiveOf(POLICIES, {}, STOCK_SEEN), risk: 0.02 };
const LIMIT = generalPrior({ watts: 3000 }).limit;

describe("frequency and voltage", () => {
  test("at the floor and over the edge is nearer to what is asked than safe and far below the floor", () => {
    const at = (rate: number, below: number) =>
      shortfall(
        { power: { mean: 1, deviation: 0 }, rate: { mean: rate, deviation: 0 }, below },
        AIM,
      );
    expect(at(0.9, 0.99)).toBeLessThan(at(0.85, 0.01));
    // What windows and weather do to a hashrate is no reason to stay over the edge.
    expect(at(0.9, 0.5)).toBeGreaterThan(at(0.89, 0.01));
    expect(at(0.9, 0.01)).toBe(0);
  });

  test("the goal keeps the floor and the risk, and lies no higher than stock", () => {
    const model = modelOf([STOCK_SEEN]);
    const goal = bestGoal(model, STOCK, 0, AIM)!;
    expect(shortfall(goal.forecast, AIM)).toBe(0);
    expect(goal.point.frequency).toBeLessThanOrEqual(590);
    expect(goal.point.voltage).toBeLessThan(13_500);
    expect(AIM.objective.cost(goal.forecast)).toBeLessThan(1);
  });

  test("a step is one change, small in voltage, and as safe as asked", () => {
    const model = modelOf([STOCK_SEEN]);
    const goal: Point = { frequency: megahertz(540), voltage: millivolts(12_500) };
    const step = model.step(STOCK, goal, 0, 0.02)!;
    const moved = (["frequency", "voltage"] as const).filter((knob) => step[knob] !== STOCK[knob]);
    expect(moved).toHaveLength(1);
    expect(13_500 - (step.voltage ?? 0)).toBeLessThanOrEqual(100);
    expect(model.forecast(step, 0)!.below).toBeLessThanOrEqual(0.02);
  });

  test("over the edge it lowers no voltage, although it must end lower", () => {
    const found = measuredAt(STOCK, 3000, 0.9e14, 0.9);
    const model = PhysicsModel.from(generalPrior({ watts: 3000 }), found, [found], KNOBS)!;
    const goal: Point = { frequency: megahertz(500), voltage: millivolts(13_300) };
    expect(model.step(STOCK, goal, 0, 1)).toEqual({ ...STOCK, frequency: megahertz(500) });
  });

  test("over the edge it goes down in frequency before anything else", () => {
    const low: Point = { ...STOCK, voltage: millivolts(12_800) };
    const model = modelOf([STOCK_SEEN, measuredAt(low, 2650, 0.9e14, 0.9)]);
    const step = model.step(low, { ...STOCK, frequency: megahertz(550) }, 0, 1)!;
    expect(step).toMatchObject({ frequency: 550, voltage: 12_800 });
  });

  test("a crash counts as a point over the edge, and costs no lever", () => {
    const to: Point = { ...STOCK, voltage: millivolts(13_300) };
    const tuning: TuningState = {
      phase: "trial",
      since: epochMs(0),
      trial: { lever: "voltage", from: STOCK, to, since: epochMs(0) },
      baseline: STOCK_SEEN,
      evidence: [STOCK_SEEN],
      exhausted: {},
      stepScale: {},
      evaluations: 0,
    };
    const after = afterFailedTrial(tuning, epochMs(1000), "it restarted");
    expect(after).toMatchObject({ phase: "reverting", exhausted: {}, evaluations: 1 });
    const before = modelOf([STOCK_SEEN]).forecast(to, 0)!.below;
    expect(modelOf(after.evidence ?? []).forecast(to, 0)!.below).toBeGreaterThan(before + 0.2);
  });

  test("watts that do not follow the voltage are called what they are, and teach nothing", () => {
    const lower: Point = { ...STOCK, voltage: millivolts(13_000) };
    const where = (measured: Measured, v: number) => ({ measured, v, x: 1, warmer: 0 });
    const flat = measuredAt(lower, 3000, 1e14);
    const honest = measuredAt(lower, 2790, 1e14);
    expect(ignoresVoltage([where(STOCK_SEEN, 1), where(flat, 0.963)])).toBe(true);
    expect(ignoresVoltage([where(STOCK_SEEN, 1), where(honest, 0.963)])).toBe(false);
    expect(modelOf([STOCK_SEEN, flat]).forecast(lower, 0)!.power.mean).toBeLessThan(0.95);
  });
});

describe("a power limit", () => {
  const knob = { min: 1200, max: 3300, step: 1, effect: EFFECT };
  const free: Point = { powerLimit: watts(3300) };
  const reference = measuredAt(free, 3000, 1e14);

  test("before anything was tried it stays above the floor by its doubt", () => {
    const goal = bestGoal(LimitModel.from(LIMIT, reference, [reference], knob), free, 0, AIM)!;
    expect(goal.forecast.rate.mean - goal.forecast.rate.deviation).toBeGreaterThanOrEqual(0.9);
    expect(goal.point.powerLimit).toBeLessThan(3000);
  });

  test("without a floor the most hashes under the cap are at the cap, and without a cap at the top", () => {
    const policies = {
      tuning: tuningPolicy.parse({ objective: "hashrate" }),
      safety: safetyPolicy.parse({}),
    };
    const objective = objectiveOf(policies, {}, reference);
    const model = LimitModel.from(LIMIT, reference, [reference], knob);
    const low: Point = { powerLimit: watts(1400) };
    const top = bestGoal(model, low, 0, { objective, risk: 0.02 })!;
    expect(top.forecast.rate.mean).toBeGreaterThan(0.97);
    const capped = bestGoal(model, low, 0, { objective, risk: 0.02, powerCap: 0.8 })!;
    expect(capped.point.powerLimit).toBeGreaterThan(0.7 * reference.power);
    expect(capped.forecast.power.mean).toBeLessThanOrEqual(0.8);
  });

  test("is learnt from the hashrate alone: told watts do not move it", () => {
    const tried: Point = { powerLimit: watts(2600) };
    const seen = (power: number) =>
      LimitModel.from(LIMIT, reference, [reference, measuredAt(tried, power, 0.93e14)], knob);
    const honest = seen(2600).forecast(tried)!;
    expect(honest.rate.mean).toBeCloseTo(0.93, 2);
    expect(seen(3000).forecast(tried)).toEqual(honest);
  });
});

describe("the evidence", () => {
  test("one entry for a point and warmth; the first stays first; the oldest other gives way", () => {
    let all: readonly Measured[] = [];
    for (let step = 0; step < 60; step += 1) {
      const point: Point = { ...STOCK, voltage: millivolts(13_500 - 10 * step) };
      all = withEvidence(all, measuredAt(point, 3000 - step, 1e14));
    }
    expect(all).toHaveLength(40);
    expect(all[0]?.point.voltage).toBe(13_500);
    expect(all[1]?.point.voltage).toBeLessThan(13_490);
    const again = withEvidence(all, measuredAt(STOCK, 3010, 1e14));
    expect(again).toHaveLength(40);
    expect(again[0]?.power).toBeCloseTo(3005, 6);
    expect(again[0]?.uncertainty).toBeCloseTo(0.002 / Math.SQRT2, 6);
  });

  test("the edge is where the bench counts an excursion", () => {
    expect(EDGE).toBe(0.97);
  });
});
