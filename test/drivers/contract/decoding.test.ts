import { expect, test } from "vitest";
import { toMac, toNumber, toText } from "../../../drivers/contract/decoding.ts";

test.each([
  ["  LuxOS \t", "LuxOS"],
  ["worker\u0000.1\u001b[2J", "worker.1[2J"],
  ["\u0001\n\tS19", "S19"],
  ["\u009b31mred", "31mred"],
  ["Stra\u00dfe \u4e2d", "Stra\u00dfe \u4e2d"],
  ["", undefined],
  [" \u0007 ", undefined],
  [7, undefined],
  [null, undefined],
])("the text of %j is %j", (raw, text) => {
  expect(toText(raw)).toBe(text);
});

test.each([
  ["12.5", 12.5],
  ["", undefined],
  ["nan", undefined],
  [Number.NaN, undefined],
  ["1e999", undefined],
  [true, undefined],
  ["12\u0001", undefined],
])("the number of %j is %j", (raw, number) => {
  expect(toNumber(raw)).toBe(number);
});

test("an address of zeros is none", () => {
  expect(toMac("00:00:00:00:00:00")).toBeUndefined();
  expect(toMac("28-e2-97-00-00-05")).toBe("28:E2:97:00:00:05");
});
