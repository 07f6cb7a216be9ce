import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findWhatsminer, whatsminerModels } from "../../../drivers/hardware/whatsminer.ts";

describe("models", () => {
  test.each([
    ["M50S_VJ30", "M50S_VJ30", 2, 3, 123],
    ["M30S+VE40", "M30S+_VE40", 2, 3, 156],
    ["M50_VH84", "M50_VH80", 2, 3, 111],
    ["WhatsMiner M53S++ VK10", "M53S++_VK10", 0, 4, 198],
    ["M30S++_VH110", "M30S++_VH110", 2, 3, 105],
    ["M60_VK6A", "M60_VK6A", 2, 3, 172],
    ["m31se_v20", "M31SE_V20", 2, 3, 78],
    ["M32S", "M32S", 2, 3, 78],
  ])("%s is %s", (text, name, fans, boards, chipsPerBoard) => {
    expect(findWhatsminer(text)).toEqual({ name, fans, boards, chipsPerBoard });
  });

  test("what no source gives, or where they differ, is absent", () => {
    expect(findWhatsminer("M20S+_V30")).toEqual({ name: "M20S+_V30", fans: 2, boards: 3 });
    expect(findWhatsminer("M33S++_VH30")).toEqual({ name: "M33S++_VH30", fans: 0 });
  });

  test.each(["", "M50S", "M50S_VZ90", "Antminer S19", "M99_V10"])("%j is not known", (text) => {
    expect(findWhatsminer(text)).toBeUndefined();
  });

  test("has 500 variants, each once", () => {
    const names = whatsminerModels().map((model) => model.name);
    expect(names).toHaveLength(500);
    expect(new Set(names).size).toBe(500);
  });
});

const TABLE = new URL("../../../../shared/protocols/whatsminer_models.csv", import.meta.url);

describe.skipIf(!existsSync(TABLE))(
  "models against the shared table (skipped where ../shared is absent)",
  () => {
    test("every line of it is in ours", () => {
      const lines = readFileSync(TABLE, "utf8").trim().split("\n").slice(1);
      expect(lines.length).toBe(500);
      for (const line of lines) {
        const [name = "", fans, boards, chips] = line.split(",");
        const model = findWhatsminer(name);
        expect(model?.fans, name).toBe(Number(fans));
        if (!line.includes("boards:asic")) expect(model?.boards, name).toBe(Number(boards));
        expect(model?.chipsPerBoard, name).toBe(chips === "" ? undefined : Number(chips));
      }
    });
  },
);
