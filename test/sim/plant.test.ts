import { describe, expect, it } from "vitest";
import { epochMs, megahertz, millivolts, percent } from "../../drivers/contract/units.ts";
import { PLANTS, Plant } from "./plant.ts";
import { board, minutes, nominal } from "./plant-fixture.ts";

describe("automatic fans", () => {
  it("come back from a pause as fast as they left, so that the chips do not overshoot", () => {
    const plant = nominal(PLANTS.m50s);
    plant.advance(minutes(30));
    const target = board(plant).chipTemperature;
    const duty = plant.truth.fans[0]?.duty ?? 0;
    plant.setHashing(false);
    plant.advance(minutes(45));
    plant.setHashing(true);
    let hottest = 0;
    for (let minute = 45.25; minute < 75; minute += 0.25) {
      plant.advance(minutes(minute));
      hottest = Math.max(hottest, board(plant).chipTemperature);
    }
    // K; 2.0 where the fans forget in the cold what they were at.
    expect(hottest).toBeLessThan(target + 1.5);
    expect(plant.truth.fans[0]?.duty).toBeCloseTo(duty, 0);
  });
});

describe("wear", () => {
  it("dust and a dead fan warm the chips, an ageing supply draws more", () => {
    const settled = (change: (plant: Plant) => void) => {
      const plant = nominal(PLANTS.s19kPro);
      plant.setFanDuty(percent(80));
      change(plant);
      plant.advance(minutes(60));
      return { chip: board(plant).meanChipTemperature, wall: plant.truth.wallPower, plant };
    };
    const clean = settled(() => undefined);
    const dusty = settled((plant) => {
      plant.wear.resistance = 1.15;
    });
    const stuck = settled((plant) => {
      plant.wear.fans[2] = 0;
    });
    const supply = settled((plant) => {
      plant.wear.supply = 0.97;
    });
    expect(dusty.chip).toBeGreaterThan(clean.chip + 4);
    expect(stuck.chip).toBeGreaterThan(clean.chip + 4);
    expect(stuck.plant.truth.fans[2]?.rpm).toBeLessThan(1);
    expect(supply.wall / clean.wall).toBeCloseTo(1 / 0.97, 3);
  });

  it("dead chips and drift take hashrate from one board alone", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.setChips(1, 70);
    plant.setDrift(millivolts(60), 2);
    expect(board(plant, 0).hashRatio).toBeCloseTo(1, 3);
    expect(board(plant, 1).hashRatio).toBeCloseTo(70 / 77, 3);
    expect(board(plant, 1).chips).toBe(70);
    expect(board(plant, 2).hashRatio).toBeCloseTo(1 - 5.7 * 0.0325, 2);
    expect(plant.chipRatios(1).filter((ratio) => ratio === 0)).toHaveLength(7);
  });
});

describe("counting", () => {
  it("counts the true hashrate with the noise of nonces at difficulty 256", () => {
    const plant = nominal(PLANTS.s19kPro);
    const expected = board(plant).hashrate * 60;
    const errors: number[] = [];
    let before = 0;
    for (let minute = 1; minute <= 400; minute += 1) {
      plant.advance(minutes(minute));
      errors.push((plant.counted(0) - before) / expected - 1);
      before = plant.counted(0);
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    const theory = 1 / Math.sqrt(expected / (256 * 2 ** 32));
    expect(theory).toBeCloseTo(0.0212, 3);
    expect(Math.abs(mean)).toBeLessThan((4 * theory) / Math.sqrt(400));
    expect(deviation / theory).toBeGreaterThan(0.88);
    expect(deviation / theory).toBeLessThan(1.12);
  });

  it("counts whole nonces and their errors", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.advance(minutes(120));
    expect((plant.counted(0) / (256 * 2 ** 32)) % 1).toBe(0);
    const share = plant.errors(0) / (plant.counted(0) / (256 * 2 ** 32));
    expect(share).toBeGreaterThan(0.0007);
    expect(share).toBeLessThan(0.0013);
  });
});

describe("use", () => {
  it("sets one board or all of them", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.setFrequency(megahertz(500), 1);
    plant.setVoltage(millivolts(13_000));
    expect(plant.truth.boards.map((it) => it.frequency)).toEqual([590, 500, 590]);
    for (const it of plant.truth.boards) expect(it.voltage).toBeCloseTo(13_000, 6);
  });

  it.each([
    ["frequency: 0 is not a positive number", (plant: Plant) => plant.setFrequency(megahertz(0))],
    ["voltage: NaN is not a", (plant: Plant) => plant.setVoltage(millivolts(Number.NaN))],
    ["fan duty: 101 is not within 0 to 100 %", (plant: Plant) => plant.setFanDuty(percent(101))],
    ["board: 3 is not within 0 to 2", (plant: Plant) => plant.setFrequency(megahertz(500), 3)],
    ["board: -1 is not within 0 to 2", (plant: Plant) => plant.counted(-1)],
  ])("refuses %s", (message, act) => {
    expect(() => act(nominal(PLANTS.s19kPro))).toThrow(message);
  });

  it("costs less than 5 % of a core for three machines at 120 times real time", () => {
    const plants = [1, 2, 3].map((seed) => new Plant(PLANTS.s19kPro, { seed, now: epochMs(0) }));
    const before = process.cpuUsage();
    for (let second = 12; second <= 7200; second += 12) {
      for (const plant of plants) {
        plant.advance(epochMs(second * 1000));
        expect(plant.truth.hashing).toBe(true);
      }
    }
    const { user, system } = process.cpuUsage(before);
    const realSeconds = 7200 / 120;
    expect((user + system) / 1e6 / realSeconds).toBeLessThan(0.05);
  });

  it("does nothing when its time does not advance", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.advance(minutes(10));
    const before = [plant.truth, plant.counted(0)];
    plant.advance(minutes(10));
    plant.advance(minutes(5));
    expect([plant.truth, plant.counted(0)]).toEqual(before);
  });
});
