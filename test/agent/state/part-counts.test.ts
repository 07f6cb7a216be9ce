import { describe, expect, test } from "vitest";
import { countParts, type PartCounts, ratiosOf } from "../../../agent/state/part-counts.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import {
  epochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
} from "../../../drivers/contract/units.ts";
import { Random } from "../../sim/random.ts";
import { MINUTE, START, telemetry } from "../example.ts";

const SEED = 12;
const TH = 1e12;

interface Told {
  readonly minute: number;
  readonly rates: readonly (readonly number[])[];
  readonly offsets?: readonly (readonly number[])[];
  readonly window?: number;
  readonly frequency?: number;
}

function reading({ minute, rates, offsets, window = 1, frequency = 500 }: Told): Telemetry {
  const at = epochMs(START + minute * MINUTE);
  const told = <Value>(value: Value) => ({ value, at, source: "test", quality: "ok" as const });
  const bare = telemetry({ at });
  return {
    ...bare,
    setpoint: {
      frequency: told(megahertz(frequency)),
      boardOffsets: told(rates.map(() => megahertz(0))),
      chipOffsets: told(
        rates.map((row, board) => row.map((_, chip) => megahertz(offsets?.[board]?.[chip] ?? 0))),
      ),
    },
    boards: rates.map((row, index) => ({
      index,
      hashrate: {
        ...told(hashesPerSecond(row.reduce((all, each) => all + each, 0) * TH)),
        window: milliseconds(window * MINUTE),
      },
      chipFigures: told({
        rate: row.map((each) => hashesPerSecond(each * TH)),
        window: milliseconds(window * MINUTE),
      }),
    })),
  };
}

const fold = (all: readonly Told[], from?: PartCounts, moved = false) =>
  all.reduce<PartCounts | undefined>(
    (counts, each) => countParts(counts, reading(each), moved),
    from,
  );

describe("counts of boards and chips", () => {
  test("tell each part's rate for its own frequency", () => {
    const minutes = Array.from({ length: 10 }, (_, index) => index);
    const counts = fold(
      minutes.map((minute) => ({
        minute,
        rates: [
          [0.55, 0.45],
          [0.5, 0.5],
        ],
        offsets: [
          [50, -50],
          [0, 0],
        ],
      })),
    );
    const ratios = ratiosOf(counts?.chips);
    expect(ratios?.rows.flat().map((each) => each.toFixed(6))).toEqual(Array(4).fill("1.000000"));
    expect(ratios?.noise).toBeLessThan(1e-6);
    expect(counts?.boards?.sums.map((row) => row.length)).toEqual([1, 1]);
  });

  test(`estimate their own noise from what a part differs by from itself, seed ${SEED}`, () => {
    const random = new Random(SEED);
    const noisy = () => 0.5 * (1 + random.normal(0, 0.1));
    const counts = fold(
      Array.from({ length: 400 }, (_, minute) => ({
        minute,
        rates: [Array.from({ length: 40 }, (_none, chip) => noisy() * (chip < 20 ? 1.05 : 0.95))],
      })),
    );
    const ratios = ratiosOf(counts?.chips);
    expect(ratios?.noise).toBeGreaterThan(0.0045);
    expect(ratios?.noise).toBeLessThan(0.0055);
    const fast = ratios?.rows[0]?.slice(0, 20) ?? [];
    expect(fast.reduce((all, each) => all + each, 0) / 20).toBeCloseTo(1.05, 2);
  });

  test("an average that overlaps the last one adds only what is new, a repeated one nothing", () => {
    const rates = [[0.5, 0.5]];
    const once = fold([{ minute: 0, rates, window: 15 }]);
    const again = fold([{ minute: 0, rates, window: 15 }], once);
    expect(again?.chips).toEqual(once?.chips);
    const later = fold([{ minute: 5, rates, window: 15 }], once);
    expect(later?.chips?.exposure).toBe(20 * MINUTE);
    const afterGap = fold([{ minute: 600, rates, window: 15 }], once);
    expect(afterGap?.chips?.exposure).toBe(30 * MINUTE);
  });

  test("what was counted at another setting counts half", () => {
    const rates = [[0.5, 0.5]];
    const before = fold([
      { minute: 0, rates },
      { minute: 1, rates },
    ]);
    const after = fold([{ minute: 2, rates }], before, true);
    expect(after?.chips?.exposure).toBe(2 * MINUTE);
  });

  test("start anew where the number of parts changed, and wait where nothing is told", () => {
    const counts = fold([{ minute: 0, rates: [[0.5, 0.5]] }]);
    const other = fold([{ minute: 1, rates: [[0.5, 0.5, 0.5]] }], counts);
    expect(other?.chips?.sums[0]).toHaveLength(3);
    expect(countParts(counts, telemetry({ at: START }), false)).toBe(counts);
    expect(ratiosOf(counts?.chips)).toBeUndefined();
  });
});
