import { expect, test } from "vitest";
import { screened } from "../../../agent/state/screen.ts";
import { celsius } from "../../../drivers/contract/units.ts";
import { START, telemetry } from "../example.ts";

const told = (chip: number, activity: "hashing" | "sleeping" = "hashing", inlet = 25) => {
  const base = telemetry({ at: START, chip, activity });
  const reading = { value: celsius(inlet), at: START, source: "t", quality: "ok" as const };
  return screened({ ...base, temperature: { ...base.temperature, inlet: reading } }).temperature
    ?.chip?.quality;
};

test.each([
  [-1, "implausible"],
  [0, "implausible"],
  [20, "implausible"],
  [23, "ok"],
  [70, "ok"],
])("a hashing chip at %d °C in air of 25 °C is %s", (chip, quality) => {
  expect(told(chip)).toBe(quality);
});

test("asleep it may be as cold as the air, and colder than a warm inlet sensor", () => {
  expect(told(20, "sleeping")).toBe("ok");
});
