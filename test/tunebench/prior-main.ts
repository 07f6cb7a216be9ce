// scripts/bench-prior: do machines that others have taught come to their optimum sooner, and as safely?

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { agentMethod, createSchool, type School } from "./agent-method.ts";
import type { MachineClass } from "./class.ts";
import { CLASSES } from "./classes.ts";
import { type JobResult, policiesFor } from "./job.ts";
import type { Method } from "./method.ts";
import { referenceOf } from "./reference.ts";
import { runUnit } from "./run.ts";
import { courseOf, SCENARIOS } from "./scenarios.ts";
import { bucketsTo, median, scoreOf } from "./score.ts";

const HELP = `usage: bench-prior [--classes C] [--teachers 12] [--pupils 12] [--seed 1] [--out FILE]
Teachers learn in S1 with the general prior, made without their chip family; what they learnt is the
prior of other units of the same class. --out keeps that prior.
`;
const FLOOR = 0.9;

const scenario = SCENARIOS.find((each) => each.id === "S1");

async function runOf(kind: MachineClass, seed: number, method: Method) {
  if (scenario === undefined) throw new Error("no scenario S1");
  const policies = policiesFor(FLOOR);
  return await runUnit(kind, seed, courseOf(scenario, kind, seed, policies), method);
}

async function examine(kind: MachineClass, seed: number, { pupil }: School): Promise<JobResult> {
  if (scenario === undefined) throw new Error("no scenario S1");
  const runs = {
    [agentMethod.name]: await runOf(kind, seed, agentMethod),
    [pupil.name]: await runOf(kind, seed, pupil),
  };
  const reference = referenceOf(kind, scenario, seed, policiesFor(FLOOR));
  return {
    classId: kind.id,
    scenario: scenario.id,
    seed,
    floor: FLOOR,
    goal: "efficiency",
    reference,
    runs,
  };
}

function row(results: readonly JobResult[], method: string, seed: number): string {
  const score = scoreOf(results, method, seed);
  if (score === undefined) return "";
  const halves = results.flatMap((result) => {
    const run = result.runs[method];
    return run === undefined ? [] : (bucketsTo(result, run) ?? []);
  });
  const hours = (median(halves) ?? Number.NaN) / 2;
  const total = results.reduce((sum, result) => sum + (result.runs[method]?.excursions ?? 0), 0);
  const share = ({ value, low, high }: typeof score.captureAll) =>
    `${(100 * value).toFixed(1)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
  return [
    method.padEnd(8),
    `95 % of the final gain after ${hours.toFixed(1)} h, ${score.evaluations ?? "-"} writes;`,
    `capture ${share(score.captureAll)} % of 24 h, ${share(score.captureEnd)} % at the end;`,
    `excursions ${total}, at most ${score.excursionsMax}; writes a unit ${score.changes.toFixed(1)}`,
  ].join(" ");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      classes: { type: "string", default: "C" },
      teachers: { type: "string", default: "12" },
      pupils: { type: "string", default: "12" },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const [teachers, pupils, seed] = [values.teachers, values.pupils, values.seed].map(whole);
  if (teachers === undefined || pupils === undefined || seed === undefined) return;
  process.stdout.write(
    `bench-prior, simulation only: S1, ${teachers} teachers from seed ${seed}, ${pupils} pupils after them\n`,
  );
  for (const kind of CLASSES.filter((each) => values.classes.includes(each.id))) {
    const school = createSchool();
    for (const teacher of sequence(seed, teachers)) await runOf(kind, teacher, school.teacher);
    const results: JobResult[] = [];
    for (const pupil of sequence(seed + teachers, pupils))
      results.push(await examine(kind, pupil, school));
    const file = school.file();
    process.stdout.write(`\n${kind.id} ${kind.title}\n${JSON.stringify(file.models)}\n`);
    for (const { name } of [agentMethod, school.pupil])
      process.stdout.write(`${row(results, name, seed)}\n`);
    if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(file)}\n`);
  }
}

const sequence = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 1000)
    throw new Error(`${text} is not a whole number from 0 to 1000`);
  return value;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench-prior: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
