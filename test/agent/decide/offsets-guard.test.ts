import { describe, expect, test } from "vitest";
import { guard } from "../../../agent/decide/guard.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { epochMs, megahertz, milliseconds, millivolts } from "../../../drivers/contract/units.ts";
import { policies, START } from "../example.ts";
import { OffsetToy } from "../offset-toy.ts";

const NOW = epochMs(START + 10_000);
const boards = (...value: number[]): Setting => ({
  knob: "boardOffsets",
  value: value.map(megahertz),
});
const chips = (...rows: number[][]): Setting => ({
  knob: "chipOffsets",
  value: rows.map((row) => row.map(megahertz)),
});

function rule(setting: Setting, change: (toy: OffsetToy) => void = () => {}, tuning = {}) {
  const toy = new OffsetToy();
  change(toy);
  const state = fold(freshState("d", START), {
    kind: "reading",
    at: NOW,
    telemetry: toy.read(NOW),
    latency: milliseconds(1),
  });
  const stock = { voltage: millivolts(13_200), frequency: megahertz(540) };
  const action = {
    device: "d",
    at: NOW,
    purpose: "tune" as const,
    settings: [setting],
    reason: "test",
  };
  const known = { ...state, tuning: { ...state.tuning, stock } };
  const decision = { at: NOW, policy: "tuner" as const, action, reason: "", tuning: known.tuning };
  return guard(decision, known, policies({ equalise: "chips", ...tuning }), NOW);
}

describe("the guard on offsets", () => {
  test("lets single boards and chips run above stock while their mean does not", () => {
    expect(rule(boards(75, -75)).action).toBeDefined();
    expect(rule(chips([50, -50, 0, 0], [0, 0, 0, 0])).action).toBeDefined();
  });

  test.each<[string, Setting, (toy: OffsetToy) => void, object, RegExp]>([
    ["a mean that moves", boards(10, 0), () => {}, {}, /sum is 0/],
    ["too far", boards(80, -80), () => {}, {}, /80 MHz is more than 75 MHz/],
    [
      "board and chip together too far",
      chips([50, -50, 0, 0], [0, 0, 0, 0]),
      (toy) => {
        toy.boardOffsets = [40, -40];
      },
      {},
      /90 MHz is more than 75 MHz/,
    ],
    [
      "a mean above stock",
      boards(10, -10),
      (toy) => {
        toy.frequency = 545;
      },
      {},
      /mean of 545 MHz is above the 540 MHz/,
    ],
    ["anything while it is off", boards(10, -10), () => {}, { equalise: "off" }, /equalise is off/],
  ])("refuses %s", (_what, setting, change, tuning, words) => {
    const ruled = rule(setting, change, tuning);
    expect(ruled.action).toBeUndefined();
    expect(ruled.decision.refused).toMatch(words);
  });
});
