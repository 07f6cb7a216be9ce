// Evidence belongs to one machine under one firmware: it is put aside for another, and found again.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recall, remember } from "../../../agent/memory.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import { type Journal, journalFile, openJournal } from "../../../agent/state/journal.ts";
import type { Identity } from "../../../drivers/contract/telemetry.ts";
import { epochMs, milliseconds } from "../../../drivers/contract/units.ts";
import { policies, START } from "../example.ts";
import { runSeries } from "../series.ts";
import { Toy } from "../toy.ts";

const BOTH = policies({ levers: ["voltage", "frequency"], changesPerDay: 1000 });
const MAC = "02:00:00:00:00:01";

/** A machine whose identity is what the test says it is. */
class Named extends Toy {
  identity: Partial<Identity> = { mac: MAC, firmwareVersion: "2025.1" };

  override read(at: number) {
    const whole = super.read(at);
    return { ...whole, identity: { ...whole.identity, ...this.identity } };
  }
}

function tuned(machine: Named, minutes = 200): DeviceState {
  const state = runSeries(machine, BOTH, minutes).at(-1)!.state;
  expect(state.tuning.evidence!.length).toBeGreaterThan(3);
  return state;
}

function look(machine: Named, state: DeviceState): DeviceState {
  const at = epochMs(state.telemetry!.at + 10_000);
  const telemetry = machine.read(at);
  return fold(state, { kind: "reading", at, telemetry, latency: milliseconds(1) });
}

describe("other firmware", () => {
  test("is measured anew, and the old one is remembered when it comes back", () => {
    const machine = new Named();
    const before = tuned(machine);
    machine.identity = { mac: MAC, firmwareVersion: "2025.2" };
    const upgraded = look(machine, before);
    expect(upgraded.tuning).toMatchObject({ phase: "waiting", evaluations: 0 });
    expect(upgraded.tuning.evidence).toBeUndefined();
    // It is the same machine: what it bore today counts, and the upgrade itself is no crash.
    expect(upgraded.changes).toEqual(before.changes);
    expect(upgraded.crashes).toEqual(before.crashes);
    const used = runSeries(machine, BOTH, 60, upgraded).at(-1)!.state;
    machine.identity = { mac: MAC, firmwareVersion: "2025.1" };
    const back = look(machine, used);
    expect(back.tuning.phase).toBe("waiting");
    expect(back.tuning.evidence![0]).toEqual(before.tuning.evidence![0]);
    expect(back.tuning.baseline).toEqual(before.tuning.baseline);
    expect(back.tuning.best).toBeUndefined();
    expect(back.tuning.trial).toBeUndefined();
    const again = runSeries(machine, BOTH, 60, back).at(-1)!.state;
    expect(again.tuning.evidence!.length).toBeGreaterThan(back.tuning.evidence!.length - 1);
    expect(again.tuning.baseline).toEqual(before.tuning.baseline);
  });

  test("another name is other firmware, a version that is not told is not", () => {
    const machine = new Named();
    const before = tuned(machine);
    machine.identity = { mac: MAC };
    expect(look(machine, before).tuning).toBe(before.tuning);
    machine.identity = { mac: MAC, firmware: "Braiins OS", firmwareVersion: "2025.1" };
    expect(look(machine, before).tuning.phase).toBe("waiting");
  });

  test("a machine that the agent put to sleep is woken by it under any firmware", () => {
    const machine = new Named();
    const state = tuned(machine);
    const asleep = { since: epochMs(START), reason: "curtailment" };
    machine.identity = { mac: MAC, firmwareVersion: "2025.2" };
    const next = look(machine, { ...state, tuning: { ...state.tuning, asleep } });
    expect(next.tuning.asleep).toEqual(asleep);
    machine.identity = { mac: MAC, firmwareVersion: "2025.1" };
    const back = look(machine, { ...next, tuning: { ...next.tuning, phase: "waiting" } });
    expect(back.tuning.asleep).toEqual(asleep);
  });

  test("a frozen machine stays frozen when it comes back", () => {
    const machine = new Named();
    const state = tuned(machine);
    const frozenUntil = epochMs(START + 7 * 24 * 3_600_000);
    const frozen = { ...state, tuning: { ...state.tuning, phase: "frozen" as const, frozenUntil } };
    machine.identity = { mac: MAC, firmwareVersion: "2025.2" };
    const other = look(machine, frozen);
    machine.identity = { mac: MAC, firmwareVersion: "2025.1" };
    expect(look(machine, other).tuning).toMatchObject({ phase: "frozen", frozenUntil });
  });
});

