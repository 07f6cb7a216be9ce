import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { validate } from "../../../drivers/transport/order.ts";
import { decode } from "../../../drivers/vnish/decode.ts";
import { encode } from "../../../drivers/vnish/encode.ts";
import type { Known } from "../../../drivers/vnish/known.ts";
import { type Answers, AT, answers, knownFrom } from "./answers.ts";

const RUNS = { numRuns: 300, seed: 20_260_317 };

type Path = readonly (string | number)[];

function paths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => paths(inner, [...path, key]))];
}

/** Not each of 65 chips. */
const PLACES = paths(answers()).filter((path) => path.length > 0 && Number(path.at(-1)) !== 64);

const DROP = Symbol("drop");
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    DROP,
    null,
    "",
    "NaN",
    "nan",
    "-",
    "m",
    "constructor",
    "__proto__",
    "1e999",
    -1,
    0,
    1e300,
    true,
    [],
    {},
    [null],
    { value: null },
    { miner: null },
  ),
  fc.string({ maxLength: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const mutations = fc.array(fc.tuple(fc.constantFrom(...PLACES), junk), {
  minLength: 1,
  maxLength: 6,
});

function mutate(table: Answers, path: Path, value: unknown): void {
  let at: unknown = table;
  for (const key of path.slice(0, -1)) {
    if (typeof at !== "object" || at === null) return;
    at = (at as Record<string | number, unknown>)[key];
  }
  const last = path.at(-1);
  if (typeof at !== "object" || at === null || last === undefined) return;
  const parent = at as Record<string | number, unknown>;
  if (value === DROP) delete parent[last];
  else parent[last] = value;
}

/** undefined where an answer is refused as a whole, as a session would. */
function heard(changes: readonly (readonly [Path, unknown])[]): Known | undefined {
  const table = structuredClone(answers());
  for (const [path, value] of changes) mutate(table, path, value);
  try {
    return knownFrom(table);
  } catch {
    return undefined;
  }
}

describe("whatever a machine says", () => {
  test("every knob that is offered has an order, a read-back and a range that is one", () => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const known = heard(changes);
        if (known === undefined) return;
        const { controls } = decode(known, AT, [], new Map());
        for (const knob of Object.values(controls)) {
          if ("min" in knob && "max" in knob) expect(knob.min).toBeLessThan(knob.max);
        }
      }),
      RUNS,
    );
  });

  test("a frequency within the range becomes a plan of whole numbers, or is refused", () => {
    fc.assert(
      fc.property(mutations, fc.double({ min: 0, max: 1, noNaN: true }), (changes, share) => {
        const known = heard(changes);
        if (known === undefined) return;
        const { controls, setpoint } = decode(known, AT, [], new Map());
        const range = controls.frequency;
        if (range === undefined) return;
        const value = (range.min + share * (range.max - range.min)) as typeof range.min;
        try {
          validate([{ knob: "frequency", value }], controls);
          const { patch } = encode([{ knob: "frequency", value }], {
            settings: known.settings?.answer,
            frequency: setpoint.frequency?.value,
            voltage: setpoint.voltage?.value,
            manual: true,
            asleep: false,
            fanTarget: undefined,
          });
          expect(Number.isSafeInteger(patch?.overclock?.globals?.freq)).toBe(true);
          expect(Number(patch?.overclock?.globals?.volt)).toBeGreaterThan(0);
        } catch (error) {
          if (!isDeviceError(error)) throw error;
          expect(error.code).toBe("INVALID_SETTING");
        }
      }),
      RUNS,
    );
  });
});
