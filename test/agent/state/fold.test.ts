import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recall, remember } from "../../../agent/memory.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import { openJournal } from "../../../agent/state/journal.ts";
import { SampleSeries } from "../../../agent/state/sample-series.ts";
import { drift, measure } from "../../../agent/state/samples.ts";
import { epochMs, milliseconds, millivolts } from "../../../drivers/contract/units.ts";
import { type Example, MINUTE, policies, START, telemetry } from "../example.ts";
import { runSeries } from "../series.ts";
import { Toy } from "../toy.ts";

function read(state: DeviceState, example: Example): DeviceState {
  const at = epochMs(example.at);
  return fold(state, {
    kind: "reading",
    at,
    telemetry: telemetry(example),
    latency: milliseconds(3),
  });
}

const lost = (state: DeviceState, at: number): DeviceState =>
  fold(state, { kind: "fault", at: epochMs(at), code: "NO_REPLY", message: "silence" });

describe("the link", () => {
  test("one lost reading is tolerated, two are a machine that is down, one answer brings it back", () => {
    let state = read(freshState("d", START), { at: START });
    expect(state.link).toMatchObject({ status: "up", since: START, failures: 0 });
    state = lost(state, START + 10_000);
    expect(state.link).toMatchObject({ status: "up", failures: 1 });
    state = lost(state, START + 20_000);
    expect(state.link).toMatchObject({ status: "down", since: START + 20_000, code: "NO_REPLY" });
    state = lost(state, START + 30_000);
    expect(state.link).toMatchObject({ status: "down", since: START + 20_000, failures: 3 });
    state = read(state, { at: START + 40_000 });
    expect(state.link).toMatchObject({ status: "up", since: START + 40_000, failures: 0 });
  });

  test("a machine that never answered is down, not merely unknown", () => {
    expect(lost(freshState("d", START), START + 1).link.status).toBe("down");
  });

  test("a lost machine keeps its last reading: it is old, not zero", () => {
    const state = lost(read(freshState("d", START), { at: START, power: 2485 }), START + 10_000);
    expect(state.telemetry?.power?.value).toBe(2485);
    expect(state.telemetry?.at).toBe(START);
  });
});

describe("averages", () => {
  test("start again when the set-point or the activity changes", () => {
    let state = read(freshState("d", START), { at: START });
    state = read(state, { at: START + 10_000 });
    expect(state.samples).toHaveLength(2);
    state = read(state, { at: START + 20_000, setpoint: { voltage: millivolts(13_100) } });
    expect(state.samples).toHaveLength(1);
    expect(state.steadySince).toBe(START + 20_000);
    state = read(state, {
      at: START + 30_000,
      setpoint: { voltage: millivolts(13_100) },
      activity: "ramping",
    });
    expect(state.samples).toHaveLength(0);
  });

  test("start again after the machine was out of sight", () => {
    let state = read(freshState("d", START), { at: START });
    state = lost(lost(state, START + 10_000), START + 20_000);
    state = read(state, { at: START + 20 * MINUTE });
    expect(state.samples).toHaveLength(1);
    expect(state.steadySince).toBe(START + 20 * MINUTE);
  });

  test("an implausible value is not averaged", () => {
    let state = freshState("d", START);
    const odd = telemetry({ at: START });
    const reading = { ...odd, power: { ...odd.power!, quality: "implausible" as const } };
    state = fold(state, {
      kind: "reading",
      at: START,
      telemetry: reading,
      latency: milliseconds(1),
    });
    expect(state.samples.at(0)).not.toHaveProperty("power");
    expect(measure(state, START, {})).toBeUndefined();
  });

  test("drift is the slope of the chip temperature in kelvin a minute", () => {
    const rising = Array.from({ length: 30 }, (_, index) => ({
      at: epochMs(START + index * 10_000),
      chip: 60 + index / 6,
    }));
    expect(drift(SampleSeries.of(rising), epochMs(START + 290_000))).toBeCloseTo(1, 1);
    expect(drift(SampleSeries.of(rising.slice(0, 2)), epochMs(START + 10_000))).toBeUndefined();
  });
});

describe("what is noticed", () => {
  test("a restart nobody asked for is a crash, one that was asked for is not", () => {
    const before = read(freshState("d", START), { at: START, uptime: 3_600_000 });
    expect(read(before, { at: START + 60_000, uptime: 20_000 }).crashes).toEqual([START + 60_000]);
    const asleep = fold(before, {
      kind: "sent",
      at: epochMs(START + 1),
      action: {
        device: "d",
        at: epochMs(START + 1),
        purpose: "operator",
        settings: [{ knob: "sleep", value: true }],
        reason: "x",
      },
      answer: "silent",
      detail: "",
    });
    expect(read(asleep, { at: START + 60_000, uptime: 20_000 }).crashes).toEqual([]);
  });

  test("curtailment by somebody else is no crash, nor is a corrected clock of the machine", () => {
    let state = read(freshState("d", START), { at: START, uptime: 9_000_000 });
    state = read(state, { at: START + 10_000, uptime: 1_000, activity: "sleeping" });
    state = read(state, { at: START + 20_000, uptime: 500 });
    expect(state.crashes).toEqual([]);
    state = read(state, { at: START + 30_000, uptime: 9_000_000 });
    state = read(state, { at: START + 40_000, uptime: 8_990_000 });
    expect(state.crashes).toEqual([]);
    state = read(state, { at: START + 50_000, uptime: 5_000 });
    expect(state.crashes).toHaveLength(1);
  });

  test("an answer that repeats to the digit is frozen until a digit moves", () => {
    let state = read(freshState("d", START), { at: START });
    state = read(state, { at: START + 10_000 });
    state = read(state, { at: START + 20_000 });
    expect(state.frozenSince).toBe(START + 10_000);
    expect(state.samples).toHaveLength(2);
    state = read(state, { at: START + 30_000, rate: 110.9 });
    expect(state.frozenSince).toBeUndefined();
  });
});

