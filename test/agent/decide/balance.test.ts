import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balanced, trustIn } from "../../../agent/decide/balance.ts";
import type { OffsetTable } from "../../../drivers/contract/offsets.ts";

const SEED = 4711;
const HOUR = 3_600_000;
const bounds = (table: OffsetTable, most: number) => ({
  step: 2.5,
  min: table.map((row) => row.map(() => -most)),
  max: table.map((row) => row.map(() => most)),
});
const told = (rows: readonly (readonly number[])[], noise = 0) => ({
  rows,
  noise,
  exposure: 9 * HOUR,
});
const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);

describe("a pass", () => {
  test("moves frequency from the board that loses to those that do not", () => {
    const present = [[0], [0], [0]];
    const next = balanced(present, told([[0.99], [1.0], [1.01]]), bounds(present, 75), "boards");
    expect(next).toEqual([[-10], [0], [10]]);
  });

  test("keeps the sum of each board and of all, the clamp and the largest move, for any ratios", () => {
    const ratio = fc.double({ min: 0, max: 1.2, noNaN: true });
    const part = fc.record({ ratio, steps: fc.integer({ min: -30, max: 30 }) });
    const board = fc.array(part, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(board, { minLength: 1, maxLength: 4 }), (boards) => {
        const present = boards.map((row) => row.map((each) => each.steps * 2.5));
        const rows = boards.map((row) => row.map((each) => each.ratio));
        for (const what of ["chips", "boards"] as const) {
          const next = balanced(present, told(rows), bounds(present, 75), what);
          expect(sum(next.flat())).toBeCloseTo(sum(present.flat()), 6);
          if (what === "chips") {
            next.forEach((row, index) => {
              expect(sum(row)).toBeCloseTo(sum(present[index] ?? []), 6);
            });
          }
          next.flat().forEach((each, index) => {
            const from = present.flat()[index] ?? 0;
            expect(Math.abs(each)).toBeLessThanOrEqual(75);
            expect(Math.abs(each - from)).toBeLessThanOrEqual(25);
          });
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("leaves dead parts where they are, and out of the mean", () => {
    const present = [[0, 0, 10, -10]];
    const next = balanced(present, told([[0.99, 1.01, 0, 1]]), bounds(present, 75), "chips");
    expect(next[0]?.[2]).toBe(10);
    expect(sum(next[0] ?? [])).toBe(0);
    expect(next[0]?.[0]).toBeLessThan(0);
  });

  test("does nothing where the differences are noise", () => {
    const present = [[0, 0, 0, 0]];
    const ratios = told([[0.99, 1.01, 0.995, 1.005]], 0.02);
    expect(trustIn(ratios)).toBe(0);
    expect(balanced(present, ratios, bounds(present, 75), "chips")).toEqual(present);
  });
});
