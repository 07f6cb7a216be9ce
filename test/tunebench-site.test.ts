import { beforeEach, describe, expect, test } from "vitest";
import { celsius, type EpochMs, epochMs } from "../drivers/contract/units.ts";
import { drawUnit } from "./sim/plant-unit.ts";
import { Random } from "./sim/random.ts";
import { CLASSES } from "./tunebench/classes.ts";
import { drawMeter } from "./tunebench/gauges.ts";
import { type JobResult, policiesFor, runJob } from "./tunebench/job.ts";
import { BenchMachine } from "./tunebench/machine.ts";
import { type Bucket, TURNS } from "./tunebench/meter.ts";
import { referenceOf } from "./tunebench/reference.ts";
import { BEGIN } from "./tunebench/run.ts";
import { SCENARIOS } from "./tunebench/scenarios.ts";
import { scoreOf } from "./tunebench/score.ts";
import { limitsAt, money } from "./tunebench/site.ts";
import { steadyState } from "./tunebench/steady.ts";
import { tableOf } from "./tunebench/table.ts";

const FLOOR = 0.9;
const SECONDS = TURNS * 60;

function kindOf(id: string) {
  const kind = CLASSES.find((each) => each.id === id);
  if (kind === undefined) throw new Error(`no class ${id}`);
  return kind;
}

function reference(id: string, scenarioId: string, seed: number) {
  const kind = kindOf(id);
  const scenario = SCENARIOS.find((each) => each.id === scenarioId);
  const demands = scenario?.demands?.(kind, seed);
  if (scenario === undefined || demands === undefined) throw new Error(`no ${scenarioId}`);
  const policies = policiesFor(FLOOR, demands);
  const unit = drawUnit(kind.spec, new Random(seed), kind.spread);
  const found = steadyState(kind.spec, unit, kind.spec.stock, 25);
  return { kind, policies, unit, found, ...referenceOf(kind, scenario, seed, policies) };
}

async function run(id: string, scenario: string, seed: number, methods: readonly string[]) {
  const result = await runJob({ kind: kindOf(id), scenario, seed, methods, floor: FLOOR });
  if (result === undefined) throw new Error(`nothing of ${id} in ${scenario}`);
  return result;
}

const runOf = (result: JobResult, method: string) => {
  const found = result.runs[method];
  if (found === undefined) throw new Error(`no run of ${method}`);
  return found;
};

describe("the oracle under a cap", () => {
  test.each([
    ["C", 1],
    ["D", 2],
    ["E", 3],
  ])("S5 class %s, seed %d: never above it", (id, seed) => {
    const { kind, policies, found, oracle } = reference(id, "S5", seed);
    const { scale } = drawMeter(kind, seed);
    let limited = 0;
    for (const [index, bucket] of oracle.entries()) {
      const now = epochMs(BEGIN + (index + 0.5) * SECONDS * 1000);
      const { power = Number.NaN } = limitsAt(policies, now, scale * found.power);
      const told = (scale * bucket.energy) / SECONDS;
      expect(told).toBeLessThanOrEqual(power);
      if (told > 0.9 * power) limited += 1;
    }
    // As near to it as the machine's grain allows, else it would not be the most.
    expect(limited).toBeGreaterThan(oracle.length / 2);
  });

  test("S9: quiet nights cost hashes, days none", () => {
    const { oracle, found } = reference("C", "S9", 1);
    const shares = oracle.map((bucket) => bucket.hashes / (found.rate * SECONDS));
    const night = shares.slice(26, 42);
    expect(Math.max(...night)).toBeLessThan(0.95);
    expect(Math.min(...night)).toBeGreaterThan(0.5);
    expect(Math.min(...shares.slice(0, 26))).toBeGreaterThan(0.995);
  });
});

