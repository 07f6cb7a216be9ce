import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_ADDRESSES, parseRange } from "../../../agent/fleet/address-range.ts";
import { nextDelay } from "../../../agent/fleet/backoff.ts";
import { createLane } from "../../../agent/fleet/lane.ts";

describe("address ranges", () => {
  test.each([
    ["10.0.0.7", ["10.0.0.7"]],
    ["10.0.0.5-7", ["10.0.0.5", "10.0.0.6", "10.0.0.7"]],
    ["10.0.0.254-10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]],
    ["10.0.0.8/30", ["10.0.0.9", "10.0.0.10"]],
    ["10.0.0.8/31", ["10.0.0.8", "10.0.0.9"]],
    ["10.0.0.8/32", ["10.0.0.8"]],
    ["10.0.0.1, 10.0.0.1,10.0.0.3", ["10.0.0.1", "10.0.0.3"]],
  ])("%s", (range, addresses) => {
    expect(parseRange(range)).toEqual(addresses);
  });

  test("a /16 is the most", () => {
    expect(parseRange("10.1.0.0/16")).toHaveLength(65_534);
    expect(() => parseRange("10.0.0.0/15")).toThrow(`more than ${MAX_ADDRESSES}`);
  });

  test.each([
    ["10.0.0", "expected an IPv4 address"],
    ["10.0.0.256", "expected an IPv4 address"],
    ["10.0.0.9-5", "ends before it begins"],
    ["10.0.0.1-300", "300 is no last part"],
    ["10.0.0.0/33", "prefix of 0 to 32"],
    ["", "expected an IPv4 address"],
    ["miner.lan", "expected an IPv4 address"],
  ])("%s is refused with its part named", (range, words) => {
    expect(() => parseRange(range)).toThrow(words);
  });

  test("any text gives addresses or a RangeError", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          return parseRange(text).length > 0;
        } catch (error) {
          return error instanceof RangeError;
        }
      }),
      { seed: 1 },
    );
  });
});

test("back-off doubles from the second failure on, up to its cap", () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((failures) => nextDelay(10, 300, failures));
  expect(delays).toEqual([10, 10, 20, 40, 80, 160, 300, 300, 300]);
});

test("back-off never asks more often than the interval", () => {
  expect(nextDelay(500, 300, 9)).toBe(500);
});

describe("a lane", () => {
  test("runs one task at a time, in order, and goes on after a failure", async () => {
    const lane = createLane();
    const seen: string[] = [];
    let running = 0;
    const task = (name: string, fails = false) =>
      lane.run(async () => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        seen.push(name);
        if (fails) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([task("a"), task("b", true), task("c")]);
    expect(seen).toEqual(["a", "b", "c"]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});
