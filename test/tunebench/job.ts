// One unit through one scenario by some methods: the work that goes to a child process.

import { safetyPolicy, tuningPolicy } from "../../config/policy.ts";
import type { MachineClass } from "./class.ts";
import type { Method } from "./method.ts";
import { stock } from "./methods/stock.ts";
import { METHODS } from "./methods.ts";
import { type Reference, referenceOf } from "./reference.ts";
import { runUnit, type UnitResult } from "./run.ts";
import { courseOf, SCENARIOS } from "./scenarios.ts";
import type { Demands, Goal, Policies } from "./site.ts";

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
  readonly goal: Goal;
  readonly reference: Reference;
  readonly runs: Readonly<Record<string, UnitResult>>;
}

export function policiesFor(
  floor: number,
  demands?: Demands,
  face?: MachineClass["interface"],
): Policies {
  const { powerMaxWatts, signals, objective = "efficiency" } = demands ?? {};
  const equalise = face?.kind === "per-chip" ? "chips" : "off";
  return {
    tuning: tuningPolicy.parse({ mode: "act", objective, hashrateFloor: floor, equalise }),
    safety: safetyPolicy.parse(powerMaxWatts === undefined ? {} : { powerMaxWatts }),
    ...(signals === undefined ? {} : { signals }),
  };
}

/** undefined where the scenario says nothing about the class. */
export async function runJob(job: Job): Promise<JobResult | undefined> {
  const scenario = SCENARIOS.find((each) => each.id === job.scenario);
  if (scenario === undefined) throw new Error(`no scenario ${job.scenario}`);
  const kind = scenario.change === undefined ? job.kind : scenario.change(job.kind);
  if (kind === undefined) return undefined;
  const { seed, floor } = job;
  const demands = scenario.demands?.(kind, seed);
  const policies = policiesFor(floor, demands, kind.interface);
  const runs: Record<string, UnitResult> = {};
  for (const method of METHODS) {
    if (!job.methods.includes(method.name) || !suits(method, kind, demands?.goal)) continue;
    const course = courseOf(scenario, kind, seed, policies);
    runs[method.name] = await runUnit(kind, seed, course, method);
  }
  const untouched =
    scenario.knot === undefined
      ? undefined
      : (runs[stock.name] ??
        (await runUnit(kind, seed, courseOf(scenario, kind, seed, policies), stock)));
  const reference = referenceOf(kind, scenario, seed, policies, untouched?.buckets);
  const goal = demands?.goal ?? "efficiency";
  return { classId: kind.id, scenario: scenario.id, seed, floor, goal, reference, runs };
}

const suits = (method: Method, kind: MachineClass, goal: Goal = "efficiency"): boolean =>
  (method.goals ?? ["efficiency"]).includes(goal) && method.fits?.(kind.interface) !== false;
