import { describe, expect, it } from "vitest";
import { samplesOf } from "../../../agent/report/metrics.ts";
import { isWorthReporting } from "../../../agent/report/sample.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import type { Measured } from "../../../agent/state/tuning.ts";
import {
  epochMs,
  hashesPerSecond,
  type JoulesPerHash,
  percent,
  watts,
} from "../../../drivers/contract/units.ts";
import { START, stateOf } from "./states.ts";

const read = (state: DeviceState, name: string) =>
  samplesOf(state).find((sample) => sample.name === name);

const measured = (efficiency: number): Measured => ({
  point: {},
  from: epochMs(START),
  to: epochMs(START),
  samples: 10,
  power: watts(3000),
  basis: "psu",
  rate: hashesPerSecond(120e12),
  efficiency: efficiency as JoulesPerHash,
  uncertainty: 0.001,
});

describe("samplesOf", () => {
  it("has nothing to say about a machine that was never read", () => {
    const { telemetry: _, ...state } = stateOf();
    expect(samplesOf(state)).toEqual([]);
  });

  it("keeps base units and the trade's unit of efficiency", () => {
    const state = stateOf();
    expect(read(state, "Hashrate/Now")).toMatchObject({ value: 120.4e12, unit: "H/s" });
    expect(read(state, "Power")).toMatchObject({ value: 3250, unit: "W" });
    expect(read(state, "Power Basis")?.value).toBe("psu");
    expect(read(state, "Efficiency")?.unit).toBe("J/TH");
    expect(read(state, "Efficiency")?.value).toBeCloseTo(3250 / 119.9, 9);
    expect(read(state, "Board1/Chip Temperature")).toMatchObject({ value: 61, unit: "°C" });
    expect(read(state, "Fan0/Speed")).toMatchObject({ value: 4200, unit: "rpm" });
    expect(read(state, "Started")).toMatchObject({ value: START - 3_600_000, type: "DateTime" });
  });

  it("has null for what was not read, 0 for nothing", () => {
    const state = stateOf();
    expect(read(state, "Temperature/Inlet")).toMatchObject({ value: undefined });
    expect(read(state, "Fan0/Duty")).toMatchObject({ value: undefined });
    expect(read(state, "Board0/Serial")).toMatchObject({ value: undefined });
    const zeros = samplesOf(state).filter((sample) => sample.value === 0);
    expect(zeros.map((sample) => sample.name)).toEqual(["Faults/Count", "Crashes"]);
    const noPools = { ...state, telemetry: { ...state.telemetry!, pools: [] } };
    expect(read(noPools, "Pool/Alive")?.value).toBeUndefined();
  });

  it.each(["stale", "implausible"] as const)(
    "has null for a %s reading and what follows",
    (quality) => {
      const state = stateOf();
      const power = { ...state.telemetry!.power!, quality };
      const bad = { ...state, telemetry: { ...state.telemetry!, power } };
      for (const name of ["Power", "Power Basis", "Efficiency"]) {
        expect(read(bad, name)?.value).toBeUndefined();
      }
      expect(read(bad, "Hashrate/Now")?.value).toBe(120.4e12);
    },
  );

  it("has null for all figures of a machine that repeats an old answer", () => {
    const frozen = { ...stateOf(), frozenSince: epochMs(START) };
    const told = samplesOf(frozen).filter((sample) => sample.value !== undefined);
    expect(told.map((sample) => sample.name.split("/")[0])).not.toContain("Hashrate");
    expect(read(frozen, "Pool/Alive")?.value).toBeUndefined();
    expect(read(frozen, "Board0/Chips")?.value).toBeUndefined();
    expect(read(frozen, "Properties/Model")?.value).toBe("S19k Pro");
    expect(read(frozen, "Tuning/Phase")?.value).toBe("holding");
  });

  it("shows only knobs that exist, the fan's mode apart from its speed", () => {
    const state = stateOf();
    const names = (of: DeviceState) =>
      samplesOf(of)
        .map((sample) => sample.name)
        .filter((name) => name.startsWith("Setpoint/"));
    expect(names(state)).toEqual([]);
    const reading = { at: epochMs(START), source: "config", quality: "ok" } as const;
    const withFan = (value: "auto" | ReturnType<typeof percent>): DeviceState => ({
      ...state,
      telemetry: { ...state.telemetry!, setpoint: { fan: { ...reading, value } } },
    });
    expect(names(withFan("auto"))).toEqual(["Setpoint/Fan", "Setpoint/Fan Auto"]);
    expect(read(withFan("auto"), "Setpoint/Fan")?.value).toBeUndefined();
    expect(read(withFan("auto"), "Setpoint/Fan Auto")?.value).toBe(true);
    expect(read(withFan(percent(40)), "Setpoint/Fan")?.value).toBe(40);
  });

  it("tells the gain as energy saved: positive is better", () => {
    const state = stateOf();
    const tuning = { ...state.tuning, baseline: measured(27e-12), best: measured(24.3e-12) };
    expect(read({ ...state, tuning }, "Tuning/Gain")?.value).toBeCloseTo(10, 9);
    expect(read({ ...state, tuning }, "Tuning/Best Efficiency")?.value).toBeCloseTo(24.3, 9);
    expect(read(state, "Tuning/Gain")?.value).toBeUndefined();
  });

  it("never shows a pool's password", () => {
    expect(read(stateOf(), "Pool/Active URL")?.value).toBe("stratum+tcp://pool.example:3333");
    expect(JSON.stringify(samplesOf(stateOf()))).not.toContain("secret");
  });

  it("uses each name once, whatever its case", () => {
    const names = samplesOf(stateOf({ frequency: 500 })).map((sample) => sample.name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("isWorthReporting", () => {
  it.each([
    [100, 100.9, { relative: 0.01 }, false],
    [100, 101.1, { relative: 0.01 }, true],
    [62, 62.5, { absolute: 0.5 }, false],
    [62, 62.6, { absolute: 0.5 }, true],
    [3250, 3260, { relative: 0.005, absolute: 5 }, false],
    [100, 104, { relative: 0.005, absolute: 5 }, false],
    [1, 0, { absolute: 50 }, true],
    [0, 1, { relative: 0.01, absolute: 50 }, true],
    [5, undefined, { absolute: 50 }, true],
    [undefined, 5, { absolute: 50 }, true],
    [undefined, undefined, undefined, false],
    [4812, 4813, undefined, true],
    ["waits 35 s of 300 s", "waits 40.5 s of 300 s", { words: true }, false],
    ["waits 35 s of 300 s", "tries 13.10 V", { words: true }, true],
  ] as const)("%j -> %j with %j: %s", (last, now, deadband, expected) => {
    expect(isWorthReporting(last, now, deadband)).toBe(expected);
  });
});
