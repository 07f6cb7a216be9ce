import { describe, expect, test } from "vitest";
import { agentMethod } from "./tunebench/agent-method.ts";
import { CLASSES } from "./tunebench/classes.ts";
import { type JobResult, runJob } from "./tunebench/job.ts";
import { createEdge } from "./tunebench/meter.ts";
import { stock } from "./tunebench/methods/stock.ts";
import { METHODS } from "./tunebench/methods.ts";
import { pictureOf } from "./tunebench/picture.ts";
import { parsePlants, printPlants } from "./tunebench/plants-file.ts";
import { scoreOf } from "./tunebench/score.ts";
import { tableOf } from "./tunebench/table.ts";

const FLOOR = 0.9;
const SEEDS = [1, 2];

function kindOf(id: string) {
  const kind = CLASSES.find((each) => each.id === id);
  if (kind === undefined) throw new Error(`no class ${id}`);
  return kind;
}

async function coldStart(
  id: string,
  methods: readonly string[],
  seeds: readonly number[],
): Promise<JobResult[]> {
  const results = [];
  for (const seed of seeds) {
    const result = await runJob({ kind: kindOf(id), scenario: "S1", seed, methods, floor: FLOOR });
    if (result !== undefined) results.push(result);
  }
  return results;
}

function scored(results: readonly JobResult[], method: string) {
  const score = scoreOf(results, method, 1);
  if (score === undefined) throw new Error(`${method} has no score`);
  return score;
}

describe("the product on the bench", () => {
  test.each(["C", "D"])("class %s: most of the gain, nothing broken", async (id) => {
    const results = await coldStart(id, [agentMethod.name], SEEDS);
    const score = scored(results, agentMethod.name);
    expect(score.violations).toEqual({});
    expect(score.excursionsMax).toBeLessThanOrEqual(1);
    expect(score.captureEnd.value).toBeGreaterThan(0.8);
    expect(score.hashrateEnd).toBeGreaterThan(FLOOR * 0.995);
  });
});

describe("the bench itself", () => {
  test.each(CLASSES.map((kind) => kind.id))("class %s: untouched is stock", async (id) => {
    const score = scored(await coldStart(id, [stock.name], [3]), stock.name);
    // Both are of the same unit: one integrated, one solved for where it comes to rest.
    expect(Math.abs(score.gainEnd)).toBeLessThan(0.0003);
    expect(score.hashrateEnd).toBeCloseTo(1, 3);
    expect(score.changes).toBe(0);
  });

  test.each(["C", "D", "E"])(
    "class %s: nothing that keeps the caps beats the oracle",
    async (id) => {
      const names = METHODS.map((each) => each.name).filter((name) => name !== agentMethod.name);
      const results = await coldStart(id, names, [4]);
      const scores = names.flatMap((name) => scoreOf(results, name, 1) ?? []);
      expect(scores.length).toBeGreaterThan(5);
      for (const score of scores) {
        if (score.hashrateEnd < FLOOR) continue;
        expect(score.gainEnd, score.method).toBeLessThan(score.oracleGain + 0.002);
      }
    },
  );

  test("what rests on the edge has crossed it once, what comes back twice", () => {
    const edge = createEdge(0.97);
    for (const ratio of [0.98, 0.969, 0.971, 0.969, 0.9701, 0.96]) edge.record(ratio, true);
    expect(edge.entries()).toBe(1);
    for (const ratio of [0.98, 0.96]) edge.record(ratio, false);
    expect(edge.entries()).toBe(1);
    edge.record(0.969, true);
    expect(edge.entries()).toBe(2);
  });

  test("a method that cannot act on an interface is shown with dashes", async () => {
    const [results] = [await coldStart("D", ["stock", "hill climb"], [1])];
    expect(Object.keys(results[0]?.runs ?? {})).toEqual(["stock"]);
    const other = { ...scored(results, "stock"), classId: "C", method: "hill climb" };
    const table = tableOf([scored(results, "stock"), other], CLASSES, ["stock", "hill climb"]);
    expect(table).toMatch(/hill climb +- +-/);
  });

  test("the same seed gives the same run", async () => {
    const [one] = await coldStart("C", ["random search"], [5]);
    const [other] = await coldStart("C", ["random search"], [5]);
    const bare = (result: JobResult | undefined) => result?.runs["random search"]?.buckets;
    expect(bare(one)).toEqual(bare(other));
    expect(bare(one)).toHaveLength(48);
  });

  test("the picture names every class and the oracle", async () => {
    const picture = pictureOf(await coldStart("E", ["stock"], [1]), CLASSES, ["stock"]);
    expect(picture).toContain("Whatsminer: power limit");
    expect(picture).toContain("oracle");
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("machines from a file", () => {
  const standard = () => JSON.parse(printPlants(CLASSES));

  test("the example is the standard bench", () => {
    const parsed = parsePlants(printPlants(CLASSES), "plants.json");
    expect(parsed).toHaveLength(CLASSES.length);
    expect(CLASSES).toMatchObject(parsed);
    expect(parsePlants(printPlants(parsed), "plants.json")).toEqual(parsed);
  });

  test.each([
    [
      "a negative voltage",
      ["0", "spec", "stock", "voltage"],
      -5,
      /0\.spec\.stock\.voltage: -5: expected more than 0/,
    ],
    [
      "words for a number",
      ["0", "spread", "slope"],
      "steep",
      /0\.spread\.slope: "steep": expected a value of type number/,
    ],
    [
      "an unknown interface",
      ["1", "interface", "kind"],
      "magic",
      /1\.interface\.kind: "magic": expected/,
    ],
    [
      "an unknown algorithm",
      ["2", "spec", "algorithm"],
      "md5",
      /2\.spec\.algorithm: "md5": expected one of sha256/,
    ],
    [
      "a stock preset that is none",
      ["3", "interface", "stock"],
      "x",
      /3\.interface\.stock: "x": expected the name of one of the presets/,
    ],
    [
      "a stock preset of another point",
      ["3", "interface", "stock"],
      "630 MHz",
      /expected the preset with frequency and voltage of spec.stock/,
    ],
    ["a misspelt key", ["0", "titel"], "Bitaxe", /0\.titel: "Bitaxe": expected no such key/],
    ["an id twice", ["1", "id"], "A", /expected ids that differ/],
  ])("refuses %s", (_what, path, value, words) => {
    const plants = standard();
    let place = plants;
    for (const key of path.slice(0, -1)) place = place[key];
    place[path.at(-1) ?? ""] = value;
    expect(() => parsePlants(JSON.stringify(plants), "plants.json")).toThrow(words);
  });

  test("refuses a missing key and what is no JSON", () => {
    const plants = standard();
    delete plants[0].deadTime;
    expect(() => parsePlants(JSON.stringify(plants), "p.json")).toThrow(
      /p\.json: 0\.deadTime: nothing: expected a value of type number/,
    );
    expect(() => parsePlants("{", "p.json")).toThrow(/p\.json: is no JSON/);
  });
});
