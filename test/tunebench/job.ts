// One unit through one scenario by some methods: the work that goes to a child process.

import { type Policies, safetyPolicy, tuningPolicy } from "../../config/policy.ts";
import type { MachineClass } from "./class.ts";
import { stock } from "./methods/stock.ts";
import { METHODS } from "./methods.ts";
import { type Reference, referenceOf } from "./reference.ts";
import { runUnit, type UnitResult } from "./run.ts";
import { courseOf, SCENARIOS } from "./scenarios.ts";

export interface Job {
  readonly kind: MachineClass;
  readonly scenario: string;
  readonly seed: number;
  /** By name. */
  readonly methods: readonly string[];
  readonly floor: number;
}

export interface JobResult {
  readonly classId: string;
  readonly scenario: string;
  readonly seed: number;
  readonly floor: number;
  readonly reference: Reference;
  readonly runs: Readonly<Record<string, UnitResult>>;
}

export function policiesFor(floor: number, face?: MachineClass["interface"]): Policies {
  const equalise = face?.kind === "per-chip" ? "chips" : "off";
  return {
    tuning: tuningPolicy.parse({ mode: "act", hashrateFloor: floor, equalise }),
    safety: safetyPolicy.parse({}),
  };
}

/** undefined where the scenario says nothing about the class. */
export async function runJob(job: Job): Promise<JobResult | undefined> {
  const scenario = SCENARIOS.find((each) => each.id === job.scenario);
  if (scenario === undefined) throw new Error(`no scenario ${job.scenario}`);
  const kind = scenario.change === undefined ? job.kind : scenario.change(job.kind);
  if (kind === undefined) return undefined;
  const { seed, floor } = job;
  const policies = policiesFor(floor, kind.interface);
  const runs: Record<string, UnitResult> = {};
  for (const method of METHODS) {
    if (!job.methods.includes(method.name) || method.fits?.(kind.interface) === false) continue;
    const course = courseOf(scenario, kind, seed, policies);
    runs[method.name] = await runUnit(kind, seed, course, method);
  }
  const untouched =
    scenario.knot === undefined
      ? undefined
      : (runs[stock.name] ??
        (await runUnit(kind, seed, courseOf(scenario, kind, seed, policies), stock)));
  const reference = referenceOf(kind, scenario, seed, policies, untouched?.buckets);
  return { classId: kind.id, scenario: scenario.id, seed, floor, reference, runs };
}
