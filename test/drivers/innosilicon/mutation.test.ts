// Answers that no machine gave yet: decoding ends in a reading without NaN, whatever is missing or twisted.

import fc from "fast-check";
import { expect, test } from "vitest";
import { epochMs } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/innosilicon/decode.ts";
import {
  All,
  ErrorDetail,
  Overview,
  Pools,
  Stats,
  Summary,
  TuneStatus,
} from "../../../drivers/innosilicon/wire.ts";
import { InnosiliconProgram } from "../../sim/innosilicon-program.ts";
import * as replies from "../../sim/innosilicon-replies.ts";
import { PLANTS, Plant } from "../../sim/plant.ts";

const NOW = epochMs(1_800_000_000_000);
const LATER = epochMs(NOW + 1_000_000);
const program = new InnosiliconProgram(new Plant(PLANTS.s19, { seed: 1, now: NOW }), NOW);
program.advance(LATER);
const facts = {
  program,
  pools: [{ url: "stratum+tcp://a:1", user: "u", pass: "p" }],
  profile: "factory 2",
  errorCode: 24,
};
const FIXTURE: Json = {
  summary: toJson(replies.summary(facts)),
  all: toJson(replies.all(facts)),
  overview: toJson(replies.OVERVIEW),
  tune: toJson(replies.tuneStatus(facts)),
  stats: toJson(replies.stats(facts)),
  pools: { success: true, pools: [{ url: "stratum+tcp://a:1", user: "u", pass: "p" }] },
  error: { success: true, code: "24" },
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

const odd = fc.constantFrom<Json>(
  null,
  "",
  "NaN",
  "nan",
  "-",
  "1e999",
  -1,
  0,
  true,
  [],
  {},
  "Infinity",
);

/** Walks down by `path` and puts `instead` there; undefined drops the key. */
function mutate(value: Json, path: readonly number[], instead: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) return instead ?? null;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return instead ?? null;
  const copy: { [key: string]: Json } = { ...(value as { [key: string]: Json }) };
  if (rest.length === 0 && instead === undefined) delete copy[key];
  else copy[key] = mutate(copy[key] ?? null, rest, instead);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

const mutations = fc.array(
  fc.record({
    path: fc.array(fc.nat(40), { minLength: 2, maxLength: 5 }),
    instead: fc.option(odd, { nil: undefined }),
  }),
  { minLength: 1, maxLength: 6 },
);

function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersOf);
}

test("no mutation makes decoding throw or yield a number that is none", () => {
  const property = fc.property(mutations, (list) => {
    const wire = list.reduce<Json>(
      (value, { path, instead }) => mutate(value, path, instead),
      FIXTURE,
    );
    const part = (name: string): unknown => Object(wire)[name];
    const held = <Value>(parsed: { data?: Value | undefined }) =>
      parsed.data === undefined ? undefined : { value: parsed.data, at: NOW };
    const summary = held(Summary.safeParse(part("summary")));
    if (summary === undefined) return;
    const telemetry = decode(
      {
        summary,
        all: held(All.safeParse(part("all"))),
        overview: held(Overview.safeParse(part("overview"))),
        tune: held(TuneStatus.safeParse(part("tune"))),
        stats: held(Stats.safeParse(part("stats"))),
        pools: held(Pools.safeParse(part("pools"))),
        error: held(ErrorDetail.safeParse(part("error"))),
      },
      true,
      [],
      LATER,
    );
    expect(numbersOf(telemetry).filter((value) => !Number.isFinite(value))).toEqual([]);
  });
  fc.assert(property, { numRuns: 300, seed: 20_260_701 });
});
