// The command line of scripts/bench-tune.

import { parseArgs } from "node:util";
import { METHODS } from "./methods.ts";
import { SCENARIOS } from "./scenarios.ts";

export const HELP = `scripts/bench-tune [options]
  --quick            3 units of every class from a cold start, all methods; the product alone elsewhere
  --units N          units of each class (30; with --quick 3 and 1)
  --classes ABC      of the classes, by letter
  --scenarios S1,S3  of the scenarios
  --methods a,b      of the methods, by name
  --floor 0.9        least hashrate that may be left, as a share of stock
  --seed N           of the first unit and of the bootstrap (1)
  --plants FILE      classes from a JSON file instead: see test/tunebench/plants.md
  --example-plants   prints such a file with the standard classes
  --out FOLDER       for result.json and gain.svg (a new temporary folder)
  --processes N      child processes (2)
`;

export interface Options {
  readonly quick: boolean;
  readonly units: number | undefined;
  readonly classes: string | undefined;
  readonly scenarios: readonly string[];
  readonly methods: readonly string[];
  readonly floor: number;
  readonly seed: number;
  readonly plants: string | undefined;
  readonly out: string | undefined;
  readonly processes: number;
  readonly only: "help" | "example" | undefined;
}

/** Throws an Error that names option, value and what is expected. */
export function readOptions(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: "boolean", default: false },
      units: { type: "string" },
      classes: { type: "string" },
      scenarios: { type: "string" },
      methods: { type: "string" },
      floor: { type: "string", default: "0.9" },
      seed: { type: "string", default: "1" },
      plants: { type: "string" },
      "example-plants": { type: "boolean", default: false },
      out: { type: "string" },
      processes: { type: "string", default: "2" },
      help: { type: "boolean", default: false },
    },
  });
  return {
    quick: values.quick,
    units: values.units === undefined ? undefined : whole("--units", values.units, 1, 1000),
    classes: values.classes,
    scenarios: listed(
      "--scenarios",
      values.scenarios,
      SCENARIOS.map((each) => each.id),
    ),
    methods: listed(
      "--methods",
      values.methods,
      METHODS.map((each) => each.name),
    ),
    floor: within("--floor", values.floor, 0.3, 1),
    seed: whole("--seed", values.seed, 0, 1e9),
    plants: values.plants,
    out: values.out,
    processes: whole("--processes", values.processes, 1, 64),
    only: values.help ? "help" : values["example-plants"] ? "example" : undefined,
  };
}

export function within(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= max))
    throw new Error(`${name}: ${text} is not a number within ${min} to ${max}`);
  return value;
}

export function whole(name: string, text: string, min: number, max: number): number {
  const value = within(name, text, min, max);
  if (!Number.isInteger(value)) throw new Error(`${name}: ${text} is not a whole number`);
  return value;
}

function listed(name: string, text: string | undefined, known: readonly string[]): string[] {
  if (text === undefined) return [...known];
  const wanted = text.split(",").map((each) => each.trim());
  for (const each of wanted)
    if (!known.includes(each))
      throw new Error(`${name}: ${each} is not one of ${known.join(", ")}`);
  return wanted;
}
