import { describe, expect, test } from "vitest";
import { energyShareOf, isOther, objectiveOf } from "../../../agent/decide/objective.ts";
import { isProven, proofsOf } from "../../../agent/decide/proven.ts";
import type { Measured, TuningState } from "../../../agent/state/tuning.ts";
import {
  celsius,
  epochMs,
  hashesPerSecond,
  megahertz,
  millivolts,
  watts,
} from "../../../drivers/contract/units.ts";
import { policies } from "../example.ts";

const forecast = (power: number, rate: number) => ({
  power: { mean: power, deviation: 0 },
  rate: { mean: rate, deviation: 0 },
  below: 0,
});

const REFERENCE = {
  power: watts(3000),
  rate: hashesPerSecond(100e12),
} as Measured;

describe("the objective", () => {
  test("money: energy over revenue, as a calculator has it", () => {
    // 100 TH/s at 0.05 are 5 a day; 72 kWh at 0.05 are 3.60.
    const share = energyShareOf({ hashpricePerThDay: 0.05, tariffPerKwh: 0.05 }, REFERENCE);
    expect(share).toBeCloseTo(0.72, 10);
    const objective = objectiveOf(
      policies({ objective: "profit" }),
      { hashpricePerThDay: 0.05, tariffPerKwh: 0.05 },
      REFERENCE,
    );
    // Down to 80 % of the hashes with 70 % of the energy: -1.00 + 1.08 a day, of 5.
    expect(objective.gain(forecast(1, 1), forecast(0.7, 0.8))).toBeCloseTo(0.08 / 5, 10);
  });

  test("a missing price is not a price of nothing", () => {
    expect(energyShareOf({ tariffPerKwh: 0.05 }, REFERENCE)).toBeUndefined();
    expect(energyShareOf({ hashpricePerThDay: 0.05 }, REFERENCE)).toBeUndefined();
    const objective = objectiveOf(policies({ objective: "profit" }), {}, REFERENCE);
    expect(objective.name).toBe("efficiency");
  });

  test("hashes that earn nothing, and energy that pays", () => {
    const worthless = { hashpricePerThDay: 0, tariffPerKwh: 0.05 };
    const share = energyShareOf(worthless, REFERENCE);
    expect(share).toBeGreaterThan(1e5);
    const paid = objectiveOf(
      policies({ objective: "profit" }),
      { hashpricePerThDay: 0.05, tariffPerKwh: -0.02 },
      REFERENCE,
    );
    expect(paid.gain(forecast(0.9, 1), forecast(1, 1))).toBeGreaterThan(0);
  });

  test("efficiency: below the floor a missing hash weighs more than it saves", () => {
    const objective = objectiveOf(policies({ hashrateFloor: 0.9 }), {}, REFERENCE);
    expect(objective.gain(forecast(1, 1), forecast(0.85, 0.92))).toBeGreaterThan(0);
    expect(objective.gain(forecast(0.85, 0.9), forecast(0.7, 0.8))).toBeLessThan(0);
  });

  test("small moves of a price are no other demand, a cap that goes is", () => {
    const demand = { objective: "profit", energyShare: 0.72 };
    expect(isOther(demand, { ...demand, energyShare: 0.725 })).toBe(false);
    expect(isOther(demand, { ...demand, energyShare: 0.75 })).toBe(true);
    expect(isOther({ ...demand, powerCap: 0.5 }, demand)).toBe(true);
    expect(isOther(demand, { objective: "efficiency" })).toBe(true);
  });
});

describe("proven ground", () => {
  const STOCK = { frequency: megahertz(590), voltage: millivolts(13_500) };
  const seen = (frequency: number, voltage: number, change: Partial<Measured> = {}): Measured => ({
    ...REFERENCE,
    point: { frequency: megahertz(frequency), voltage: millivolts(voltage) },
    from: epochMs(0),
    to: epochMs(1),
    samples: 60,
    basis: "psu",
    uncertainty: 0.002,
    ratio: 0.99,
    chipTemperature: 70,
    ...change,
  });
  const known = (...evidence: Measured[]) =>
    ({ stock: STOCK, evidence: [seen(590, 13_500), ...evidence] }) as unknown as TuningState;
  const proven = (tuning: TuningState, frequency: number, voltage: number, chip = celsius(70)) =>
    isProven(
      { frequency: megahertz(frequency), voltage: millivolts(voltage) },
      proofsOf(tuning, chip),
      STOCK,
    );

  test("less frequency at the same voltage is, more of anything is not", () => {
    expect(proven(known(), 400, 13_500)).toBe(true);
    expect(proven(known(), 590, 13_400)).toBe(false);
    expect(proven(known(), 600, 13_500)).toBe(false);
    expect(proven(known(), 590, 13_600)).toBe(false);
  });

  test("the edge falls with the frequency, by less than the flattest machine shows", () => {
    // A tenth less frequency: 1 % less voltage, 135 mV.
    expect(proven(known(), 531, 13_370)).toBe(true);
    expect(proven(known(), 531, 13_350)).toBe(false);
  });

  test("what was borne carries, what fell over does not", () => {
    expect(proven(known(seen(590, 13_100)), 590, 13_100)).toBe(true);
    expect(proven(known(seen(590, 13_100, { ratio: 0.9 })), 590, 13_100)).toBe(false);
    const fallen = seen(590, 13_200, { crashed: true });
    expect(proven(known(seen(590, 13_100), fallen), 590, 13_100)).toBe(false);
  });

  test("in the cold more voltage is asked for", () => {
    const tuning = known(seen(590, 13_100));
    expect(proven(tuning, 590, 13_100, celsius(40))).toBe(false);
    expect(proven(tuning, 590, 13_460, celsius(40))).toBe(true);
  });
});
