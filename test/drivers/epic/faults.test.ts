// Each way in which an answer goes wrong ends in its own error, in time, and never in a number.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { decode } from "../../../drivers/epic/decode.ts";
import type { Known } from "../../../drivers/epic/known.ts";
import { QUESTIONS, type QuestionName } from "../../../drivers/epic/wire.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import {
  type Answers,
  fixture,
  NEVER,
  open,
  PASSWORD,
  RECORDED,
  type Served,
  serve,
} from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serve(fixture());
});
afterAll(() => served.daemon.stop());

async function readWith(fault: ReplyFault, deadlineSeconds = 0.5) {
  const session = open(served.port, { deadlineSeconds, password: PASSWORD });
  served.daemon.fault = fault;
  try {
    return await session.read(NEVER);
  } finally {
    served.daemon.fault = undefined;
    await session.close();
  }
}

describe("a reading", () => {
  it.each([
    ["truncate", "CONNECTION_LOST"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["silent", "NO_REPLY"],
    ["drip", "NO_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["lost-after-send", "CONNECTION_LOST"],
  ] as const)("with %s ends in %s", async (fault, code) => {
    const before = Date.now();
    await expect(readWith(fault)).rejects.toMatchObject({ code });
    expect(Date.now() - before).toBeLessThan(1500);
  });

  it.each(["split", "double", "control-characters", "without-nul"] as const)(
    "with %s is whole",
    async (fault) => {
      const telemetry = await readWith(fault, 3);
      expect(telemetry.problems).toEqual([]);
      expect(telemetry.hashrate?.now?.value).toBeCloseTo(99.365848e12, -8);
    },
  );

  // The daemon needs its time for it: only the code counts.
  it("without an end ends in REPLY_TOO_LARGE", { timeout: 20_000 }, async () => {
    await expect(readWith("huge", 10)).rejects.toMatchObject({ code: "REPLY_TOO_LARGE" });
  });

  it("with nan has no number where there is none", async () => {
    const telemetry = await readWith("nan", 3);
    expect(telemetry.power).toBeUndefined();
    expect(telemetry.boards[1]?.frequency).toBeUndefined();
    // Lists without names in them pass this fault unharmed.
    expect(telemetry.boards[2]?.boardTemperature).toMatchObject({ value: 64.312, source: "temps" });
    expect(telemetry.shares?.accepted?.value).toBe(1862);
  });

  it("of a machine that is off ends in UNREACHABLE", async () => {
    const gone = await serve({});
    await gone.daemon.stop();
    const session = open(gone.port, { deadlineSeconds: 0.5 });
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNREACHABLE" });
    await session.close();
  });

  it("that is given up ends in ABORTED at once", async () => {
    const session = open(served.port, { deadlineSeconds: 5 });
    served.daemon.fault = "silent";
    const before = Date.now();
    const reading = session.read(AbortSignal.timeout(50));
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
    expect(Date.now() - before).toBeLessThan(1000);
    served.daemon.fault = undefined;
    await session.close();
  });
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ODD: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  null,
  "nan",
  "NaN",
  "",
  "-",
  -1,
  0,
  1e308,
  "1e999",
  true,
  [],
  {},
  [null],
  { Index: "x", Data: [[]] },
  "constructor",
  "__proto__",
);

/** A place in a value: each step is taken modulo what is there. */
const PATH = fc.array(fc.nat(400), { minLength: 1, maxLength: 6 });

function mutate(value: Json, [step, ...rest]: readonly number[], odd: Json | undefined): Json {
  if (typeof value !== "object" || value === null || step === undefined) return odd ?? null;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return odd ?? null;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const slots = copy as Record<string, Json>;
  if (rest.length === 0 && odd === undefined) delete slots[key];
  else slots[key] = mutate(slots[key] ?? null, rest, odd);
  return copy;
}

/** As the session does it: an answer of an unknown shape is no answer. */
function knownFrom(answers: Answers): Known {
  const heard = Object.keys(QUESTIONS).flatMap((name) => {
    const shaped = QUESTIONS[name as QuestionName].safeParse(answers[name]);
    return shaped.success ? [[name, { answer: shaped.data, at: RECORDED }] as const] : [];
  });
  return Object.fromEntries(heard);
}

function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersOf);
}

describe("a mutated machine", () => {
  it("is decoded or refused, and never to NaN or Infinity", { timeout: 60_000 }, () => {
    const base = fixture() as Record<string, Json>;
    const change = fc.record({
      name: fc.constantFrom(...Object.keys(QUESTIONS)),
      path: PATH,
      odd: fc.option(ODD, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const answers = { ...base };
        for (const { name, path, odd } of changes) {
          answers[name] = mutate(answers[name] ?? null, path, odd);
        }
        try {
          const telemetry = decode(knownFrom(answers), {
            at: RECORDED,
            problems: [],
            writable: true,
          });
          expect(numbersOf(telemetry).filter((each) => !Number.isFinite(each))).toEqual([]);
        } catch (error) {
          if (!isDeviceError(error)) throw error;
        }
      }),
      { numRuns: 300, seed: 1_505_013 },
    );
  });
});
