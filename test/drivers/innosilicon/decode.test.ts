// Readings from the answers that protocol notes and the maker's own scripts show.

import { describe, expect, test } from "vitest";
import { epochMs } from "../../../drivers/contract/units.ts";
import { type Answers, decode } from "../../../drivers/innosilicon/decode.ts";
import {
  All,
  ErrorDetail,
  Overview,
  Pools,
  Stats,
  Summary,
  TuneStatus,
} from "../../../drivers/innosilicon/wire.ts";

const NOW = epochMs(1_800_000_000_000);
const AT = epochMs(NOW - 5000);
const held = <Value>(value: Value) => ({ value, at: AT, source: "" });

/** One board of a DragonMint T1 capture: 4.9e6 MH/s a board, strings as cgminer prints them. */
const T1_BOARD = {
  ASC: 0,
  Status: "Alive",
  Temperature: 66.0,
  "MHS av": 4_912_345.1,
  "MHS 5s": "4901000.5",
  "MHS 1m": 4_899_000,
  "MHS 5m": 4_898_000,
  "MHS 15m": 4_897_000,
  "Hash Rate": 4.9,
  Unit: "TH/s",
  "Hash Rate H": 4_897_000_000_000,
  Accepted: 100,
  Rejected: 2,
  "Hardware Errors": 7,
  "Device Elapsed": 7200,
};

function answers(summary: unknown, more: Partial<Record<keyof Answers, unknown>> = {}): Answers {
  return {
    summary: held(Summary.parse(summary)),
    all: more.all === undefined ? undefined : held(All.parse(more.all)),
    overview: more.overview === undefined ? undefined : held(Overview.parse(more.overview)),
    tune: more.tune === undefined ? undefined : held(TuneStatus.parse(more.tune)),
    pools: more.pools === undefined ? undefined : held(Pools.parse(more.pools)),
    error: more.error === undefined ? undefined : held(ErrorDetail.parse(more.error)),
    stats: more.stats === undefined ? undefined : held(Stats.parse(more.stats)),
  };
}

const read = (
  summary: unknown,
  more?: Partial<Record<keyof Answers, unknown>>,
  overclock = false,
) => decode(answers(summary, more), overclock, [], NOW);

describe("rates", () => {
  test("MHS is MH/s on a T1", () => {
    const boards = [0, 1, 2].map((ASC) => ({ ...T1_BOARD, ASC }));
    const { hashrate, algorithm } = read({ DEVS: boards }, { overview: { type: "T1" } });
    expect(algorithm).toBe("sha256");
    expect(hashrate?.now?.value).toBeCloseTo(3 * 4.9010005e12, -3);
    expect(hashrate?.now?.window).toBe(5000);
    expect(hashrate?.average?.value).toBeCloseTo(3 * 4.9123451e12, -3);
    expect(hashrate?.recent).toMatchObject({ value: 3 * 4.897e12, window: 900_000 });
  });

  test("MHS is Sol/s on an A9, which calls itself B29+", () => {
    const board = {
      ASC: 0,
      "MHS av": 17_091.5,
      "MHS 5s": 17_100.2,
      Status: "Alive",
      "Device Elapsed": 90,
    };
    const boards = [0, 1, 2].map((ASC) => ({ ...board, ASC }));
    const telemetry = read({ DEVS: boards }, { overview: { type: "B29+" } });
    expect(telemetry.identity).toMatchObject({ model: "Innosilicon A9", modelKnown: true });
    expect(telemetry.algorithm).toBe("equihash");
    expect(telemetry.hashrate?.average?.value).toBeCloseTo(51_274.5, 6);
  });

  test("an unknown unit is learnt from the rate in base units", () => {
    const board = {
      ASC: 0,
      "MHS av": 250,
      "MHS 5s": 251,
      "Hash Rate H": 250e6,
      "Device Elapsed": 90,
    };
    const { hashrate } = read({ DEVS: [board] }, { overview: { type: "A10s" } });
    expect(hashrate?.now?.value).toBe(251e6);
    expect(hashrate?.nameplate?.value).toBe(720e6);
  });

  test("without any of that there is no rate, rather than a wrong one", () => {
    const board = { ASC: 0, "MHS av": 250, "MHS 5s": 251, "Device Elapsed": 90 };
    const { hashrate, activity } = read({ DEVS: [board] }, { overview: { type: "A10" } });
    expect(hashrate).toBeUndefined();
    expect(activity?.value).toBe("hashing");
  });

  test("a board that does not tell leaves no total", () => {
    const { hashrate } = read(
      { DEVS: [T1_BOARD, { ASC: 1, Status: "Alive", "Device Elapsed": 7200 }] },
      { overview: { type: "T1" } },
    );
    expect(hashrate).toBeUndefined();
  });

  test("three times the nameplate is not believed", () => {
    const board = { ...T1_BOARD, "MHS 5s": 200e6, "Hash Rate H": 200e12 };
    const { hashrate } = read({ DEVS: [board] }, { overview: { type: "T3" } });
    expect(hashrate?.now?.quality).toBe("implausible");
    expect(hashrate?.recent?.quality).toBe("implausible");
  });
});