describe("memory", () => {
  test("a trial that was under way when the process died counts as failed", () => {
    const folder = mkdtempSync(join(tmpdir(), "nockd-memory-"));
    const journal = openJournal(join(folder, "journal"));
    const machine = new Toy();
    const entries = runSeries(machine, policies({ levers: ["voltage"] }), 18);
    let before = freshState("toy", START);
    for (const entry of entries) {
      remember(journal, entry.state, before);
      before = entry.state;
    }
    journal.close();
    const again = openJournal(join(folder, "journal"));
    const state = recall(again, "toy", epochMs(START + 20 * MINUTE));
    expect(state.tuning.phase).toBe("reverting");
    expect(state.tuning.trial).toBeUndefined();
    expect(state.tuning.best?.point.voltage).toBe(13_200);
    expect(state.changes).toHaveLength(1);
    const after = runSeries(machine, policies({ levers: ["voltage"] }), 5, { ...state });
    expect(machine.voltage).toBe(13_200);
    expect(after.at(-1)?.state.tuning.exhausted.voltage).toContain("counts as failed");
    again.close();
    rmSync(folder, { recursive: true });
  });

  test("a point that is held costs the disk one record an hour, not one a window", () => {
    const folder = mkdtempSync(join(tmpdir(), "nockd-memory-"));
    const journal = openJournal(join(folder, "journal"));
    const both = policies({ levers: ["voltage", "frequency"], changesPerDay: 1000 });
    const machine = new Toy();
    const tuned = runSeries(machine, both, 900).at(-1)!.state;
    expect(tuned.tuning.phase).toBe("holding");
    let before = freshState("toy", START);
    let records = 0;
    const held = runSeries(machine, both, 120, tuned);
    for (const entry of held) {
      records += remember(journal, entry.state, before) ? 1 : 0;
      before = entry.state;
    }
    expect(held.at(-1)?.state.changes).toEqual(tuned.changes);
    expect(held.at(-1)?.state.tuning.evidence).not.toBe(tuned.tuning.evidence);
    expect(records).toBeGreaterThanOrEqual(2);
    expect(records).toBeLessThanOrEqual(3);
    journal.close();
    rmSync(folder, { recursive: true });
  });

  test("an unknown device starts fresh", () => {
    const folder = mkdtempSync(join(tmpdir(), "nockd-memory-"));
    const journal = openJournal(join(folder, "journal"));
    expect(recall(journal, "new", START).tuning.phase).toBe("waiting");
    journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("another machine at the same address", () => {
  const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02"] as const;
  function trying(): { machine: Toy; state: DeviceState; use: (mac: string) => void } {
    const machine = new Toy();
    const read = machine.read.bind(machine);
    const use = (mac: string) => {
      machine.read = (at) => {
        const whole = read(at);
        return { ...whole, identity: { ...whole.identity, mac } };
      };
    };
    use(MACS[0]);
    const state = runSeries(machine, policies({ levers: ["voltage"] }), 18).at(-1)!.state;
    expect(state.tuning.phase).toBe("trial");
    return { machine, state, use };
  }

  test("inherits neither trial nor good point, and is not written to", () => {
    const { machine, state, use } = trying();
    use(MACS[1]);
    machine.voltage = 12_600;
    machine.written.length = 0;
    const after = runSeries(machine, policies({ levers: ["voltage"] }), 5, state).at(-1)!.state;
    expect(machine.written).toEqual([]);
    expect(after.tuning).toMatchObject({ phase: "baseline", stock: { voltage: 12_600 } });
    expect(after.tuning.trial).toBeUndefined();
    expect(after.unit?.mac).toBe(MACS[1]);
  });

  test("is noticed across a restart of the agent", () => {
    const { machine, state, use } = trying();
    const folder = mkdtempSync(join(tmpdir(), "nockd-unit-"));
    const journal = openJournal(join(folder, "journal"));
    remember(journal, state, freshState("toy", START));
    const again = recall(journal, "toy", state.telemetry!.at);
    expect(again.tuning.phase).toBe("reverting");
    use(MACS[1]);
    const next = fold(again, {
      kind: "reading",
      at: START,
      telemetry: machine.read(state.telemetry!.at + 10_000),
      latency: milliseconds(1),
    });
    expect(next.tuning.phase).toBe("waiting");
    journal.close();
    rmSync(folder, { recursive: true });
  });

  test("a reading that does not tell the address is not another machine", () => {
    const { machine, state } = trying();
    const whole = machine.read(state.telemetry!.at + 10_000);
    const { mac: _untold, ...identity } = whole.identity;
    const reading = { ...whole, identity };
    const latency = milliseconds(1);
    const next = fold(state, { kind: "reading", at: reading.at, telemetry: reading, latency });
    expect(next.tuning.phase).toBe("trial");
    expect(next.unit).toBe(state.unit);
  });
});
