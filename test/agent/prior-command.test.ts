// `nockd prior export` and `merge` over journals that the agent's own memory wrote.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkFile } from "../../agent/cli/config-check.ts";
import { exportPrior, mergePriors } from "../../agent/cli/prior.ts";
import { fleetPrior } from "../../agent/decide/model/fleet-prior.ts";
import { generalPrior } from "../../agent/decide/model/prior.ts";
import { parsePriorFile } from "../../agent/decide/model/prior-file.ts";
import { remember } from "../../agent/memory.ts";
import { freshState } from "../../agent/state/fold.ts";
import { journalFile, openJournal } from "../../agent/state/journal.ts";
import { policies, START } from "./example.ts";
import { overhear } from "./overhear.ts";
import { runSeries } from "./series.ts";
import { Toy } from "./toy.ts";

const MODEL = "Antminer S19k Pro";
let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-prior-"));
  said = "";
  overhear((text) => {
    said += text;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

/** A gateway with one tuned machine. */
function gateway(name: string, cliff: number): string {
  const machine = new Toy();
  machine.cliff = cliff;
  const both = policies({ levers: ["voltage", "frequency"], changesPerDay: 1000 });
  const state = runSeries(machine, both, 400).at(-1)!.state;
  const journal = openJournal(journalFile(at(name)));
  remember(journal, state, freshState("toy", START));
  journal.close();
  return at(name);
}

function priorIn(file: string) {
  const parsed = parsePriorFile(readFileSync(file, "utf8"));
  if (!parsed.ok) throw new Error(parsed.errors.join("; "));
  return parsed.file;
}

test("what a journal remembers becomes a prior, and the journal is only read", () => {
  const state = gateway("one", 12_850);
  const before = readFileSync(journalFile(state));
  // A running agent may be in the middle of a line.
  appendFileSync(journalFile(state), '0000 ["to');
  expect(exportPrior({ state: [state], out: at("a.json") })).toBe(0);
  expect(said).toBe(`${MODEL} on LuxOS: 1 machine\n`);
  expect(readFileSync(journalFile(state)).subarray(0, before.length)).toEqual(before);
  const { critical } = priorIn(at("a.json")).models[0]!.parameters;
  // The toy's edge: 12,850 mV of 13,200 mV.
  expect(Math.abs(critical!.mean - 0.9735)).toBeLessThan(0.012);
  const kin = { watts: 2485, model: MODEL, firmware: "LuxOS" };
  const believed = fleetPrior(priorIn(at("a.json")))(kin).cliff.critical;
  expect(believed).not.toEqual(generalPrior(kin).cliff.critical);
});

test("two gateways at once are the same as their files merged", () => {
  const [one, two] = [gateway("one", 12_850), gateway("two", 12_700)];
  expect(exportPrior({ state: [one, two], out: at("both.json") })).toBe(0);
  for (const name of ["one", "two"])
    expect(exportPrior({ state: [at(name)], out: at(`${name}.json`) })).toBe(0);
  expect(mergePriors([at("one.json"), at("two.json")], at("merged.json"))).toBe(0);
  const [both, merged] = [priorIn(at("both.json")), priorIn(at("merged.json"))];
  expect(merged.models[0]!.units).toBe(2);
  const { critical } = both.models[0]!.parameters;
  expect(merged.models[0]!.parameters.critical!.mean).toBeCloseTo(critical!.mean, 9);
  expect(merged.models[0]!.parameters.critical!.deviation).toBeCloseTo(critical!.deviation, 9);
});

test("a gateway that has learnt nothing yet says so", () => {
  openJournal(journalFile(at("new"))).close();
  expect(exportPrior({ state: [at("new")], out: at("a.json") })).toBe(0);
  expect(said).toContain("no machine has taught anything yet");
  expect(priorIn(at("a.json")).models).toEqual([]);
});

test("a wrong command says what was expected, and writes nothing", () => {
  expect(exportPrior({ state: [], out: at("a.json") })).toBe(2);
  expect(said).toContain("expected --state DIR or --config FILE");
  expect(exportPrior({ state: [at("nowhere")], out: at("a.json") })).toBe(2);
  expect(said).toContain("is missing; expected the folder that agent.stateDir names");
  writeFileSync(at("bad.json"), '{"format":"nockd-prior","version":1,"models":[{}]}');
  expect(mergePriors([at("bad.json")], at("a.json"))).toBe(2);
  expect(said).toContain("bad.json: models[0].model: nothing: ");
  expect(() => readFileSync(at("a.json"))).toThrow("ENOENT");
});

test("config check reads the prior that it names", () => {
  writeFileSync(at("nockd.yaml"), `prior: { file: ${at("prior.json")} }\n`);
  expect(checkFile(at("nockd.yaml"))).toBe(2);
  expect(said).toContain("cannot be read: ENOENT; expected a file that `nockd prior export` made");
  writeFileSync(at("prior.json"), '{"format":"nockd-prior","version":1,"models":[]}');
  expect(checkFile(at("nockd.yaml"))).toBe(0);
});
