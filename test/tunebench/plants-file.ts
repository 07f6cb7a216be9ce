// Classes of machines from a JSON file: see plants.md.

import * as z from "zod";
import { ALGORITHMS, type Algorithm } from "../../drivers/contract/algorithm.ts";
import { celsius, megahertz, millivolts } from "../../drivers/contract/units.ts";
import type { MachineClass } from "./class.ts";

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const notNegative = z.number().min(0);
const count = z.int().min(1).max(1000);
const isAlgorithm = (text: string): text is Algorithm => Object.hasOwn(ALGORITHMS, text);

const spec = z.strictObject({
  name: z.string().min(1),
  algorithm: z
    .string()
    .refine(isAlgorithm, { error: `one of ${Object.keys(ALGORITHMS).join(", ")}` }),
  boards: z.int().min(1).max(20),
  chipsPerBoard: count,
  hashesPerMhzChip: positive,
  stock: z.strictObject({
    frequency: positive.transform(megahertz),
    voltage: positive.transform(millivolts),
    chipTemperature: z.number().min(0).max(150).transform(celsius),
    fanDuty: z.number().min(1).max(100),
  }),
  domains: count,
  power: z.strictObject({
    chip: z.strictObject({
      switching: positive,
      leakage: notNegative,
      perKelvin: z.number(),
      perVolt: z.number(),
      temperature: z.number(),
      voltage: positive,
    }),
    controller: notNegative,
    standing: z.number(),
  }),
  cliff: z.strictObject({
    voltage: positive,
    frequency: positive,
    temperature: z.number(),
    slope: notNegative,
    inversion: z.number(),
    steepness: positive,
    width: positive,
  }),
  marginSpread: notNegative,
  thermal: z.strictObject({
    resistance: positive,
    sinkShare: share,
    chipTime: positive,
    sinkTime: positive,
    target: z.number().min(0).max(150).transform(celsius),
    airflow: positive,
  }),
  fans: z.strictObject({
    count: z.int().min(0).max(20),
    maxRpm: positive,
    maxWatts: notNegative,
    minDuty: z.number().min(0).max(100),
    idleDuty: z.number().min(0).max(100),
  }),
  psu: z.strictObject({
    rated: positive,
    peak: share,
    best: positive,
    curvature: notNegative,
    standing: notNegative,
  }),
  difficulty: positive,
});

const spread = z.strictObject({
  boardOffset: notNegative,
  chipOffset: notNegative,
  outlierShare: share,
  outlierOffset: z.number(),
  slope: notNegative,
  chipTemperature: notNegative,
  leakageShare: notNegative,
  switching: notNegative,
});

const preset = z.strictObject({
  name: z.string().min(1),
  frequency: positive,
  voltage: positive,
  tuned: z.boolean(),
});

const face = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("manual"), voltageStep: positive, frequencyStep: positive }),
  z.strictObject({
    kind: z.literal("per-chip"),
    voltageStep: positive,
    frequencyStep: positive,
    offsetStep: positive,
    offsetMax: positive,
  }),
  z
    .strictObject({
      kind: z.literal("presets"),
      presets: z.array(preset).min(2).max(200),
      stock: z.string(),
    })
    .refine((each) => each.presets.some(({ name }) => name === each.stock), {
      path: ["stock"],
      error: "the name of one of the presets",
    }),
  z.strictObject({ kind: z.literal("power-limit"), slope: notNegative, step: positive }),
]);

const plant = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9]$/, { error: "one letter or digit" }),
    title: z.string().min(1),
    family: z.string().min(1),
    spec,
    spread,
    interface: face,
    basis: z.enum(["psu", "board"]),
    powerNoise: share,
    powerBias: share,
    deadTime: z.number().min(0).max(7200),
    untunedDeadTime: z.number().min(0).max(7200),
    wakeTime: z.exactOptional(z.number().min(0).max(7200)),
  })
  .refine(({ interface: each, spec: { stock } }) => stockIsPreset(each, stock), {
    path: ["interface", "stock"],
    error: "the preset with frequency and voltage of spec.stock",
  });

function stockIsPreset(
  each: z.output<typeof face>,
  stock: { readonly frequency: number; readonly voltage: number },
): boolean {
  if (each.kind !== "presets") return true;
  const preset = each.presets.find(({ name }) => name === each.stock);
  return preset?.frequency === stock.frequency && preset.voltage === stock.voltage;
}

const plants = z
  .array(plant)
  .min(1)
  .refine((all) => new Set(all.map((each) => each.id)).size === all.length, {
    error: "ids that differ",
  });

/** Throws an Error with one line for each problem: field, value, expected. */
export function parsePlants(text: string, file: string): MachineClass[] {
  const json = parseJson(text, file);
  const parsed = plants.safeParse(json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) =>
    placesOf(issue).map((place) => {
      const path = place.map(String).join(".") || "(the whole file)";
      const found = JSON.stringify(valueAt(json, place)) ?? "nothing";
      return `${file}: ${path}: ${found.slice(0, 80)}: expected ${expected(issue)}`;
    }),
  );
  throw new Error(lines.join("\n"));
}

/** Only the keys of the schema: a nameplate that a spec was made from is not part of the machine. */
export function printPlants(all: readonly MachineClass[]): string {
  const keys: readonly string[] = Object.keys(spec.shape);
  const bare = all.map((kind) => ({
    ...kind,
    spec: Object.fromEntries(Object.entries(kind.spec).filter(([key]) => keys.includes(key))),
  }));
  return `${JSON.stringify(bare, undefined, 2)}\n`;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${file}: is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Of keys that should not be there the keys themselves, else the one place. */
function placesOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  if (issue.code !== "unrecognized_keys") return [issue.path];
  return issue.keys.map((key) => [...issue.path, key]);
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = json;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value;
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `a value of type ${issue.expected}`;
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${String(issue.maximum)}`;
    case "unrecognized_keys":
      return "no such key";
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    default:
      return issue.message;
  }
}
