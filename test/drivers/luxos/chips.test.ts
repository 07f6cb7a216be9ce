// Chips of LuxOS apart from their board: what goes out, what is read back, what a refusal leaves behind.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import { megahertz, milliseconds } from "../../../drivers/contract/units.ts";
import { connectDevice } from "../../../drivers/index.ts";
import { chipTable, WINDOWS } from "../../../drivers/luxos/chips.ts";
import { encode } from "../../../drivers/luxos/encode.ts";
import { ChipAnswer } from "../../../drivers/luxos/wire.ts";
import { type Bench, startBench } from "../../sim/bench.ts";
import type { LuxosMachine } from "../../sim/luxos.ts";
import { VARIANTS } from "../../sim/simulated.ts";
import { NEVER, tryOut } from "../../write-trial.ts";

const MINUTE = 60_000;
const row = (moves: Readonly<Record<number, number>>) =>
  Array.from({ length: 77 }, (_, chip) => megahertz(moves[chip] ?? 0));
const CHIPS: Setting = {
  knob: "chipOffsets",
  value: [row({ 3: 10, 9: -10 }), row({}), row({ 0: -5, 76: 5 })],
};

describe("on the wire", () => {
  const level = [300, 300, 300].map(megahertz);
  const now = {
    boards: [0, 1],
    singleVoltage: true,
    frequency: megahertz(300),
    offsets: [10, -10].map(megahertz),
    chips: {
      clocks: [[310, 315, 305].map(megahertz), [290, 290, 290].map(megahertz)],
      offsets: [[0, 5, -5].map(megahertz), [0, 0, 0].map(megahertz)],
    },
  };
  const sent = (...settings: readonly Setting[]) =>
    encode(settings, now).map((step) =>
      step.kind === "command"
        ? `${step.fields.join(",")}${step.afterRamp === true ? " after the ramp" : ""}`
        : step.kind,
    );

  test("only chips that change are sent, downwards first", () => {
    const value = [[0, -5, 5].map(megahertz), [5, 0, -5].map(megahertz)];
    expect(sent({ knob: "chipOffsets", value })).toEqual([
      "0,305,1",
      "0,315,2",
      "1,285,2",
      "1,295,0",
    ]);
  });

  test("an order for boards is followed by what sets chips apart", () => {
    const after = ["0,305,2 after the ramp", "0,315,1"];
    expect(sent({ knob: "boardOffsets", value: [10, -10].map(megahertz) })).toEqual([
      "0,310",
      "1,290",
      ...after,
    ]);
    expect(sent({ knob: "frequency", value: level[0] ?? megahertz(0) })).toEqual([
      "0,310",
      "1,290",
      ...after,
    ]);
  });

  test("wishes for all three make one set of orders", () => {
    const value = [[-5, 5, 0].map(megahertz), [0, 0, 0].map(megahertz)];
    expect(
      sent(
        { knob: "chipOffsets", value },
        { knob: "frequency", value: megahertz(280) },
        { knob: "boardOffsets", value: [0, 0].map(megahertz) },
      ),
    ).toEqual(["0,280", "1,280", "0,275,0 after the ramp", "0,285,1"]);
  });
});

describe("an answer to healthchipget", () => {
  const chip = (Chip: number, more: object = {}) => ({
    Board: 1,
    Chip,
    Frequency: 300 + Chip,
    "GHS 5m": 270,
    "GHS 15m": 271,
    ...more,
  });
  const table = (...chips: object[]) =>
    chipTable(ChipAnswer.parse({ CHIPS: chips }), 1, WINDOWS.long);

  test("is told in the order of the chain", () => {
    expect(table(chip(2), chip(0), chip(1, { "GHS 15m": 0 }))).toEqual({
      clocks: [300, 301, 302],
      offsets: [-1, 0, 1],
      figures: { rate: [271e9, 0, 271e9], window: WINDOWS.long.length },
    });
  });

  test("tells no rates unless it tells all", () => {
    expect(table(chip(0), chip(1, { "GHS 15m": "?" })).figures).toEqual({});
  });

  test.each([
    ["a chip is left out", [chip(0), chip(2)]],
    ["a chip is told twice", [chip(0), chip(0), chip(1)]],
    ["a frequency is missing", [chip(0, { Frequency: undefined })]],
    ["a chip stands still", [chip(0, { Frequency: 0 })]],
    ["another board answers", [chip(0, { Board: 0 })]],
    ["there is no chip", []],
  ])("is refused when %s", (_what, chips) => {
    expect(() => table(...chips)).toThrow(/healthchipget 1: expected every chip/);
  });
});

