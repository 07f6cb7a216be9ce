import { describe, expect, test } from "vitest";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import { celsius, epochMs, milliseconds } from "../../../drivers/contract/units.ts";
import { MINUTE, START, telemetry } from "../example.ts";

interface Told {
  readonly chip: number;
  readonly board?: number;
  readonly power?: number;
  readonly basis?: "psu" | "formula";
  readonly noBoard?: true;
}

/** Readings a minute apart; quality of the chip temperature after the last of them. */
function after(...readings: readonly Told[]): string | undefined {
  const state = readings.reduce(
    (known: DeviceState, told, index) => {
      const at = epochMs(START + index * MINUTE);
      const base = telemetry({ at, ...told });
      const ok = { at, source: "t", quality: "ok" as const };
      const board = { ...ok, value: celsius(told.board ?? 55) };
      const temperature = { ...base.temperature, ...(told.noBoard ? {} : { board }) };
      const reading = { ...base, temperature };
      return fold(known, { kind: "reading", at, telemetry: reading, latency: milliseconds(1) });
    },
    freshState("d", START),
  );
  return state.telemetry?.temperature?.chip?.quality;
}

const CALM: Told = { chip: 70 };
const JUMP: Told = { chip: 90 };

describe("a jump of the chip temperature alone", () => {
  test.each([
    ["is doubted", [CALM, JUMP], "implausible"],
    ["stays doubted while it stays", [CALM, JUMP, { chip: 91 }, { chip: 89 }], "implausible"],
    ["downwards is doubted as well", [CALM, { chip: 50 }], "implausible"],
    ["is over when it is back", [CALM, JUMP, CALM], "ok"],
    ["is over near what the board suggests", [CALM, JUMP, { chip: 75, board: 57 }], "ok"],
    ["is heat when it goes on rising", [CALM, JUMP, { chip: 94 }], "ok"],
    ["is heat when the board follows late", [CALM, JUMP, { chip: 90, board: 59 }], "ok"],
    ["is heat when the watts follow late", [CALM, JUMP, { chip: 90, power: 2650 }], "ok"],
    ["is heat when the board warms with it", [CALM, { chip: 90, board: 58 }], "ok"],
    ["is heat when the watts rise with it", [CALM, { chip: 90, power: 2700 }], "ok"],
    ["of few kelvin is believed", [CALM, { chip: 80 }], "ok"],
    ["to what would destroy it is believed", [CALM, { chip: 110 }], "ok"],
    ["is believed where no board is told", [{ ...CALM, noBoard: true }, JUMP], "ok"],
    [
      "is believed where the watts are a formula",
      [
        { ...CALM, basis: "formula" },
        { ...JUMP, basis: "formula" },
      ],
      "ok",
    ],
  ] as const)("%s", (_what, readings, quality) => {
    expect(after(...readings)).toBe(quality);
  });
});
