import { expect, test } from "vitest";
import { epochMs } from "../../../drivers/contract/units.ts";
import {
  type CgminerPool,
  cgminerPools,
  messageOf,
  mustBeGranted,
  summaryRates,
} from "../../../drivers/transport/cgminer.ts";

const status = (STATUS: string, Code: number, Msg = "words") => ({
  STATUS: [{ STATUS, Code, Msg }],
});

test.each([
  [14, "UNSUPPORTED"],
  [45, "WRITE_DISABLED"],
  [99, "REJECTED"],
])("E with code %i is %s", (code, name) => {
  expect(() => mustBeGranted(status("E", code), "c")).toThrow(
    expect.objectContaining({ code: name, message: "c: words" }),
  );
});

test.each([status("S", 14), status("I", 14), status("W", 14), {}, [], null, { STATUS: "x" }])(
  "%j is an answer",
  (reply) => {
    expect(() => mustBeGranted(reply, "c")).not.toThrow();
  },
);

test("STATUS may be one object, and its words are told", () => {
  expect(messageOf({ STATUS: { STATUS: "S", Msg: " set " } })).toBe("set");
  expect(messageOf({})).toBe("done");
});

test("rates are MH/s, and none is made up", () => {
  const origin = { source: "summary", at: epochMs(1) };
  const rates = summaryRates({ "MHS 5s": "100.5", "MHS av": Number.NaN, Elapsed: 60 }, origin);
  expect(rates.now).toMatchObject({ value: 100.5e6, window: 5000 });
  expect(rates.recent).toBeUndefined();
  expect(rates.average).toBeUndefined();
});

test("pools without an address are empty slots, 0 is no time", () => {
  const rows: CgminerPool[] = [
    { URL: "a", User: "w", Status: "Alive", "Last Share Time": 5, POOL: 0 },
    { URL: "" },
    { URL: "b", Status: "Odd", "Last Share Time": 0 },
  ];
  expect(cgminerPools(rows)).toEqual([
    { index: 0, url: "a", user: "w", status: "alive", lastShareAt: 5000 },
    { index: 2, url: "b", user: "", status: "unknown" },
  ]);
});
