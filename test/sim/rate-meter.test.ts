import { describe, expect, it } from "vitest";
import { epochMs } from "../../drivers/contract/units.ts";
import { RateMeter } from "./rate-meter.ts";

const start = 1_700_000_000_000;
const at = (seconds: number) => epochMs(start + seconds * 1000);

describe("RateMeter", () => {
  it("decays exponentially: after one window 63.2 % of a step is seen, after three 95.0 %", () => {
    const meter = new RateMeter(at(0));
    for (let second = 1; second <= 300; second += 1) meter.add(second * 1e12, at(second));
    expect(meter.rate(300_000) / 1e12).toBeCloseTo(0.632, 3);
    for (let second = 301; second <= 900; second += 1) meter.add(second * 1e12, at(second));
    expect(meter.rate(300_000) / 1e12).toBeCloseTo(0.95, 2);
    expect(meter.rate(5000) / 1e12).toBeCloseTo(1, 9);
    expect(meter.average() / 1e12).toBeCloseTo(1, 9);
  });

  it("gives the same whether it was asked often or seldom", () => {
    const often = new RateMeter(at(0));
    const seldom = new RateMeter(at(0));
    for (let second = 1; second <= 60; second += 1) often.add(second * 5, at(second));
    seldom.add(300, at(60));
    expect(seldom.rate(60_000)).toBeCloseTo(often.rate(60_000), 9);
  });

  it("starts again at zero after a reset, and does not count what was before", () => {
    const meter = new RateMeter(at(0));
    meter.add(1000, at(10));
    meter.reset(at(20));
    expect(meter.average()).toBe(0);
    expect(meter.rate(5000)).toBe(0);
    meter.add(1500, at(30));
    expect(meter.average()).toBe(50);
  });

  it("ignores a time that does not advance and refuses a count that falls", () => {
    const meter = new RateMeter(at(0));
    meter.add(100, at(1));
    meter.add(500, at(1));
    expect(meter.average()).toBe(100);
    expect(() => meter.add(50, at(2))).toThrow("hashes: 50 is less than the 100 counted before");
  });

  it("names the windows it keeps when asked for another", () => {
    expect(() => new RateMeter(at(0), [1000, 2000]).rate(3)).toThrow(
      "window: 3 ms is not kept; expected one of 1000, 2000",
    );
  });
});
