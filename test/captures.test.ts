// One table over all captures. They lie beside the checkout; where they do not, this is skipped.

import { describe, expect, test } from "vitest";
import { captureSets, capturesAreHere, compareSet, type Row } from "./captures/compare.ts";
import { agrees, Candidates } from "./captures/meanings.ts";
import { DIFFERENT, NOT_READ } from "./captures/reasons.ts";

const WHERE = capturesAreHere ? "" : " (no ../shared/captures beside this checkout)";
const sets = capturesAreHere ? captureSets() : [];

describe.skipIf(!capturesAreHere)(`every set of captures through its driver${WHERE}`, () => {
  const rows: Row[] = [];

  test.each(sets)("$dir", async (set) => {
    const row = await compareSet(set);
    rows.push(row);
    // Both ways: a reason whose difference is gone would hide the next one.
    expect(row.failure !== undefined, row.failure).toBe(set.dir in NOT_READ);
    const differing = row.differences.map(({ field }) => `${set.dir} ${field}`);
    const allowed = Object.keys(DIFFERENT).filter((place) => place.startsWith(`${set.dir} `));
    expect(differing.sort(), JSON.stringify(row.differences)).toEqual(allowed.sort());
  });

  test("each has a driver, and most of what is stated agrees", () => {
    expect(rows).toHaveLength(sets.length);
    expect(rows.filter(({ driver }) => driver === undefined)).toEqual([]);
    const compared = rows.reduce((sum, row) => sum + row.compared, 0);
    const differing = rows.reduce((sum, row) => sum + row.differences.length, 0);
    expect(differing).toBe(Object.keys(DIFFERENT).length);
    expect(compared - differing).toBeGreaterThan(100);
  });

  test("every reason is of a set that is there", () => {
    const dirs = new Set(sets.map(({ dir }) => dir));
    for (const place of [...Object.keys(DIFFERENT), ...Object.keys(NOT_READ)]) {
      expect(dirs.has(place.split(" ")[0] ?? ""), place).toBe(true);
    }
  });
});

test.each<[unknown, unknown, boolean]>([
  [1.0000001, 1, true],
  [1.001, 1, false],
  ["AA:BB", "aa:bb", true],
  ["aa:bb", "aa:bc", false],
  [undefined, 0, false],
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [new Candidates([undefined, 4]), 4, true],
  [new Candidates([3, 5]), 4, false],
])("%j and %j: the same is %s", (read, stated, same) => {
  expect(agrees(read, stated)).toBe(same);
});