describe("a machine that is exchanged", () => {
  test("finds what was learnt when it comes back to its address", () => {
    const machine = new Named();
    const before = tuned(machine);
    machine.identity = { mac: "02:00:00:00:00:02", firmwareVersion: "2025.1" };
    const spare = look(machine, before);
    expect(spare.tuning.evidence).toBeUndefined();
    expect(spare.changes).toEqual([]);
    machine.identity = { mac: MAC, firmwareVersion: "2025.1" };
    expect(look(machine, spare).tuning.baseline).toEqual(before.tuning.baseline);
  });

  test("that tells no MAC and no serial is not taken for the one before it", () => {
    const machine = new Named();
    machine.identity = { model: "Antminer S19k Pro" };
    const before = tuned(machine);
    machine.identity = { model: "Antminer S21" };
    const other = look(machine, before);
    expect(other.shelf).toHaveLength(1);
    machine.identity = { model: "Antminer S19k Pro" };
    expect(look(machine, other).tuning.evidence).toBeUndefined();
  });
});

describe("on disk", () => {
  let folder: string;
  let journal: Journal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nockd-shelf-"));
    journal = openJournal(journalFile(folder));
  });
  afterEach(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });

  test("what is put aside outlives the process, and is written once", () => {
    const machine = new Named();
    const before = tuned(machine);
    remember(journal, before, freshState("toy", START));
    machine.identity = { mac: MAC, firmwareVersion: "2025.2" };
    const upgraded = look(machine, before);
    expect(remember(journal, upgraded, before)).toBe(true);
    expect(remember(journal, upgraded, before)).toBe(false);
    journal.close();
    journal = openJournal(journalFile(folder));
    const again = recall(journal, "toy", upgraded.telemetry!.at);
    expect(again.shelf).toEqual(upgraded.shelf);
    machine.identity = { mac: MAC, firmwareVersion: "2025.1" };
    const back = look(machine, { ...again, telemetry: upgraded.telemetry! });
    expect(back.tuning.baseline).toEqual(before.tuning.baseline);
  });

  test("twenty versions leave four, and a file of bounded size", () => {
    const machine = new Named();
    let state = tuned(machine);
    const { evidence } = state.tuning;
    for (let version = 1; version <= 20; version += 1) {
      machine.identity = { mac: MAC, firmwareVersion: String(version) };
      const next = look(machine, state);
      remember(journal, next, state);
      state = { ...next, tuning: { ...next.tuning, evidence: evidence! } };
    }
    expect(state.shelf).toHaveLength(4);
    expect(state.shelf?.map((each) => each.unit.firmwareVersion)).toEqual(["19", "18", "17", "16"]);
    for (const each of state.shelf ?? [])
      expect(each.tuning.evidence!.length).toBeLessThanOrEqual(12);
    expect(readFileSync(journalFile(folder)).length).toBeLessThan(256 * 1024);
    const record = JSON.stringify(journal.records.get("toy shelf"));
    expect(record.length).toBeLessThan(24 * 1024);
  });

  test("a damaged shelf is left out, the machine is not", () => {
    const state = tuned(new Named());
    remember(journal, state, freshState("toy", START));
    journal.append("toy shelf", [{ unit: { mac: MAC }, tuning: "?" }]);
    const again = recall(journal, "toy", state.telemetry!.at);
    expect(again.shelf).toBeUndefined();
    expect(again.tuning.evidence).toEqual(state.tuning.evidence);
  });
});