describe("the oracle of the market", () => {
  test.each([
    ["C", 1],
    ["D", 2],
    ["E", 3],
  ])("class %s, seed %d: no constant point and no rest earns more", (id, seed) => {
    const { kind, unit, oracle, prices = [] } = reference(id, "S6", seed);
    const total = (buckets: readonly Bucket[]) =>
      buckets.reduce((sum, bucket, index) => sum + money(prices[index] ?? {}, bucket), 0);
    const best = total(oracle);
    expect(best).toBeGreaterThan(0);
    const { stock } = kind.spec;
    for (let share = 1; share >= 0.5; share -= 0.02) {
      const frequency = stock.frequency * share;
      const slope = kind.spec.cliff.slope * 1000 * kind.spec.domains;
      const voltage = stock.voltage - slope * (stock.frequency - frequency);
      const { power, rate } = steadyState(kind.spec, unit, { frequency, voltage }, 25);
      const bucket = { energy: power * SECONDS, hashes: rate * SECONDS };
      expect(total(oracle.map(() => bucket))).toBeLessThan(best);
    }
  });

  test("no method without its knowledge earns more", async () => {
    const names = ["stock", "preset -10 %", "preset -25 %", "on/off"];
    const result = await run("C", "S6", 2, names);
    const scores = names.map((name) => scoreOf([result], name, 1));
    for (const score of scores) {
      const { method = Number.NaN, oracle = Number.NaN } = score?.moneyPerDay ?? {};
      expect(method, score?.method).toBeLessThan(oracle);
    }
    const [stock, , , onOff] = scores;
    expect(stock?.captureAll.value).toBeCloseTo(0, 2);
    expect(onOff?.captureAll.value).toBeGreaterThan(0.3);
    expect(runOf(result, "on/off").asleepMinutes).toBeGreaterThan(200);
    const table = tableOf(
      scores.flatMap((score) => score ?? []),
      CLASSES,
      names,
    );
    expect(table).toContain("money won %");
    expect(table).not.toMatch(/NaN|undefined/);
  });
});

describe("what breaks a cap is counted", () => {
  test("S5: stock all day, who follows it hardly, and hashes above it do not count", async () => {
    const result = await run("C", "S5", 1, ["stock", "cap follower"]);
    const { hours } = SCENARIOS.find((each) => each.id === "S5") ?? { hours: 0 };
    expect(runOf(result, "stock").violations).toEqual({ "power cap": hours * 60 - 10 });
    expect(runOf(result, "cap follower").violations["power cap"] ?? 0).toBeLessThan(60);
    const shareOf = (method: string) => scoreOf([result], method, 1)?.captureAll.value;
    expect(shareOf("stock")).toBeLessThan(0.05);
    expect(shareOf("cap follower")).toBeGreaterThan(0.85);
  });

  test("S7: five minutes are free, the rest of both calls is not", async () => {
    const result = await run("D", "S7", 1, ["stock", "cap follower"]);
    expect(runOf(result, "stock").violations).toEqual({ "power cap": 55 + 10 });
    const follower = runOf(result, "cap follower");
    expect(follower.violations).toEqual({});
    expect(follower.asleepMinutes).toBe(60);
    // After a wake of 200 s, and after two presets of 20 s.
    expect(follower.backMinutes[0]).toBeGreaterThanOrEqual(3);
    expect(follower.backMinutes).toHaveLength(2);
  });

  test("S9: eight loud hours less a quarter", async () => {
    const result = await run("E", "S9", 1, ["stock"]);
    expect(runOf(result, "stock").violations).toEqual({ "noise cap": 8 * 60 - 15 });
  });

  test("the same seed gives the same run", async () => {
    const [one, other] = [
      await run("D", "S9", 5, ["cap follower"]),
      await run("D", "S9", 5, ["cap follower"]),
    ];
    expect(runOf(one, "cap follower").buckets).toEqual(runOf(other, "cap follower").buckets);
    expect(one.reference).toEqual(other.reference);
  });
});

describe("sleep", () => {
  let now: EpochMs;
  const pass = (seconds: number) => {
    now = epochMs(now + seconds * 1000);
  };
  const machineOf = (id: string) =>
    new BenchMachine(kindOf(id), { seed: 1, now: () => now, inlet: () => celsius(25) });

  beforeEach(() => {
    now = BEGIN_AT;
  });

  test("mining stops at once and starts again after the start of the class", async () => {
    const machine = machineOf("D");
    const { deadTime, wakeTime = Number.NaN } = kindOf("D");
    expect((await machine.read()).setpoint.sleep?.value).toBe(false);
    await machine.write([{ knob: "sleep", value: true }]);
    pass(600);
    const asleep = await machine.read();
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    expect(asleep.power?.value).toBeLessThan(40);
    expect(asleep.hashrate?.now?.value).toBe(0);
    await expect(machine.write([{ knob: "profile", value: "630 MHz" }])).rejects.toThrow(/sleeps/);
    await machine.write([{ knob: "sleep", value: false }]);
    pass(deadTime + wakeTime - 1);
    expect((await machine.read()).activity?.value).toBe("starting");
    pass(2);
    expect((await machine.read()).activity?.value).toBe("hashing");
    expect(machine.plant.truth.hashrate).toBeGreaterThan(0);
  });

  test("is not offered where the firmware has none", async () => {
    const machine = machineOf("A");
    expect((await machine.read()).controls.sleep).toBeUndefined();
    await expect(machine.write([{ knob: "sleep", value: true }])).rejects.toThrow(/not offered/);
    expect(machine.writes).toBe(0);
  });
});

const BEGIN_AT = epochMs(BEGIN);
