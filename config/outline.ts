// The schema as plain data (JSON Schema), for whoever explains it: errors, example, secrets.

import * as z from "zod";
import { childOf, type Path } from "./plain.ts";
import { configSchema } from "./schema.ts";

export interface Outline {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Outline>>;
  readonly required?: readonly string[];
  readonly items?: Outline;
  readonly oneOf?: readonly Outline[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly unit?: string;
  /** What a text must look like, in words. */
  readonly expected?: string;
  readonly secret?: boolean;
}

let cached: Outline | undefined;

/** The whole schema as it is written in the file: defaults are not filled in. */
export function configOutline(): Outline {
  // zod types its JSON Schema more loosely than the subset that our schemas use.
  cached ??= z.toJSONSchema(configSchema, { io: "input" }) as Outline;
  return cached;
}

/**
 * The outline at a path of `value`; undefined below an unknown key. Where devices differ by driver,
 * the value says which; an unknown driver has the outline of the list of kinds.
 */
export function outlineAt(path: Path, value: unknown): Outline | undefined {
  let outline: Outline | undefined = choose(configOutline(), value);
  let here = value;
  for (const step of path) {
    here = childOf(here, step);
    const next: Outline | undefined =
      typeof step === "number" ? outline?.items : ownProperty(outline?.properties, step);
    outline = next === undefined ? undefined : choose(next, here);
  }
  return outline;
}

function ownProperty(properties: Outline["properties"], key: string): Outline | undefined {
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function choose(outline: Outline, value: unknown): Outline {
  if (outline.oneOf === undefined) return outline;
  const kind = childOf(value, "driver");
  const match = outline.oneOf.find((option) => option.properties?.["driver"]?.const === kind);
  return match ?? { type: "object", properties: { driver: { enum: kindsOf(outline.oneOf) } } };
}

function kindsOf(options: readonly Outline[]): (string | number)[] {
  return options.flatMap((option) => option.properties?.["driver"]?.const ?? []);
}

/** What a value must be, in words: `a whole number from 1 to 65535`. */
export function inWords(outline: Outline): string {
  if (outline.expected !== undefined) return outline.expected;
  if (outline.const !== undefined) return JSON.stringify(outline.const);
  if (outline.enum !== undefined) return oneOf(outline.enum.map((word) => JSON.stringify(word)));
  switch (outline.type) {
    case "integer":
      return `a whole number${rangeOf(outline)}`;
    case "number":
      return `a number${rangeOf(outline)}`;
    case "string":
      return outline.minLength === undefined || outline.minLength === 0
        ? "text"
        : "text that is not empty";
    case "boolean":
      return "true or false";
    case "array":
      return outline.items === undefined ? "a list" : `a list, each ${inWords(outline.items)}`;
    case "object":
      return `keys with values: ${Object.keys(outline.properties ?? {}).join(", ")}`;
    default:
      return "a value";
  }
}

/** `"a", "b" or "c"`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2
    ? (words[0] ?? "nothing")
    : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function rangeOf({ minimum, maximum, unit }: Outline): string {
  const suffix = unit === undefined || unit === "1" ? "" : ` ${unit}`;
  // zod bounds a whole number by what a double counts exactly; that is no range to tell people.
  const low = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}${suffix}`;
  if (low !== undefined) return ` of at least ${low}${suffix}`;
  if (high !== undefined) return ` of at most ${high}${suffix}`;
  return unit === undefined ? "" : ` (${unit})`;
}
