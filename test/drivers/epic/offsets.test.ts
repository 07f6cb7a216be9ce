// Clocks of boards and chips apart: what goes out, what the simulated machine does, what is read back.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import { connectDevice } from "../../../drivers/index.ts";
import { type Bench, startBench } from "../../sim/bench.ts";
import type { EpicMachine } from "../../sim/epic.ts";
import { NEVER, tryOut } from "../../write-trial.ts";

const BOARDS: Setting = { knob: "boardOffsets", value: [12.5, -12.5, 0].map(megahertz) };
const ramp = Array.from({ length: 110 }, (_, chip) => megahertz(chip % 2 === 0 ? 6.25 : -6.25));
const level = ramp.map(() => megahertz(0));
const CHIPS: Setting = { knob: "chipOffsets", value: [ramp, level, level] };

let bench: Bench;
let machine: EpicMachine;
let session: Session;
beforeEach(async () => {
  bench = await startBench("epic", 1);
  machine = bench.machine as EpicMachine;
  session = connectDevice(bench.options, { now: bench.now });
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

const clocks = () => machine.plant.truth.boards.map(({ frequency }) => frequency);

describe("boards and chips of PowerPlay", () => {
  test("each board takes a clock of its own, and the common one stays", async () => {
    const state = await tryOut(bench, session, BOARDS);
    expect(state.outcome?.verdict).toBe("applied");
    expect(machine.orders.at(-1)).toBe(
      'tune/clock/board {"v":[{"Index":0,"Data":497.5},{"Index":1,"Data":472.5},{"Index":2,"Data":485}]}',
    );
    expect(clocks()).toEqual([500, 475, 487.5]);
    const { setpoint } = await session.read(NEVER);
    expect(setpoint.frequency?.value).toBe(485);
    expect(setpoint.boardOffsets?.value).toEqual([12.5, -12.5, 0]);
  });

  test("each chip takes a clock of its own, told with what it delivers", async () => {
    const before = machine.plant.chipRatios(0)[0];
    const state = await tryOut(bench, session, CHIPS);
    expect(state.outcome?.verdict).toBe("applied");
    expect(machine.orders.at(-1)).toMatch(
      /^tune\/clock\/chip \{"v":\[\{"Index":0,"Data":\[\[0,491\.25\],\[1,478\.75\],/,
    );
    expect(machine.plant.chipRatios(0)[0]).not.toBe(before);
    const { setpoint, boards } = await session.read(NEVER);
    expect(setpoint.chipOffsets?.value[0]?.slice(0, 3)).toEqual([6.25, -6.25, 6.25]);
    expect(boards[0]?.chipFigures?.value.rate).toHaveLength(110);
    expect(boards[0]?.chipFigures?.value.window).toBe(240_000);
  });

  test("another common frequency, or other volts, leave them apart", async () => {
    await tryOut(bench, session, BOARDS);
    await tryOut(bench, session, CHIPS);
    await tryOut(bench, session, { knob: "voltage", value: millivolts(13_000) });
    expect(machine.orders.at(-1)).toBe("tune/voltage 13000");
    const moved = await tryOut(bench, session, { knob: "frequency", value: megahertz(460) });
    expect(moved.outcome?.verdict).toBe("applied");
    const { setpoint } = await session.read(NEVER);
    expect(setpoint.frequency?.value).toBeCloseTo(460, 1);
    expect(setpoint.boardOffsets?.value).toEqual([12.5, -12.5, 0]);
    expect(setpoint.chipOffsets?.value[0]?.slice(0, 2)).toEqual([6.25, -6.25]);
  });

  test.each<[string, Setting, RegExp]>([
    [
      "a mean that moves",
      { knob: "boardOffsets", value: [12.5, 0, 0].map(megahertz) },
      /whose sum is 0/,
    ],
    ["too few boards", { knob: "boardOffsets", value: [0, 0].map(megahertz) }, /1 \+ 1 \+ 1/],
    ["too far", { knob: "boardOffsets", value: [100, -100, 0].map(megahertz) }, /-75 to 75/],
    ["too few chips", { knob: "chipOffsets", value: [ramp, level] }, /110 \+ 110 \+ 110/],
  ])("refuses %s before anything is sent", async (_what, wish, words) => {
    await session.read(NEVER);
    const before = machine.orders.length;
    await expect(session.write([wish], NEVER)).rejects.toThrow(words);
    expect(machine.orders).toHaveLength(before);
  });
});
