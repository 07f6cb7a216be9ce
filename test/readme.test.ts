import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEVICE_ERRORS } from "../drivers/contract/errors.ts";
import { driverTable, withTable } from "./driver-table.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function tableRows(heading: string): string[][] {
  const after = README.slice(README.indexOf(heading));
  return after
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe("the README", () => {
  test("lists every error code with its meaning, and no other", () => {
    const listed = new Map(
      tableRows("## What goes wrong")
        .filter((row) => row[0]?.startsWith("`"))
        .map((row) => [row[0]?.replaceAll("`", ""), row.slice(1)]),
    );
    const known = Object.entries(DEVICE_ERRORS).map(([code, facts]) => [
      code,
      [facts.meaning, facts.side, facts.retriable ? "yes" : "no"],
    ]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known));
  });

  test("has the table of drivers as their simulated machines show it", async () => {
    expect(withTable(README, await driverTable()), "run node scripts/readme-table.mjs").toBe(
      README,
    );
  });

  test("names no file that is not there", async () => {
    const { existsSync } = await import("node:fs");
    const named = Array.from(README.matchAll(/\]\(([^)#]+)\)/g), (match) => match[1] ?? "");
    expect(named.length).toBeGreaterThan(0);
    for (const file of named) {
      expect(existsSync(new URL(`../${file}`, import.meta.url)), file).toBe(true);
    }
  });
});
