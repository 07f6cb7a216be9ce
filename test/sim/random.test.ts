import { describe, expect, it } from "vitest";
import { Random } from "./random.ts";

const many = (count: number, draw: () => number) => Array.from({ length: count }, draw);

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

describe("Random", () => {
  it("repeats itself for a seed and differs for the next", () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      return many(20, () => random.uniform());
    };
    expect(draw(3)).toEqual(draw(3));
    expect(draw(4)).not.toEqual(draw(3));
    expect(draw(0)).not.toEqual(draw(-1));
  });

  it("is uniform: mean 1/2, variance 1/12, every tenth alike", () => {
    const random = new Random(1);
    const values = many(50_000, () => random.uniform());
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const share = values.filter((value) => Math.floor(value * 10) === tenth).length / 50_000;
      expect(share).toBeGreaterThan(0.095);
      expect(share).toBeLessThan(0.105);
    }
  });

  it("draws normals: 68.3 % within one deviation, 95.4 % within two", () => {
    const random = new Random(2);
    const values = many(50_000, () => random.normal(10, 3));
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(10, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(3, 1);
    const within = (count: number) =>
      values.filter((value) => Math.abs(value - 10) < 3 * count).length / values.length;
    expect(within(1)).toBeCloseTo(0.683, 2);
    expect(within(2)).toBeCloseTo(0.954, 2);
  });

  it.each([0.3, 7, 49, 51, 900])("counts with mean and variance %d", (mean) => {
    const random = new Random(5);
    const values = many(20_000, () => random.poisson(mean));
    const seen = moments(values);
    expect(Math.abs(seen.mean - mean)).toBeLessThan(5 * Math.sqrt(mean / 20_000));
    expect(seen.variance / mean).toBeGreaterThan(0.95);
    expect(seen.variance / mean).toBeLessThan(1.05);
    expect(values.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
  });

  it("counts nothing where nothing is expected", () => {
    expect(new Random(1).poisson(0)).toBe(0);
  });
});
