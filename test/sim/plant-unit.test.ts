import { describe, expect, it } from "vitest";
import { epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { PLANTS, Plant, type PlantSpec } from "./plant.ts";
import { board, nominal } from "./plant-fixture.ts";

describe("units", () => {
  const units = (spec: PlantSpec, length = 200) =>
    Array.from({ length }, (_, seed) => new Plant(spec, { seed, now: epochMs(0) }));
  const spread = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(square / values.length) };
  };

  it("are the same for the same seed and the same calls, and differ for another seed", () => {
    const run = (seed: number) => {
      const plant = new Plant(PLANTS.m50s, { seed, now: epochMs(0) });
      for (const second of [1, 3.5, 60, 61, 5000]) plant.advance(epochMs(second * 1000));
      return [plant.truth, plant.counted(0), plant.counted(2), plant.errors(1)];
    };
    expect(run(42)).toEqual(run(42));
    expect(run(43)).not.toEqual(run(42));
  });

  it("differ in power at equal voltage, frequency and temperature by 7 %", () => {
    const { mean, deviation } = spread(
      units(PLANTS.s19kPro).map((plant) => Number(board(plant).power)),
    );
    const nominalPower: number = board(nominal(PLANTS.s19kPro)).power;
    expect(mean / nominalPower).toBeCloseTo(1, 1);
    expect(deviation / mean).toBeGreaterThan(0.055);
    expect(deviation / mean).toBeLessThan(0.085);
  });

  it("differ in Vc between boards by 20 mV, a few of them by 70 mV more", () => {
    // Mean Vc above nominal, from the ratio far below the cliff where it falls in a straight line.
    const offsets = units(PLANTS.bitaxeGt, 1000).map((plant) => {
      plant.setFrequency(megahertz(525));
      plant.setVoltage(millivolts(1040));
      const loss = (ratio: number) => (1 - ratio) / 5.62884;
      const reference = nominal(PLANTS.bitaxeGt);
      reference.setVoltage(millivolts(1040));
      return loss(board(plant).hashRatio) - loss(board(reference).hashRatio);
    });
    const usual = offsets.filter((offset) => Math.abs(offset) < 0.06);
    // 20 mV of the board and, of its mean of two chips, 15 / sqrt 2; the slope's part comes on top.
    expect(spread(usual).deviation).toBeGreaterThan(0.019);
    expect(spread(usual).deviation).toBeLessThan(0.03);
    // The usual spread alone would put one in a thousand there.
    const outliers = offsets.filter((offset) => offset > 0.08).length;
    expect(outliers).toBeGreaterThanOrEqual(5);
    expect(outliers).toBeLessThanOrEqual(25);
  });

  it("mostly hash well at stock, as a factory would let them go", () => {
    const ratios = units(PLANTS.s19kPro).map((plant) => {
      const { boards } = plant.truth;
      return boards.reduce((sum, it) => sum + it.hashRatio, 0) / boards.length;
    });
    const { mean } = spread(ratios);
    expect(mean).toBeGreaterThan(0.975);
    expect(ratios.filter((ratio) => ratio > 0.97).length).toBeGreaterThan(170);
    expect(Math.min(...ratios)).toBeGreaterThan(0.85);
  });

  it("have chips that differ by 15 mV and 3.7 K", () => {
    const plant = new Plant(PLANTS.m50s, { seed: 5, now: epochMs(0) });
    plant.setVoltage(millivolts(11_000));
    const offsets = plant.chipRatios(0).map((ratio) => (1 - ratio) / 5.7);
    const theory = Math.hypot(0.015, 0.00111 * 3.7);
    expect(spread(offsets).deviation / theory).toBeGreaterThan(0.8);
    expect(spread(offsets).deviation / theory).toBeLessThan(1.2);
    expect(board(plant).chipTemperature - board(plant).meanChipTemperature).toBeGreaterThan(5);
    expect(board(plant).chipTemperature - board(plant).meanChipTemperature).toBeLessThan(16);
  });
});
