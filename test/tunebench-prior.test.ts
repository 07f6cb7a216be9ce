// Machines that begin with what a file says of their model: one that is right, and forged ones.

import { describe, expect, test } from "vitest";
import { parsePriorFile } from "../agent/decide/model/prior-file.ts";
import { createSchool, pupilOf } from "./tunebench/agent-method.ts";
import { CLASSES } from "./tunebench/classes.ts";
import { policiesFor } from "./tunebench/job.ts";
import type { Method } from "./tunebench/method.ts";
import { runUnit, type UnitResult } from "./tunebench/run.ts";
import { courseOf, SCENARIOS } from "./tunebench/scenarios.ts";

const HOURS = 8;
const SEEDS = [21, 22, 23, 24];

const kindOf = (id: string) => CLASSES.find((each) => each.id === id)!;

function run(id: string, seed: number, method: Method, hours = HOURS): Promise<UnitResult> {
  const kind = kindOf(id);
  const course = courseOf(
    SCENARIOS.find((each) => each.id === "S1")!,
    kind,
    seed,
    policiesFor(0.9),
  );
  return runUnit(kind, seed, { ...course, hours }, method);
}

/** A file that half a million machines are said to stand behind, all of one mind. */
function forged(id: string, means: Readonly<Record<string, number>>): Method {
  const parameters = Object.fromEntries(
    Object.entries(means).map(([name, mean]) => [name, { units: 500_000, mean, deviation: 0 }]),
  );
  const entry = { model: kindOf(id).spec.name, firmware: "bench", units: 500_000, parameters };
  return pupilOf(() => ({ format: "nockd-prior", version: 1, models: [entry] }));
}

describe("a forged prior", () => {
  test.each([
    ["the edge 10 % lower than machines have it", "C", { critical: 0.875 }],
    [
      "the lowest edge that a file may claim, and the steepest slope",
      "C",
      { critical: 0.86, slope: 0.5, spread: 0.004 },
    ],
    ["an edge above the stock voltage", "C", { critical: 1.1, slope: 0.05 }],
    ["the same of small machines", "A", { critical: 0.875, slope: 0.5 }],
    ["watts that are all leakage", "C", { fixed: 0, leakage: 0.35 }],
    ["limits that do not slow the machine", "E", { onset: 0.88, elasticity: 0.96 }],
  ])("%s: one excursion at most, and no limit is broken", async (_what, id, means) => {
    const method = forged(id, means);
    for (const seed of SEEDS) {
      const { excursions, violations } = await run(id, seed, method);
      expect(excursions, `class ${id}, seed ${seed}`).toBeLessThanOrEqual(1);
      expect(violations, `class ${id}, seed ${seed}`).toEqual({});
    }
  });
});

describe("machines that were tuned", () => {
  test("teach their edge and their watts, in a file that can be read", async () => {
    const school = createSchool();
    for (const seed of [1, 2]) await run("C", seed, school.teacher, 12);
    const parsed = parsePriorFile(JSON.stringify(school.file()));
    if (!parsed.ok) throw new Error(parsed.errors.join("; "));
    const [entry] = parsed.file.models;
    expect(entry).toMatchObject({ model: kindOf("C").spec.name, units: 2 });
    const { critical, fixed } = entry!.parameters;
    expect(critical!.units).toBe(2);
    expect(critical!.mean).toBeGreaterThan(0.93);
    expect(critical!.mean).toBeLessThan(1);
    expect(fixed).toBeDefined();
    const pupil = await run("C", 3, school.pupil, 12);
    expect(pupil.excursions).toBeLessThanOrEqual(1);
    expect(pupil.writes.length).toBeGreaterThan(2);
  });
});
