// Answers of all three protocols with something wrong in them: decoding must never invent a number.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Known as BosminerKnown,
  decode as decodeCgminer,
} from "../../../drivers/braiins/cgminer/decode.ts";
import { REPORTS } from "../../../drivers/braiins/cgminer/wire.ts";
import { decode as decodeGraphql } from "../../../drivers/braiins/graphql/decode.ts";
import type { Known as GraphqlKnown } from "../../../drivers/braiins/graphql/known.ts";
import { QUESTIONS as GRAPHQL } from "../../../drivers/braiins/graphql/wire.ts";
import { decode as decodeRest } from "../../../drivers/braiins/rest/decode.ts";
import type { Known as RestKnown } from "../../../drivers/braiins/rest/known.ts";
import { QUESTIONS as REST } from "../../../drivers/braiins/rest/wire.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { BraiinsMachine } from "../../sim/braiins.ts";
import { ANSWERS } from "../../sim/braiins-answers.ts";
import { BOSMINER } from "./bosminer.ts";
import { answersOf } from "./graphql-answers.ts";
import { GraphqlMachine } from "./graphql-machine.ts";
import { spoiled } from "./spoiled.ts";

const AT = epochMs(1_800_000_000_000);
const machine = new BraiinsMachine({ host: "127.0.0.1", seed: 3, now: () => AT });
const rest: Record<string, unknown> = Object.fromEntries(
  Object.entries(ANSWERS).map(([name, answer]) => [name, answer(machine)]),
);
const graphql = answersOf(new GraphqlMachine().state);

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown };
}

/** What a session keeps of the answers: those whose shape holds. */
function heard(shapes: Readonly<Record<string, Schema>>, answers: Record<string, unknown>) {
  const entries = Object.entries(shapes).flatMap(([name, shape]) => {
    const parsed = shape.safeParse(answers[name]);
    return parsed.success ? [[name, { answer: parsed.data, at: AT }] as const] : [];
  });
  return Object.fromEntries(entries);
}

const shapesOf = (questions: Readonly<Record<string, { readonly shape: Schema }>>) =>
  Object.fromEntries(Object.entries(questions).map(([name, { shape }]) => [name, shape]));

type Decode = (answers: Record<string, unknown>) => Telemetry;
const PROTOCOLS: readonly (readonly [string, Record<string, unknown>, Decode])[] = [
  [
    "REST",
    rest,
    (answers) => {
      const known = { answers: heard(shapesOf(REST), answers), steering: "profiles" } as RestKnown;
      return decodeRest(known, AT, []);
    },
  ],
  [
    "GraphQL",
    graphql,
    (answers) => {
      const known = { answers: heard(shapesOf(GRAPHQL), answers) } as GraphqlKnown;
      return decodeGraphql(known, AT, []);
    },
  ],
  ["4028", BOSMINER, (answers) => decodeCgminer(heard(REPORTS, answers) as BosminerKnown, AT, [])],
];

/** Every number in a value, with the way to it. */
function* numbersIn(value: unknown, path = ""): Generator<readonly [string, number]> {
  if (typeof value === "number") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) yield* numbersIn(part, `${path}.${key}`);
}

describe.each(PROTOCOLS)("%s", (_name, answers, decode) => {
  test("whole answers give a whole reading", () => {
    const telemetry = decode(answers);
    expect(telemetry.hashrate?.now).toBeDefined();
    expect(telemetry.boards.length).toBeGreaterThan(1);
    expect(telemetry.power?.value).toBeGreaterThan(0);
  });

  test("spoiled answers never give a number that is none, and never a bug", () => {
    fc.assert(
      fc.property(spoiled(answers), (broken) => {
        try {
          for (const [path, value] of numbersIn(decode(broken))) {
            if (!Number.isFinite(value)) throw new Error(`${path} is ${value}`);
          }
        } catch (error) {
          if (!isDeviceError(error)) throw error;
        }
      }),
      { numRuns: 300, seed: 20_250_806 },
    );
  });

  test("nothing heard is nothing told", () => {
    const telemetry = decode({});
    expect(telemetry.power).toBeUndefined();
    expect(telemetry.hashrate).toBeUndefined();
    expect(telemetry.boards).toEqual([]);
    expect(telemetry.controls).toEqual({});
    expect(telemetry.setpoint).toEqual({});
  });
});

describe("REST in particular", () => {
  const decode = PROTOCOLS[0]?.[2] as Decode;
  const withTuner = (tuner: object, state: object = {}) =>
    decode({ ...rest, configuration: { tuner }, tunerState: { overall_tuner_state: 2, ...state } });

  test("Dynamic Performance Scaling does not pass for the configured target", () => {
    // 25.11: 2431 W in tuner-state, 3031 W in the configuration.
    const telemetry = withTuner(
      { enabled: true, tuner_mode: 1, power_target: { watt: 3031 } },
      { mode_state: { powertargetmodestate: { current_target: { watt: 2431 } } } },
    );
    expect(telemetry.setpoint.profile?.value).toBe("3031 W");
    expect(telemetry.setpoint.powerLimit?.value).toBe(3031);
  });

  test.each([
    [1, "stopped"],
    [2, "hashing"],
    [3, "sleeping"],
    [4, "stopped"],
    [5, "hashing"],
    [0, undefined],
  ])("status %d is %s", (status, activity) => {
    const details = { ...(rest["details"] as object), status, bosminer_uptime_s: 7200 };
    const rate = { real_hashrate: { last_5s: { gigahash_per_second: 140_000 } } };
    const telemetry = decode({
      ...rest,
      details,
      stats: { miner_stats: rate },
      tunerState: { overall_tuner_state: 2 },
    });
    expect(telemetry.activity?.value).toBe(activity);
  });

  test("only fresh entries with a code are faults", () => {
    const entry = (timestamp: string, codes: object[]) => ({
      timestamp,
      message: "m",
      error_codes: codes,
      components: [{ name: "hashboard", index: 2 }],
    });
    const code = { code: "H2", reason: "chain is broken", hint: "" };
    const errors = {
      errors: [
        entry("2027-01-15T07:50:00Z", [code]),
        entry("2027-01-15T07:50:00Z", []),
        entry("2015-01-01T00:00:37Z", [code]),
        entry("no date", [code]),
      ],
    };
    // 2027-01-15T08:00:00Z
    expect(decode({ ...rest, errors }).faults).toEqual([
      { code: "H2", text: "chain is broken", component: "hashboard 2" },
    ]);
  });

  test("the sensor of a machine without chip sensors is a board's", () => {
    const hashboards = {
      hashboards: [{ id: "1", highest_chip_temp: { location: 2, temperature: { degree_c: 61 } } }],
    };
    const board = decode({ ...rest, hashboards }).boards[0];
    expect(board?.chipTemperature).toBeUndefined();
    expect(board?.boardTemperature?.value).toBe(61);
  });

  test("an unknown model is read, and nothing is offered", () => {
    const details = {
      ...(rest["details"] as object),
      miner_identity: { miner_model: "Antminer S99" },
    };
    const telemetry = decode({ ...rest, details });
    expect(telemetry.identity).toMatchObject({ model: "Antminer S99", modelKnown: false });
    expect(telemetry.controls).toEqual({});
  });

  test("with several pool groups, pools are not offered: the others would be lost", () => {
    const group = { name: "a", pools: [{ url: "u", user: "w" }] };
    const telemetry = decode({ ...rest, pools: [group, group] });
    expect(telemetry.pools.map((pool) => pool.group)).toEqual([0, 1]);
    expect(telemetry.controls.pools).toBeUndefined();
  });
});
