import { describe, expect, test } from "vitest";
import { megahertz } from "../../../drivers/contract/units.ts";
import {
  BITAXE_MODELS,
  type BitaxeChip,
  findBitaxe,
  idealRate,
} from "../../../drivers/hardware/bitaxe.ts";

/** Feedback dividers that each chip's PLL takes. */
const FEEDBACK: Readonly<Record<BitaxeChip, readonly [number, number]>> = {
  BM1397: [60, 200],
  BM1366: [144, 235],
  BM1368: [144, 235],
  BM1370: [160, 239],
};

/** f = 25 MHz x fb / (refdiv x pd1 x pd2): the nearest that the PLL makes. */
function nearest(chip: BitaxeChip, wish: number): number {
  const [least, most] = FEEDBACK[chip];
  let best = Number.POSITIVE_INFINITY;
  for (let refdiv = 1; refdiv <= 2; refdiv += 1) {
    for (let first = 1; first <= 7; first += 1) {
      for (let second = 1; second < first; second += 1) {
        const divider = refdiv * first * second;
        const feedback = Math.round((wish * divider) / 25);
        if (feedback < least || feedback > most) continue;
        const made = (25 * feedback) / divider;
        if (Math.abs(made - wish) < Math.abs(best - wish)) best = made;
      }
    }
  }
  return best;
}

describe("the table", () => {
  test.each(BITAXE_MODELS.filter((model) => model.envelope !== undefined))(
    "$name: stock lies in the envelope, whose grid the PLL can make",
    ({ chip, stock, envelope }) => {
      const { frequency, voltage } = envelope ?? {};
      if (frequency === undefined || voltage === undefined) throw new Error("no envelope");
      expect(stock.frequency).toBeGreaterThanOrEqual(frequency.min);
      expect(stock.frequency).toBeLessThanOrEqual(frequency.max);
      expect(stock.voltage).toBeGreaterThanOrEqual(voltage.min);
      expect(stock.voltage).toBeLessThanOrEqual(voltage.max);
      for (let wish = Math.ceil(frequency.min / 6.25) * 6.25; wish <= frequency.max; wish += 6.25) {
        expect(nearest(chip, wish), `${wish} MHz`).toBeCloseTo(wish, 6);
      }
      // Whole steps of 5 MHz need not exist; what comes is within half a step.
      for (let wish: number = frequency.min; wish <= frequency.max; wish += 5) {
        expect(Math.abs(nearest(chip, wish) - wish), `${wish} MHz`).toBeLessThan(2.5);
      }
    },
  );

  test("rates follow small cores and clock", () => {
    const gamma = findBitaxe({ board: "601", chip: "BM1370" });
    if (gamma === undefined) throw new Error("no Gamma");
    // 1.07 TH/s is what its maker prints.
    expect(idealRate(gamma, megahertz(525)) / 1e12).toBeCloseTo(1.071, 3);
  });
});

describe("who is who", () => {
  test.each([
    ["2.2", "BM1397", "Max"],
    ["204", "BM1366", "Ultra"],
    ["303", "BM1366", "Hex"],
    ["403", "BM1368", "Supra"],
    ["602", "BM1370", "Gamma"],
    ["650", "BM1370", "Gamma Duo"],
    ["702", "BM1368", "Supra Hex"],
    ["801", "BM1370", "Gamma Turbo"],
  ])("board %s with %s is a %s", (board, chip, name) => {
    expect(findBitaxe({ board, chip })?.name).toBe(name);
  });

  test("a contradiction or a missing chip is nobody", () => {
    expect(findBitaxe({ board: "602", chip: "BM1368" })).toBeUndefined();
    expect(findBitaxe({ board: "602" })).toBeUndefined();
    expect(findBitaxe({ board: "302", chip: "BM1366", chips: 9 })).toBeUndefined();
    expect(findBitaxe({ chip: "BM1370" })).toBeUndefined();
    expect(findBitaxe({ name: "NerdQAxe+", chip: "BM1368", chips: 4 })?.vendor).toBe("NerdAxe");
  });
});
