import { expect, test } from "vitest";
import { findInnosilicon, innosiliconModels } from "../../../drivers/hardware/innosilicon.ts";

test.each([
  ["T3h+", { name: "T3H+", algorithm: "sha256", boards: 3, chipsPerBoard: 114, fans: 4 }],
  [" t2t+ ", { name: "T2T+", algorithm: "sha256", nameplate: 32e12 }],
  ["A10s", { name: "A10 Pro 720M 6G", algorithm: "ethash", nameplate: 720e6 }],
  ["A11", { name: "A11", boards: 4, chipsPerBoard: 8, nameplate: 1500e6, power: 2355 }],
  ["B29+", { name: "A9", algorithm: "equihash" }],
])("%j is found in any case", (type, model) => {
  expect(findInnosilicon(type)).toMatchObject(model);
});

test("T4 is an A8, whose work has no place among the algorithms", () => {
  expect(findInnosilicon("T4")).toEqual({ name: "A8" });
});

test("what a source does not tell is absent, and a stranger is unknown", () => {
  expect(findInnosilicon("t3s")).toEqual({ name: "T3s", algorithm: "sha256" });
  expect(findInnosilicon("T5")).toBeUndefined();
  expect(findInnosilicon("")).toBeUndefined();
});

test("each model is listed once", () => {
  const names = innosiliconModels().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
