// scripts/bench-tune: plans the jobs, runs them in child processes, prints the table, writes the rest.

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentMethod } from "./agent-method.ts";
import { missedAims } from "./aims.ts";
import type { MachineClass } from "./class.ts";
import { CLASSES } from "./classes.ts";
import type { Job, JobResult } from "./job.ts";
import { METHODS } from "./methods.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { pictureOf } from "./picture.ts";
import { parsePlants, printPlants } from "./plants-file.ts";
import { runAll } from "./pool.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { gain, type Score, scoreOf } from "./score.ts";
import { tableOf, WORTHWHILE } from "./table.ts";
import { judge } from "./worth.ts";

const UNITS = 30;
/** Of a cold start, and of every other scenario with the product alone. */
const QUICK_UNITS = { S1: 3, other: 1 };
/** A fortnight takes as long as everything else together. */
const QUICK_LONGEST = 72;

/** The others have nothing to do with the cold start that is drawn. */
const EFFICIENCY = METHODS.filter(({ goals = ["efficiency"] }) => goals.includes("efficiency")).map(
  (each) => each.name,
);

function plan(options: Options, classes: readonly MachineClass[]): Job[] {
  const jobs = SCENARIOS.filter((scenario) => options.scenarios.includes(scenario.id)).flatMap(
    (scenario) => classes.flatMap((kind) => unitsOf(options, scenario, kind, classes)),
  );
  // The longest first, so that no process is left alone with one of them.
  const hours = (job: Job) => SCENARIOS.find((each) => each.id === job.scenario)?.hours ?? 0;
  return jobs.sort((a, b) => hours(b) - hours(a));
}

function unitsOf(
  { quick, units, seed, floor, methods }: Options,
  scenario: Scenario,
  kind: MachineClass,
  classes: readonly MachineClass[],
): Job[] {
  if (quick && scenario.hours > QUICK_LONGEST && kind !== longClass(classes)) return [];
  const alone = quick && scenario.id !== "S1";
  const usual = quick ? (alone ? QUICK_UNITS.other : QUICK_UNITS.S1) : UNITS;
  return Array.from({ length: units ?? usual }, (_, unit) => ({
    kind,
    scenario: scenario.id,
    seed: seed + unit,
    methods: alone ? [agentMethod.name] : methods,
    floor,
  }));
}

const longClass = (classes: readonly MachineClass[]): MachineClass | undefined =>
  classes.find((each) => each.id === "C") ?? classes[0];

function plantsText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--plants: ${file}: expected a file that can be read: ${reason}`);
  }
}

function classesOf(options: Options): readonly MachineClass[] {
  const all =
    options.plants === undefined
      ? CLASSES
      : parsePlants(plantsText(options.plants), options.plants);
  const { classes: wanted } = options;
  if (wanted === undefined) return all;
  const found = all.filter((each) => wanted.includes(each.id));
  if (found.length === 0)
    throw new Error(`--classes: ${wanted} names none of ${all.map((each) => each.id).join(", ")}`);
  return found;
}

function scoresOf(
  results: readonly JobResult[],
  classes: readonly MachineClass[],
  options: Options,
): Score[] {
  return SCENARIOS.flatMap((scenario) =>
    classes.flatMap((kind) => {
      const group = bySeed(
        results.filter((each) => each.scenario === scenario.id && each.classId === kind.id),
      );
      return options.methods.flatMap((method) => scoreOf(group, method, options.seed) ?? []);
    }),
  );
}

/** The order in which jobs end is chance; the bootstrap must not see it. */
const bySeed = (results: readonly JobResult[]): JobResult[] =>
  [...results].sort((a, b) => a.seed - b.seed);

/** One unit for the JSON: what each method came to, and its gain in each half hour. */
function unitRecord(result: JobResult) {
  const { classId, scenario, seed, reference } = result;
  const count = reference.stock.length;
  const rounded = (value: number) => Number(value.toPrecision(5));
  const methods = Object.entries(result.runs).map(([name, run]) => {
    const { buckets: _, cpu, ...rest } = run;
    const gains = Array.from({ length: count }, (_each, bucket) =>
      rounded(gain([judge(result, run, bucket, bucket + 1)])),
    );
    return [name, { ...rest, all: judge(result, run, 0, count), gains, cpu: cpu.map(rounded) }];
  });
  return { classId, scenario, seed, methods: Object.fromEntries(methods) };
}

/** In a log, where no line can be written over, twenty lines are enough. */
const LOG_LINES = 20;

function progress(total: number): (count: number) => void {
  const start = Date.now();
  const inPlace = process.stderr.isTTY;
  const every = inPlace ? 1 : Math.ceil(total / LOG_LINES);
  return (count) => {
    if (count % every !== 0 && count !== total) return;
    const seconds = (Date.now() - start) / 1000;
    const left = Math.round((seconds / count) * (total - count));
    const text = `${count} of ${total} units, ${seconds.toFixed(0)} s, about ${left} s left`;
    const end = count === total ? "\n" : "";
    process.stderr.write(inPlace ? `\r${text}   ${end}` : `${text}\n`);
  };
}

async function bench(options: Options): Promise<void> {
  const classes = classesOf(options);
  const jobs = plan(options, classes);
  const out = options.out ?? mkdtempSync(join(tmpdir(), "nockd-bench-tune-"));
  mkdirSync(out, { recursive: true });
  const start = Date.now();
  const worker = new URL("worker.mjs", import.meta.url).pathname;
  const results = await runAll(worker, options.processes, jobs, progress(jobs.length));
  const scores = scoresOf(results, classes, options);
  const seconds = (Date.now() - start) / 1000;
  const methods = METHODS.map((each) => each.name).filter((name) => options.methods.includes(name));
  process.stdout.write(
    `TuneBench, simulation only: floor ${options.floor} of the stock hashrate, seed ${options.seed}, ${seconds.toFixed(0)} s\n`,
  );
  process.stdout.write(tableOf(scores, classes, methods));
  const drawn = methods.filter((name) => EFFICIENCY.includes(name));
  writeFileSync(join(out, "gain.svg"), pictureOf(results, classes, drawn));
  const missed = missedAims(scores);
  process.stdout.write(
    `\nAims (of J per hash where the oracle gains more than ${100 * WORTHWHILE} %): ${missed.length === 0 ? "all held" : `${missed.length} missed`}\n`,
  );
  for (const words of missed) process.stdout.write(`  ${words}\n`);
  const units = results.map(unitRecord);
  writeFileSync(
    join(out, "result.json"),
    `${JSON.stringify({ options, scores, missed, units })}\n`,
  );
  process.stdout.write(`\n${join(out, "result.json")}\n${join(out, "gain.svg")}\n`);
}

async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`bench-tune: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return;
  }
  if (options.only === "help") process.stdout.write(HELP);
  else if (options.only === "example") process.stdout.write(printPlants(CLASSES));
  else await bench(options);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench-tune: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