describe("on the simulated machine", () => {
  let bench: Bench;
  let machine: LuxosMachine;
  let session: Session;
  const simulated = VARIANTS.find(({ name }) => name === "luxos, by hand");
  beforeEach(async () => {
    bench = await startBench("luxos", 1, simulated && { simulated });
    machine = bench.machine as LuxosMachine;
    session = connectDevice(bench.options, { now: bench.now });
  });
  afterEach(async () => {
    await session.close();
    await machine.stop();
  });
  const chipOrders = () => machine.orders.filter((order) => order.startsWith("frequencyset"));

  test("chips run apart, are read back so, and tell what they deliver", async () => {
    const before = machine.plant.chipRatios(0)[3];
    const state = await tryOut(bench, session, CHIPS);
    expect(state.outcome?.verdict).toBe("applied");
    expect(chipOrders()).toEqual([
      "frequencyset 0 580 9",
      "frequencyset 0 600 3",
      "frequencyset 2 585 0",
      "frequencyset 2 595 76",
    ]);
    expect(machine.session).toBe("");
    expect(machine.plant.chipRatios(0)[3]).not.toBe(before);
    const { setpoint, boards } = await session.read(NEVER);
    expect(setpoint.chipOffsets?.value).toEqual(CHIPS.value);
    expect(boards[2]?.chipFigures?.value.rate).toHaveLength(77);
  });

  test("a refusal in the middle tells how far it came, and the next order repairs it", async () => {
    machine.refuses = (_command, fields) => fields[2] === "3";
    await expect(session.write([CHIPS], NEVER)).rejects.toThrow(
      /frequencyset 0,600,3.*303.*before it: frequencyset 0,580,9/,
    );
    expect(machine.session).toBe("");
    machine.refuses = undefined;
    machine.orders.length = 0;
    const state = await tryOut(bench, session, CHIPS);
    expect(state.outcome?.verdict).toBe("applied");
    expect(chipOrders()).toEqual([
      "frequencyset 0 600 3",
      "frequencyset 2 585 0",
      "frequencyset 2 595 76",
    ]);
  });

  test("without a fresh answer about the chips nothing is sent", async () => {
    await session.read(NEVER);
    machine.drops = { command: "healthchipget", acted: false };
    await expect(session.write([CHIPS], NEVER)).rejects.toThrow(
      /healthchipget 0.*nothing was sent/,
    );
    expect(chipOrders()).toEqual([]);
  });

  test("they are asked every ten minutes, and not of a machine that tunes itself", async () => {
    await session.read(NEVER);
    const start = bench.connections();
    bench.advance(MINUTE / 2);
    await session.read(NEVER);
    expect(bench.connections() - start).toBe(1);
    machine.miner.atmEnabled = true;
    bench.advance(MINUTE / 2);
    const governed = await session.read(NEVER);
    expect(governed.controls.chipOffsets).toBeUndefined();
    expect(governed.setpoint.chipOffsets).toBeUndefined();
    expect(governed.boards[0]?.chipFigures).toBeUndefined();
    // The live reports and those of a minute, no chips.
    expect(bench.connections() - start).toBeLessThanOrEqual(3);
    machine.miner.atmEnabled = false;
    const hour = bench.connections();
    for (let minute = 0; minute < 60; minute += 1) {
      bench.advance(MINUTE);
      await session.read(NEVER);
    }
    // Two a minute, volts every five minutes, three boards every ten.
    expect(bench.connections() - hour).toBeLessThanOrEqual(60 * 2 + 12 + 7 * 3);
    const { boards } = await session.read(NEVER);
    expect(boards[0]?.chipFigures?.value.window).toBe(milliseconds(15 * MINUTE));
  });
});
