// Why a machine was changed or left alone: made by the head, kept by the journal, told by the command.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { explainDevice } from "../../agent/cli/explain.ts";
import type { Policies } from "../../agent/decide/policies.ts";
import { recall, remember } from "../../agent/memory.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import type { Explanation } from "../../agent/state/explanation.ts";
import { freshState } from "../../agent/state/fold.ts";
import { type Journal, journalFile, openJournal } from "../../agent/state/journal.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { policies, START } from "./example.ts";
import { overhear } from "./overhear.ts";
import { runSeries } from "./series.ts";
import { Toy } from "./toy.ts";

const BOTH = policies({ levers: ["voltage", "frequency"], changesPerDay: 1000 });
const PRICES = { hashpricePerThDay: 0.05, tariffPerKwh: 0.06 };

let folder: string;
let journal: Journal;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-explain-"));
  journal = openJournal(journalFile(folder));
  said = "";
  overhear((text) => {
    said += text;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  journal.close();
  rmSync(folder, { recursive: true });
});

/** The toy, its memory on disk, for so many minutes; the last state and how often the disk was written. */
function live(asked: Policies, minutes: number, machine = new Toy(), from?: DeviceState) {
  let before = from ?? freshState("toy", START);
  let records = 0;
  for (const { state } of runSeries(machine, asked, minutes, from)) {
    records += remember(journal, state, before) ? 1 : 0;
    before = state;
  }
  return { state: before, records };
}

function told(): readonly Explanation[] {
  expect(explainDevice("toy", { state: folder, json: true })).toBe(0);
  const { explained } = JSON.parse(said) as { explained: readonly Explanation[] };
  said = "";
  return explained;
}

describe("a tuned machine", () => {
  test("tells each change with what was seen, asked, expected, chosen and rejected", () => {
    live({ ...BOTH, signals: () => PRICES }, 40);
    const [first] = told();
    expect(first).toMatchObject({
      outcome: "change",
      policy: "tuner",
      settings: ["13.10 V"],
      seen: { basis: "psu", algorithm: "sha256" },
      asked: { words: "efficiency", floor: 0.9, signals: PRICES },
      expected: { against: "here", dead: 0 },
    });
    expect(first!.seen.power).toBeCloseTo(2485, -1);
    expect(first!.seen.ratio).toBeCloseTo(1, 2);
    expect(first!.chosen!.point).toMatchObject({ voltage: 13_100, frequency: 540 });
    const { gain, low, high } = first!.expected!;
    expect(low).toBeLessThan(gain);
    expect(gain).toBeLessThan(high);
    // What it truly saved: (13.1 V / 13.2 V)^2 of the switching share.
    expect(low).toBeLessThan(0.015);
    expect(high).toBeGreaterThan(0.01);
    expect(first!.model).toContain("edge at stock");
    const rejected = first!.rejected!;
    expect(rejected.length).toBeGreaterThanOrEqual(2);
    expect(rejected.length).toBeLessThanOrEqual(4);
    for (const option of rejected) {
      expect(option.why).toMatch(/^(staying|later|too risky|below the floor)/);
      expect(option.point).not.toEqual(first!.chosen!.point);
    }
  });

  test("comes to rest with one explanation, and writes no other while it is held", () => {
    const rest = live(BOTH, 900);
    expect(rest.state.tuning.phase).toBe("holding");
    const [newest, ...older] = told();
    expect(newest).toMatchObject({ outcome: "hold", expected: { against: "found" } });
    expect(newest!.expected!.gain).toBeGreaterThan(0.05);
    expect(newest!.rejected!.some(({ why }) => why!.startsWith("too risky"))).toBe(true);
    expect(older).toHaveLength(5);
    const machine = new Toy();
    machine.voltage = rest.state.telemetry!.setpoint.voltage!.value;
    machine.frequency = rest.state.telemetry!.setpoint.frequency!.value;
    const held = live(BOTH, 30, machine, rest.state);
    expect(held.state.explained).toBe(rest.state.explained);
    expect(held.records).toBeLessThanOrEqual(1);
    expect(JSON.stringify(rest.state.explained).length).toBeLessThan(12_000);
    expect(statSync(journalFile(folder)).size).toBeLessThan(128 * 1024);
  });

  test("in the mode suggest says what it would do, once", () => {
    const suggest = policies({ levers: ["voltage", "frequency"], mode: "suggest" });
    const machine = new Toy();
    live(suggest, 200, machine);
    expect(machine.written).toEqual([]);
    const stories = told();
    expect(stories[0]).toMatchObject({ outcome: "suggestion", settings: ["13.10 V"] });
    expect(stories.filter(({ outcome }) => outcome === "suggestion").length).toBeLessThanOrEqual(2);
    explainDevice("toy", { state: folder });
    expect(said).toContain("WOULD CHANGE to 13.10 V, 540 MHz (tuning.mode is not act)");
  });

  test("tells why the guard refused", () => {
    live(policies({ levers: ["voltage", "frequency"], changesPerDay: 0 }), 40);
    const [newest] = told();
    expect(newest).toMatchObject({ outcome: "refused", refused: "0 changes today already" });
    explainDevice("toy", { state: folder });
    expect(said).toContain("REFUSED 13.10 V, 540 MHz");
    expect(said).toContain("but      the guard refused it: 0 changes today already");
  });

  test("under a cap, tells what the cap costs", () => {
    const capped = { ...BOTH, safety: { ...BOTH.safety, powerMaxWatts: 2_000 } };
    live(capped, 400);
    const stories = told();
    // What is missing to the floor weighs in what is gained: that must be said.
    expect(stories.some(({ expected }) => expected?.of.endsWith("missing to the floor"))).toBe(
      true,
    );
    for (const { rejected, chosen } of stories)
      if (chosen !== undefined) expect(rejected!.length).toBeGreaterThan(0);
    const reasons = stories.flatMap(({ rejected = [] }) => rejected.map(({ why }) => why));
    expect(reasons.some((why) => why?.startsWith("above the cap: "))).toBe(true);
  });
});

