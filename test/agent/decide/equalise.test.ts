import { describe, expect, test } from "vitest";
import { farewell } from "../../../agent/decide/farewell.ts";
import { recalled } from "../../../agent/memory.ts";
import { freshState } from "../../../agent/state/fold.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { policies } from "../example.ts";
import { OffsetToy } from "../offset-toy.ts";
import { actions, type Entry, runSeries } from "../series.ts";

const TUNING = {
  levers: ["voltage", "frequency"],
  changesPerDay: 1000,
  hashrateFloor: 0.9,
  equalise: "chips",
};
const HOUR = 60;
const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);
const passes = (entries: readonly Entry[]) =>
  actions(entries).filter(
    ({ ruled }) =>
      ruled.action?.purpose === "tune" && /Offsets/.test(ruled.action.settings[0]?.knob ?? ""),
  );

/** Up to the turn in which the first pass was sent. */
function untilFirstPass(machine: OffsetToy): Entry {
  let state = freshState("toy", epochMs(1_800_000_000_000));
  for (let hour = 0; hour < 48; hour += 1) {
    for (let minute = 0; minute < HOUR; minute += 1) {
      const entries = runSeries(
        machine,
        policies(TUNING),
        1,
        hour + minute === 0 ? undefined : state,
      );
      const sent = entries.find(({ ruled }) => passes([{ ruled } as Entry]).length > 0);
      state = entries.at(-1)!.state;
      if (sent !== undefined) return entries.at(-1)!;
    }
  }
  throw new Error("no pass in two days");
}

describe("equalising", () => {
  test("comes after the tuner holds, boards first, and takes the voltage lower than one frequency does", () => {
    const [level, apart] = [new OffsetToy(), new OffsetToy()];
    runSeries(level, policies({ ...TUNING, equalise: "off" }), 40 * HOUR);
    const entries = runSeries(apart, policies(TUNING), 40 * HOUR);
    const sent = passes(entries);
    expect(sent[0]?.ruled.action?.settings[0]?.knob).toBe("boardOffsets");
    expect(sent.some(({ ruled }) => ruled.action?.settings[0]?.knob === "chipOffsets")).toBe(true);
    expect(sent[0]?.minute).toBeGreaterThan(4 * HOUR);
    const gaps = sent.slice(1).map((entry, index) => entry.minute - sent[index]!.minute);
    expect(Math.min(...gaps)).toBeGreaterThan(4 * HOUR);
    expect(sum(apart.boardOffsets)).toBe(0);
    for (const row of apart.chipOffsets) expect(sum(row)).toBe(0);
    expect(apart.chipOffsets[0]?.[0]).toBeLessThan(0);
    expect(level.written.every(({ knob }) => !/Offsets/.test(knob))).toBe(true);
    const cost = (toy: OffsetToy) => toy.voltage ** 2 / toy.ratio;
    expect(cost(apart) / cost(level)).toBeLessThan(0.995);
  }, 60_000);

  test("costs a machine that restarts for it one restart a day at most, and none over its budget", () => {
    const machine = new OffsetToy(true);
    const entries = runSeries(machine, policies(TUNING), 96 * HOUR);
    const sent = passes(entries);
    const gaps = sent.slice(1).map((entry, index) => entry.minute - sent[index]!.minute);
    expect(sent.length).toBeGreaterThan(1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(24 * HOUR);
    const spent = new OffsetToy(true);
    const none = runSeries(spent, policies({ ...TUNING, restartsPerDay: 0 }), 30 * HOUR);
    expect(passes(none)).toEqual([]);
    // Asked for again and again, the guard would say no each minute.
    expect(none.some(({ ruled }) => /restarts today/.test(ruled.decision.refused ?? ""))).toBe(
      false,
    );
  }, 60_000);

  test("boards alone where chips are not wanted", () => {
    const machine = new OffsetToy();
    runSeries(machine, policies({ ...TUNING, equalise: "boards" }), 24 * HOUR);
    expect(machine.boardOffsets[0]).toBeLessThan(0);
    expect(machine.chipOffsets.flat().every((each) => each === 0)).toBe(true);
  }, 60_000);

  test("a kill in the middle of a pass: the last known good offsets come back, and a day passes", () => {
    const machine = new OffsetToy();
    const { state } = untilFirstPass(machine);
    expect(machine.boardOffsets[0]).not.toBe(0);
    const tuning = recalled(state.tuning, state.telemetry!.at);
    expect(tuning.equaliser?.pass).toBeUndefined();
    const after = runSeries(machine, policies(TUNING), 20, {
      ...state,
      tuning,
      telemetry: undefined!,
    });
    expect(machine.boardOffsets).toEqual([0, 0]);
    expect(actions(after)[0]?.ruled.action?.purpose).toBe("restore");
    const later = runSeries(machine, policies(TUNING), 20 * HOUR, after.at(-1)!.state);
    expect(passes(later)).toEqual([]);
  }, 60_000);

  test("a restart in the middle of a pass gives it up", () => {
    const machine = new OffsetToy();
    const { state } = untilFirstPass(machine);
    machine.crash(state.telemetry!.at + 1000);
    const after = runSeries(machine, policies(TUNING), 30, state);
    const { equaliser } = after.at(-1)!.state.tuning;
    expect(equaliser).toMatchObject({ failed: 1, passes: 0, good: { boardOffsets: [0, 0] } });
    expect(equaliser?.pass).toBeUndefined();
  }, 60_000);

  test("a restart later loses the offsets, and they come back before anything else", () => {
    const machine = new OffsetToy();
    const entries = runSeries(machine, policies(TUNING), 20 * HOUR);
    const { state } = entries.at(-1)!;
    const good = state.tuning.equaliser?.good;
    expect(good?.boardOffsets).not.toEqual([0, 0]);
    machine.crash(state.telemetry!.at + 1000);
    const after = runSeries(machine, policies(TUNING), 10, state);
    expect(actions(after)[0]?.ruled.action?.settings[0]?.knob).toBe("boardOffsets");
    expect(machine.boardOffsets).toEqual(good?.boardOffsets);
    expect(machine.chipOffsets).toEqual(good?.chipOffsets);
  }, 60_000);

  test("the agent that goes takes an unproven pass back", () => {
    const machine = new OffsetToy();
    const { state } = untilFirstPass(machine);
    const decision = farewell(state, policies(TUNING), state.telemetry!.at);
    expect(decision.action).toMatchObject({
      purpose: "restore",
      settings: [{ knob: "boardOffsets", value: [0, 0] }],
    });
    expect(decision.tuning.equaliser?.pass).toBeUndefined();
  }, 60_000);

  test("a machine that does not take a pass is left alone for a day", () => {
    const machine = new OffsetToy();
    machine.stubborn = "boardOffsets";
    const entries = runSeries(machine, policies(TUNING), 30 * HOUR);
    expect(passes(entries).length).toBeGreaterThan(0);
    const [first, second] = passes(entries);
    if (second !== undefined) expect(second.minute - first!.minute).toBeGreaterThan(24 * HOUR);
    expect(entries.at(-1)!.state.tuning.equaliser?.failed).toBeGreaterThan(0);
  }, 60_000);

  test.each(["observe", "suggest"] as const)("mode %s sends no pass", (mode) => {
    const machine = new OffsetToy();
    runSeries(machine, policies({ ...TUNING, mode }), 12 * HOUR);
    expect(machine.written).toEqual([]);
  });
});
