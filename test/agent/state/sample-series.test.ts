import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_SAMPLES, type Sample, SampleSeries } from "../../../agent/state/sample-series.ts";
import { epochMs } from "../../../drivers/contract/units.ts";

const START = 1_800_000_000_000;
/** Of whole numbers, which survive single precision. */
const sampleAt = (index: number, branch = 0): Sample => ({
  at: epochMs(START + index * 5000 + branch),
  power: 3000 + (index % 50),
  ...(index % 3 === 0 ? {} : { rate: 2 ** 46 + 2 ** 24 * index }),
  ...(index % 7 === 0 ? { chip: 60 + (branch % 20) } : {}),
});
const many = (count: number) => Array.from({ length: count }, (_, index) => sampleAt(index));

describe("a series of samples", () => {
  test("is what an array of them is, up to the newest 512", () => {
    for (const count of [0, 1, 63, 64, 65, 511, 512, 513, 640, 1500]) {
      const expected = many(count).slice(-MAX_SAMPLES);
      const series = SampleSeries.of(many(count));
      expect(series).toHaveLength(expected.length);
      expect([...series]).toEqual(expected);
      expect(series.at(0)).toEqual(expected[0]);
      expect(series.at(-1)).toEqual(expected.at(-1));
      expect([series.at(expected.length), series.at(-expected.length - 1)]).toEqual([
        undefined,
        undefined,
      ]);
    }
  });

  test("absent is not zero, and zero is not absent", () => {
    const series = SampleSeries.of([{ at: epochMs(START) }, { at: epochMs(START), rate: 0 }]);
    expect(Object.keys(series.at(0) ?? {})).toEqual(["at"]);
    expect(series.at(1)).toEqual({ at: START, rate: 0 });
    expect(series.values("rate")).toEqual([0]);
    expect(series.values("power")).toEqual([]);
  });

  test("tells those since a moment, that one included", () => {
    const series = SampleSeries.of(many(700));
    const late = series.since(epochMs(START + 690 * 5000));
    expect([...late]).toEqual(many(700).slice(690));
    expect(late.values("rate")).toEqual(
      many(700)
        .slice(690)
        .flatMap(({ rate }) => (rate === undefined ? [] : [rate])),
    );
    expect(series.since(epochMs(START + 700 * 5000))).toHaveLength(0);
    expect(series.since(epochMs(0))).toHaveLength(MAX_SAMPLES);
    expect(late.at(-11)).toBeUndefined();
  });

  test("finds the latest that passes", () => {
    const series = SampleSeries.of(many(100));
    expect(series.findLast(({ chip }) => chip !== undefined)).toEqual(sampleAt(98));
    expect(series.findLast(({ at }) => at < START)).toBeUndefined();
  });

  test("never changes, whoever continues it", () => {
    const step = fc.record({ from: fc.nat(), count: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const known = [{ series: SampleSeries.none, model: [] as readonly Sample[] }];
        for (const [branch, { from, count }] of steps.entries()) {
          let next = known[from % known.length] ?? { series: SampleSeries.none, model: [] };
          for (let index = 0; index < count; index += 1) {
            const sample = sampleAt(next.model.length + index, branch + 1);
            next = {
              series: next.series.with(sample),
              model: [...next.model, sample].slice(-MAX_SAMPLES),
            };
          }
          known.push(next);
        }
        for (const { series, model } of known) expect([...series]).toEqual(model);
      }),
      { seed: 20, numRuns: 60 },
    );
  });
});
