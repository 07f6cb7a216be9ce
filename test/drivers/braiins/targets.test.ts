import fc from "fast-check";
import { expect, test } from "vitest";
import { placesOf } from "../../../drivers/braiins/boards.ts";
import { choicesOf, nameOf, type Target, targetOf } from "../../../drivers/braiins/targets.ts";
import { hashesPerSecond, watts } from "../../../drivers/contract/units.ts";

test("a name leads back to its target", () => {
  const whole = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(whole, fc.boolean(), (value, power) => {
      const target: Target = power
        ? { kind: "power", power: watts(value) }
        : { kind: "hashrate", hashrate: hashesPerSecond((value / 10) * 1e12) };
      const back = targetOf(nameOf(target));
      expect(back?.kind).toBe(target.kind);
      expect(back === undefined ? "" : nameOf(back)).toBe(nameOf(target));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test.each(["", "power target", "3031", "W", "-5 W", "NaN TH/s", "1e3 W"])(
  "%j names no target",
  (name) => {
    expect(targetOf(name)).toBeUndefined();
  },
);

test("a small machine gets small steps", () => {
  const range = { min: hashesPerSecond(4.2e12), max: hashesPerSecond(16.9e12) };
  const offer = { now: undefined, steering: "limit", tuned: [], hashrate: range } as const;
  expect(choicesOf(offer).map((choice) => choice.name)).toEqual([
    "power target",
    ...[6, 8, 10, 12, 14, 16].map((value) => `${value} TH/s`),
  ]);
});

const tuned = [
  {
    target: { kind: "power", power: watts(3000) },
    power: watts(3010),
    hashrate: hashesPerSecond(141e12),
  },
  {
    target: { kind: "power", power: watts(2000) },
    power: watts(2010),
    hashrate: hashesPerSecond(101e12),
  },
  { target: { kind: "hashrate", hashrate: hashesPerSecond(110e12) }, power: watts(2240) },
] as const;

test("what is tuned stands in the order of rising power, with the present target between", () => {
  const hashrate = { min: hashesPerSecond(90e12), max: hashesPerSecond(150e12) };
  const now = { kind: "power", power: watts(2500) } as const;
  const choices = choicesOf({ now, steering: "profiles", tuned, hashrate });
  expect(choices).toEqual([
    { name: "2000 W", power: 2010, hashrate: 101e12, tuned: true },
    { name: "110 TH/s", power: 2240, tuned: true },
    { name: "2500 W", power: 2500, tuned: false },
    { name: "3000 W", power: 3010, hashrate: 141e12, tuned: true },
  ]);
});

test("with a power limit, a tuned hashrate target replaces its plain rung", () => {
  const hashrate = { min: hashesPerSecond(100e12), max: hashesPerSecond(120e12) };
  const choices = choicesOf({ now: undefined, steering: "limit", tuned, hashrate });
  expect(choices.find((choice) => choice.name === "110 TH/s")).toMatchObject({ tuned: true });
  expect(choices.every((choice) => !choice.name.endsWith(" W"))).toBe(true);
});

test.each([
  [
    ["1", "2", "3"],
    [0, 1, 2],
  ],
  [
    ["2", "3"],
    [1, 2],
  ],
  [
    ["6", "7", "8"],
    [0, 1, 2],
  ],
  [
    [0, 1, 2],
    [0, 1, 2],
  ],
  [
    ["x", "1"],
    [undefined, 0],
  ],
  [[], []],
])("boards %j sit at %j", (ids, places) => {
  expect(placesOf(ids)).toEqual(places);
});