test("protection from heat is told too, with the reading it was decided on", () => {
  const machine = new Toy();
  const { state } = live(BOTH, 40, machine);
  machine.ambient = 62;
  live(BOTH, 10, machine, state);
  const story = told().find(({ policy }) => policy === "thermal");
  expect(story).toMatchObject({ outcome: "change", seen: { basis: "psu" } });
  expect(story!.seen.chipTemperature).toBeGreaterThan(85);
  expect(story!.settings.length).toBeGreaterThan(0);
});

describe("across a restart", () => {
  test("the explanations come back, and damaged ones are left out", () => {
    const { state } = live(BOTH, 60);
    journal.close();
    journal = openJournal(journalFile(folder));
    const again = recall(journal, "toy", epochMs(START + 3_600_000));
    expect(again.explained).toEqual(state.explained);
    journal.append("toy why", [{ at: "yesterday" }]);
    expect(recall(journal, "toy", START).explained).toBeUndefined();
    expect(told()).toEqual([]);
  });
});

describe("the command", () => {
  test("reads well at three in the morning", () => {
    live({ ...BOTH, signals: () => PRICES }, 40);
    expect(explainDevice("toy", { state: folder })).toBe(0);
    const lines = said.split("\n");
    expect(lines[0]).toBe("toy: Antminer S19k Pro, on LuxOS");
    expect(said).toMatch(
      /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}CHANGED to 13\.10 V, 540 MHz \[tuner\]/,
    );
    expect(said).toMatch(/seen {5}24\d\d W \(psu\), 1\d\d\.\d\d TH\/s, /);
    expect(said).toMatch(/expected \d\.\d % less energy per hash than where it stood \(95 %: /);
    expect(said).toContain("signals: hashpricePerThDay 0.05, tariffPerKwh 0.06");
    expect(said).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test("names what it knows when the device is unknown, and what it needs", () => {
    live(BOTH, 40);
    expect(explainDevice("m7", { state: folder })).toBe(1);
    expect(said).toBe('nockd: nothing is remembered of "m7"; expected one of toy\n');
    said = "";
    expect(explainDevice("toy", {})).toBe(2);
    expect(said).toContain("expected --state DIR or --config FILE");
    said = "";
    expect(explainDevice("toy", { state: join(folder, "nowhere") })).toBe(2);
    expect(said).toContain("is missing; expected the folder that agent.stateDir names");
  });
});
