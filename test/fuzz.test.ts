// scripts/fuzz in small: 500 inputs for each machine, spread over all that it is asked.

import { afterEach, expect, test } from "vitest";
import { exchange } from "../drivers/transport/tcp.ts";
import { campaign } from "./fuzz/campaign.ts";
import { MACHINES } from "./fuzz/machines.ts";
import { outcomeOf } from "./fuzz/must-hold.ts";
import { replaceNetwork, restoreNetwork } from "./fuzz/network.ts";
import { anyOf, type Parser } from "./fuzz/parser.ts";
import { parsersOf } from "./fuzz/replies.ts";
import { TRANSPORT } from "./fuzz/transport.ts";
import { writeParsersOf } from "./fuzz/writes.ts";

const RUNS = 500;
const SEED = 20_261_124;
/** Milliseconds; five times the limit of scripts/fuzz, for boards that run two test files at once. */
const LIMIT = 250;

afterEach(restoreNetwork);

async function mustHold(parser: Parser): Promise<void> {
  const { broken, inputs, outcomes } = await campaign(parser, RUNS, SEED, LIMIT);
  expect(broken).toBeUndefined();
  expect(inputs).toBe(RUNS);
  // Twists that only break the syntax would test nothing behind it.
  expect(outcomes["read"]).toBeGreaterThan(RUNS / 4);
}

test.each(TRANSPORT)("$name bears 500 twisted inputs", mustHold, 60_000);

test.each(MACHINES)(
  "$name: 500 twisted replies end in a reading or a DeviceError",
  async (machine) => {
    const parsers = await parsersOf(machine);
    expect(parsers.length).toBeGreaterThan(1);
    await mustHold(anyOf(machine.name, parsers));
  },
  60_000,
);

test.each(MACHINES.filter(({ name, kind }) => name === kind))(
  "$name: 100 twisted answers to orders end in a receipt or a DeviceError",
  async (machine) => {
    const orders = await writeParsersOf(machine);
    expect(orders.length).toBeGreaterThan(0);
    const { broken, outcomes } = await campaign(anyOf(machine.name, orders), 100, SEED, LIMIT);
    expect(broken).toBeUndefined();
    expect(outcomes["read"]).toBeGreaterThan(10);
  },
  60_000,
);

test("a parser that is wrong is found, and its counterexample is small", async () => {
  const wrong: Parser = {
    name: "wrong",
    input: (twists) => ({
      identity: JSON.stringify(twists),
      run: () => (twists.some(({ how }) => how > 3) ? { value: Number.NaN } : {}),
    }),
  };
  const { broken } = await campaign(wrong, RUNS, SEED);
  expect(broken).toContain('twists [{"how":4,"at":0,"what":0}]');
  expect(broken).toContain("result.value is NaN");
});

test("the same bytes are decoded once, and counted as often as they came", async () => {
  let decoded = 0;
  const input = (bytes: string) => ({ identity: bytes, run: () => ({ count: ++decoded }) });
  const same: Parser = { name: "same", input: () => input("a") };
  expect(await campaign(same, RUNS, SEED)).toMatchObject({
    inputs: RUNS,
    distinct: 1,
    outcomes: { read: RUNS },
  });
  expect(decoded).toBe(1);
});

test.each<[string, () => unknown, string]>([
  ["a bug", () => JSON.parse("{"), "Expected property name"],
  ["a number that is none", () => ({ a: [{ b: Infinity }] }), "result.a[0].b is Infinity"],
  ["a function from a table", () => ({ status: {}.constructor }), "result.status is a function"],
  ["another prototype", () => Object.create({ polluted: 1 }), "has a prototype of its own"],
  [
    "a changed Object.prototype",
    () => Object.assign(Object.prototype, { polluted: 1 }) && {},
    "Object.prototype was changed",
  ],
])("%s breaks a property", async (_, run, words) => {
  await expect(outcomeOf(run)).rejects.toThrow(words);
});

test("the network is replaced for code that was loaded before", async () => {
  replaceNetwork(({ key }) => ({ bytes: Buffer.from(`to ${key}`), status: 0, headers: {} }));
  const request = { host: "127.0.0.1", port: 1, payload: "hello", deadline: 100 };
  expect(await exchange(request)).toBe("to hello");
  restoreNetwork();
  await expect(exchange(request)).rejects.toMatchObject({ code: "UNREACHABLE" });
});