test("watts, hottest chips, volts and chips come from getAll and from cgminer's stats", () => {
  const telemetry = read(
    { DEVS: [T1_BOARD], HARDWARE: { "Fan duty": 35 } },
    {
      overview: { type: "T3h+", version: { ethaddr: "a0: b0:45: 00:04:b2", hwver: "g19" } },
      all: { all: { power: 3312, chain: [{ ASC: 0, "Temp min": 60, "Temp max": 78 }] } },
      stats: {
        STATS: [
          {
            "Chain ID": 0,
            "Num chips": 114,
            "Num active chips": 113,
            PLL: 620,
            "Voltage Avg": 402.5,
          },
          { ID: "POOL0" },
        ],
      },
    },
  );
  expect(telemetry.power).toEqual({
    value: 3312,
    at: AT,
    source: "getAll",
    quality: "ok",
    basis: "unknown",
  });
  expect(telemetry.identity).toMatchObject({
    mac: "A0:B0:45:00:04:B2",
    controlBoard: "g19",
    model: "Innosilicon T3H+",
  });
  expect(telemetry.boards).toHaveLength(1);
  expect(telemetry.boards[0]).toMatchObject({
    chips: { value: 113 },
    chipsExpected: 114,
    chipTemperature: { value: 78, source: "getAll" },
    boardTemperature: { value: 66, source: "summary" },
    frequency: { value: 620 },
    voltage: { value: 402.5 },
  });
  expect(telemetry.temperature?.chip?.value).toBe(78);
  expect(telemetry.fans).toMatchObject([{ index: 0, duty: { value: 35 } }]);
});

test("what a T2 does not tell is absent, not zero", () => {
  const board = { ...T1_BOARD, Temperature: 0 };
  const telemetry = read(
    { DEVS: [board], HARDWARE: { "Fan duty": 0 } },
    { overview: { type: "T2" } },
  );
  expect(telemetry.power).toBeUndefined();
  expect(telemetry.temperature).toBeUndefined();
  expect(telemetry.fans).toEqual([]);
  expect(telemetry.setpoint).toEqual({});
});

describe("activity", () => {
  test.each([
    ["a rate", {}, false, "hashing"],
    ["a rate while tuning", { "Device Elapsed": 7000 }, true, "ramping"],
    ["tuning that never ends", { "Device Elapsed": 8000 }, true, "hashing"],
    ["no rate at first", { "MHS 5s": 0, "Device Elapsed": 40 }, false, "starting"],
    ["no rate later", { "MHS 5s": 0 }, false, "stopped"],
    ["dead boards with an old rate", { Status: "Dead" }, false, "stopped"],
  ])("%s", (_, changes, tuning, expected) => {
    const board = { ...T1_BOARD, ...changes };
    expect(read({ DEVS: [board], tuning }).activity?.value).toBe(expected);
  });
});

describe("knobs", () => {
  const tune = { mode: "factory", level: "2", isRunning: true, isTuning: false };
  const names = (telemetry: ReturnType<typeof read>) =>
    telemetry.controls.profile?.choices.map(({ name }) => name);

  test("profiles in the order of the slider, overclocking only when asked for", () => {
    const more = { overview: { type: "T2T" }, tune };
    const plain = read({ DEVS: [T1_BOARD] }, more);
    expect(names(plain)).toHaveLength(13);
    expect(names(plain)?.[0]).toBe("efficient 2");
    expect(names(plain)?.at(-1)).toBe("factory 4");
    expect(plain.setpoint.profile).toMatchObject({ value: "factory 2", at: AT });
    expect(names(read({ DEVS: [T1_BOARD] }, more, true))?.at(-1)).toBe("performance 3");
  });

  test("builds before the levels have modes alone", () => {
    const telemetry = read(
      { DEVS: [T1_BOARD] },
      { overview: { type: "T1" }, tune: { mode: "balanced" } },
    );
    expect(names(telemetry)).toEqual(["efficient", "balanced", "factory"]);
    expect(telemetry.setpoint.profile?.value).toBe("balanced");
  });

  test("a mode of another list offers no profile", () => {
    const telemetry = read(
      { DEVS: [T1_BOARD] },
      { overview: { type: "T3" }, tune: { mode: "eco", level: 9 } },
    );
    expect(telemetry.controls.profile).toBeUndefined();
    expect(telemetry.setpoint.profile).toBeUndefined();
  });

  test("an unknown model offers nothing", () => {
    const telemetry = read({ DEVS: [T1_BOARD] }, { overview: { type: "T9" }, tune });
    expect(telemetry.controls).toEqual({});
    expect(telemetry.identity).toMatchObject({ model: "T9", modelKnown: false });
    expect(telemetry.algorithm).toBeUndefined();
  });
});

test("pools, shares and error codes", () => {
  const telemetry = read(
    {
      DEVS: [T1_BOARD, { ...T1_BOARD, ASC: 1, Accepted: "11" }],
      POOLS: [
        {
          POOL: 0,
          URL: "stratum+tcp://a:3333",
          User: "w.1",
          Status: "Alive",
          "Stratum Active": true,
          "Difficulty Accepted": 2048,
          "Last Share Time": 1_799_999_990,
        },
        { POOL: 1, URL: "stratum+tcp://b:3333", User: "w.2", Status: "Dead", "Last Share Time": 0 },
      ],
    },
    { overview: { type: "T1" }, error: { code: "32" } },
  );
  expect(telemetry.pools).toMatchObject([
    { url: "stratum+tcp://a:3333", status: "alive", active: true, lastShareAt: 1_799_999_990_000 },
    { url: "stratum+tcp://b:3333", status: "dead" },
  ]);
  expect(telemetry.pools[1]).not.toHaveProperty("lastShareAt");
  expect(telemetry.shares).toMatchObject({
    accepted: { value: 111 },
    difficultyAccepted: { value: 2048 },
  });
  expect(telemetry.faults).toEqual([{ code: "32", text: "shut down for over-temperature" }]);
  expect(telemetry.uptime?.value).toBe(7_200_000);
});
