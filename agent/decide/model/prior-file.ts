// The file in which gateways hand on what their machines have taught: plain JSON, checked when read.

import * as z from "zod";
import type { Learnt } from "./learnt.ts";
import { BOUNDS, PARAMETERS, type Parameter } from "./parameters.ts";
import { type Group, joined } from "./prior-group.ts";

export interface ModelEntry {
  readonly model: string;
  /** Name without the version. */
  readonly firmware: string;
  /** Machines that were measured at all. */
  readonly units: number;
  readonly parameters: { readonly [Name in Parameter]?: Group };
}

export interface FleetFile {
  readonly format: "nockd-prior";
  readonly version: 1;
  readonly models: readonly ModelEntry[];
}

const MOST_UNITS = 10_000_000;
const units = z.number().int().min(1).max(MOST_UNITS);
const name = z.string().min(1).max(200);

function groupOf(parameter: Parameter) {
  const { min, max } = BOUNDS[parameter];
  const mean = z.number().min(min).max(max);
  return z.exactOptional(
    z.strictObject({
      units,
      mean,
      deviation: z
        .number()
        .min(0)
        .max(max - min),
    }),
  );
}

const parameters = z.strictObject({
  critical: groupOf("critical"),
  slope: groupOf("slope"),
  spread: groupOf("spread"),
  inversion: groupOf("inversion"),
  fixed: groupOf("fixed"),
  leakage: groupOf("leakage"),
  onset: groupOf("onset"),
  elasticity: groupOf("elasticity"),
});

const fileSchema: z.ZodType<FleetFile> = z.strictObject({
  format: z.literal("nockd-prior"),
  version: z.literal(1),
  models: z.array(z.strictObject({ model: name, firmware: name, units, parameters })).max(5_000),
});

export type ParsedPrior =
  | { readonly ok: true; readonly file: FleetFile }
  | { readonly ok: false; readonly errors: readonly string[] };

const MOST_ERRORS = 20;

/** Every error names field, value and what is expected. Never throws for what a text holds. */
export function parsePriorFile(text: string): ParsedPrior {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (error) {
    return { ok: false, errors: [`not JSON: ${error instanceof Error ? error.message : error}`] };
  }
  const parsed = fileSchema.safeParse(plain);
  if (parsed.success) {
    const twice = repeated(parsed.data);
    return twice.length === 0 ? { ok: true, file: parsed.data } : { ok: false, errors: twice };
  }
  return {
    ok: false,
    errors: parsed.error.issues.slice(0, MOST_ERRORS).map((issue) => explain(issue, plain)),
  };
}

function explain(issue: z.core.$ZodIssue, root: unknown): string {
  const where = issue.path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
  const value = issue.path.reduce<unknown>(
    (at, step) => (at as Record<PropertyKey, unknown> | null | undefined)?.[step],
    root,
  );
  const shown = value === undefined ? "nothing" : (JSON.stringify(value)?.slice(0, 60) ?? "?");
  return `${where === "" ? "the file" : where}: ${shown}: ${issue.message}`;
}

function repeated({ models }: FleetFile): string[] {
  const keys = models.map(({ model, firmware }) => JSON.stringify([model, firmware]));
  return keys.flatMap((key, index) =>
    keys.indexOf(key) === index
      ? []
      : [`models[${index}]: ${key}: expected each model and firmware once`],
  );
}

/** One machine: what it has learnt, and what it is. */
export interface Taught {
  readonly model: string;
  readonly firmware: string;
  readonly learnt: Learnt;
}

export function fleetFileOf(machines: readonly Taught[]): FleetFile {
  return mergedFiles(
    machines.map(({ model, firmware, learnt }) => {
      const single = Object.entries(learnt).map(([parameter, { mean, deviation }]) => {
        const { min, max } = BOUNDS[parameter as Parameter];
        return [parameter, { units: 1, mean: Math.min(max, Math.max(min, mean)), deviation }];
      });
      return [{ model, firmware, units: 1, parameters: Object.fromEntries(single) }];
    }),
  );
}

/** Of several gateways; a machine that is in two of the files is counted twice. */
export const mergeFiles = (files: readonly FleetFile[]): FleetFile =>
  mergedFiles(files.map((file) => file.models));

function mergedFiles(lists: readonly (readonly ModelEntry[])[]): FleetFile {
  const kinds = new Map<string, ModelEntry[]>();
  for (const entry of lists.flat()) {
    const key = JSON.stringify([entry.model, entry.firmware]);
    const found = kinds.get(key);
    if (found === undefined) kinds.set(key, [entry]);
    else found.push(entry);
  }
  const models = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, all]) => merged(all));
  return { format: "nockd-prior", version: 1, models };
}

function merged(entries: readonly ModelEntry[]): ModelEntry[] {
  const [first] = entries;
  if (first === undefined) return [];
  const shared = PARAMETERS.flatMap((parameter) => {
    const groups = entries.flatMap((each) => each.parameters[parameter] ?? []);
    return groups.length === 0 ? [] : [[parameter, joined(groups)]];
  });
  const { model, firmware } = first;
  const count = entries.reduce((sum, each) => sum + each.units, 0);
  return [{ model, firmware, units: count, parameters: Object.fromEntries(shared) }];
}
