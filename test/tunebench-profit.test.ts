import { describe, expect, test } from "vitest";
import { CLASSES } from "./tunebench/classes.ts";
import { marketYear, sampled, YEAR_DAYS } from "./tunebench/market-year.ts";
import { caseOf, constantly, onOff, oracle, presetOf, product } from "./tunebench/profit.ts";

function kindOf(id: string) {
  const kind = CLASSES.find((each) => each.id === id);
  if (kind === undefined) throw new Error(`no class ${id}`);
  return kind;
}

describe("the year of prices", () => {
  const year = marketYear(1);
  const tariffs = year.map((each) => each.tariffPerKwh ?? Number.NaN);
  const hashprices = year.map((each) => each.hashpricePerThDay ?? Number.NaN);

  test("is an hour's entry for each hour, and the same for the same seed", () => {
    expect(year).toHaveLength(YEAR_DAYS * 24);
    expect(marketYear(1)).toEqual(year);
    expect(marketYear(2)).not.toEqual(year);
  });

  test("has negative and scarce hours, dear evenings, and a halving", () => {
    expect(Math.min(...tariffs)).toBeLessThan(0);
    expect(Math.max(...tariffs)).toBeGreaterThan(0.2);
    expect(Math.min(...hashprices)).toBeGreaterThan(0);
    const mean = (hour: number) =>
      tariffs.filter((_, index) => index % 24 === hour).reduce((sum, each) => sum + each, 0) /
      YEAR_DAYS;
    expect(mean(18)).toBeGreaterThan(1.3 * mean(3));
    const [before = 0, after = 0] = [hashprices[209 * 24], hashprices[210 * 24]];
    expect(after / before).toBeLessThan(0.75);
  });

  test("is sampled by whole days, evenly", () => {
    const days = sampled(year, 30);
    expect(days).toHaveLength(30 * 24);
    expect(days.slice(24, 48)).toEqual(year.slice(12 * 24, 13 * 24));
    expect(sampled(year, YEAR_DAYS)).toEqual(year);
  });
});

describe("what a unit earns", () => {
  const prices = sampled(marketYear(3), 20);

  test.each(["C", "D", "E"])("class %s: the oracle has the most", (id) => {
    const each = caseOf(kindOf(id), 5, prices, 0.9);
    const best = oracle(each);
    const rivals = [
      onOff(each),
      constantly("stock", each, each.kind.spec.stock),
      constantly("-10 %", each, presetOf(each, 0.1)),
      constantly("-25 %", each, presetOf(each, 0.25)),
    ];
    for (const { method, money } of rivals) expect(money, method).toBeLessThan(best.money);
    expect(best.money).toBeGreaterThan(0);
    expect(best.hoursOff).toBeLessThan(prices.length);
  });

  test("on/off rests at a loss and pays for each start", () => {
    const each = caseOf(kindOf("D"), 5, prices, 0.9);
    const { restarts, hoursOff, money } = onOff(each);
    expect(restarts).toBeGreaterThan(0);
    expect(hoursOff).toBeGreaterThanOrEqual(restarts);
    const quick = { ...each, kind: { ...each.kind, deadTime: 0, wakeTime: 0 } };
    expect(onOff(quick).money).toBeGreaterThan(money);
  });

  test("preset of a power limit is a share of the watts", () => {
    const each = caseOf(kindOf("E"), 5, prices, 0.9);
    const [less, stock] = [presetOf(each, 0.25), each.kind.spec.stock].map(
      (point) => constantly("", each, point).energy,
    );
    expect((less ?? 0) / (stock ?? 1)).toBeCloseTo(0.75, 2);
  });

  test("the product is run hour by hour through the same prices", async () => {
    const each = caseOf(kindOf("C"), 5, prices.slice(0, 24), 0.9);
    const earned = await product(each);
    expect(earned.violations).toBe(0);
    expect(earned.money).toBeLessThan(oracle(each).money);
    expect(earned.hashes).toBeGreaterThan(0);
  });
});
