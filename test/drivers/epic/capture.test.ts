// Recorded answers of a real S19 XP, and of the same with its values stated, which lie beside the checkout.

import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { hashesPerSecond } from "../../../drivers/contract/units.ts";
import { chipRates } from "../../../drivers/epic/decode-boards.ts";
import { QUESTIONS } from "../../../drivers/epic/wire.ts";
import {
  type Answers,
  fixture,
  NEVER,
  open,
  PASSWORD,
  RECORDED,
  type Served,
  serve,
} from "./served.ts";

const SHARED = new URL("../../../../shared/captures/", import.meta.url);
const SET = "s19-xp--epic--1.5.13/";
const INDEX = new URL("index.json", SHARED);
const present = existsSync(INDEX);

interface Recorded {
  readonly file: string;
  readonly request: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

interface Index {
  readonly sets: readonly { readonly files: readonly Recorded[] }[];
}

const chipsOf = (answers: Answers, board: number) =>
  chipRates({ answer: QUESTIONS.hashrate.parse(answers["hashrate"]), at: RECORDED }, board);

/** The source's names of values, in ours. */
function stated(telemetry: Telemetry, answers: Answers): Record<string, unknown> {
  const summary = QUESTIONS.summary.parse(answers["summary"]);
  const auto = summary.Fans?.["Fan Mode"]?.Auto;
  return {
    uptime_s: (telemetry.uptime?.value ?? 0) / 1000,
    wattage_w: telemetry.power?.value,
    hashboards: telemetry.boards.length,
    board0_active: telemetry.boards[0]?.enabled,
    board1_chips: telemetry.boards[1]?.chips?.value,
    fan_mode: telemetry.setpoint.fan?.value === "auto" ? "Auto" : "Manual",
    target_temp_c: auto?.["Target Temperature"],
    idle_speed: auto?.["Idle Speed"],
    board1_chip69_hashrate_mhs: (chipsOf(answers, 1)[69]?.hashrate ?? 0) / 1e6,
    board2_chip72_hashrate_mhs: (chipsOf(answers, 2)[72]?.hashrate ?? 0) / 1e6,
  };
}

describe.skipIf(!present)(
  `the capture of an S19 XP${present ? "" : " (not beside this checkout)"}`,
  () => {
    let served: Served;
    let telemetry: Telemetry;
    let files: readonly Recorded[] = [];
    const answers: Answers = {};

    beforeAll(async () => {
      const index = JSON.parse(readFileSync(INDEX, "utf8")) as Index;
      const all = index.sets.flatMap((set) => set.files ?? []);
      files = all.filter(({ file }) => file.includes(SET));
      for (const { file } of files) {
        const name = file.slice(file.indexOf(SET) + SET.length).replace(".json", "");
        const text = readFileSync(new URL(`antminer/${SET}${name}.json`, SHARED), "utf8");
        answers[name.replace("temps_chip", "temps/chip")] = JSON.parse(text);
      }
      served = await serve(answers);
      const session = open(served.port);
      telemetry = await session.read(NEVER);
      await session.close();
    });
    afterAll(() => served.daemon.stop());

    it("gives every stated value", () => {
      expect(files).toHaveLength(8);
      const ours = stated(telemetry, answers);
      for (const { file, expected } of files) expect(ours, file).toMatchObject(expected);
      expect(telemetry.problems).toEqual([]);
    });
  },
);

describe("an S19 XP with one board off", () => {
  let served: Served;
  let telemetry: Telemetry;

  beforeAll(async () => {
    served = await serve(fixture());
    const session = open(served.port, { password: PASSWORD });
    telemetry = await session.read(NEVER);
    await session.close();
  });
  afterAll(() => served.daemon.stop());

  it("is known by name", () => {
    expect(telemetry.identity).toEqual({
      vendor: "Bitmain",
      firmware: "ePIC PowerPlay",
      firmwareVersion: "1.5.13",
      model: "S19 XP",
      modelKnown: true,
      serial: "002000000000000000000001",
      mac: "02:00:5E:10:00:28",
      hostname: "cminer00000001",
      controlBoard: "ePIC UMC",
      psu: "type 118",
    });
    expect(telemetry.algorithm).toBe("sha256");
    expect(telemetry.activity?.value).toBe("hashing");
  });

  it("adds up the rates of its boards, in hashes", () => {
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(99.365848e12, -8);
    expect(telemetry.hashrate?.average?.value).toBeCloseTo(90.07199e12, -8);
    expect(telemetry.hashrate?.average?.window).toBe(23_170_000);
    expect(telemetry.hashrate?.nameplate?.value).toBe(143e12);
    // The board says that 49.44 TH/s are 103.1 % of what its clock promises: the estimator agrees.
    const [, board] = telemetry.boards;
    expect(board?.ideal?.value).toBe(110 * 894 * 487.5 * 1e6);
    expect((board?.ideal?.value ?? 0) * 1.031).toBeCloseTo(board?.hashrate?.value ?? 0, -11);
    expect(telemetry.hashrate?.ideal?.value).toBe(2 * 110 * 894 * 487.5 * 1e6);
  });

  it("reads boards by slot, and nothing of the one that is off but its heat", () => {
    expect(telemetry.boards.map((board) => board.enabled)).toEqual([false, true, true]);
    const [off, first, second] = telemetry.boards;
    expect(off?.hashrate).toBeUndefined();
    expect(off?.frequency).toBeUndefined();
    expect(off?.chips).toBeUndefined();
    expect(off?.boardTemperature).toMatchObject({ value: 42.875, source: "temps" });
    expect(first).toMatchObject({
      serial: "SIMEPIC0000000001",
      chipsExpected: 110,
      chips: { value: 110, source: "hashrate" },
      frequency: { value: 487.5, source: "summary" },
      voltage: { value: 12_600 },
      boardTemperature: { value: 67, source: "summary" },
    });
    expect(second).toMatchObject({
      serial: "SIMEPIC0000000002",
      boardTemperature: { value: 64.312 },
    });
  });

  it("takes zeros of sensors that are not there for nothing", () => {
    expect(telemetry.temperature).toEqual({
      board: { value: 67, at: RECORDED, source: "summary", quality: "ok" },
    });
    expect(telemetry.limits).toEqual({ board: 85 });
    expect(telemetry.boards[1]?.chipTemperature).toBeUndefined();
  });

  it("tells a fan that stands still from one that is not there", () => {
    expect(telemetry.fans.map(({ index, speed }) => [index, speed?.value])).toEqual([
      [0, 5971],
      [1, 0],
      [2, 5942],
      [3, 5745],
    ]);
    expect(telemetry.fans[0]?.duty?.value).toBe(100);
  });

  it("does not say whose watts these are: nothing tells", () => {
    expect(telemetry.power).toMatchObject({ value: 2166.6174, basis: "unknown" });
  });

  it("reads back every knob from one summary", () => {
    const set = Object.entries(telemetry.setpoint).map(([knob, reading]) => [knob, reading.value]);
    expect(Object.fromEntries(set)).toEqual({
      frequency: 485,
      voltage: 12_600,
      profile: "custom",
      mode: "VoltageOptimizer 143 TH/s",
      autotune: true,
      fan: "auto",
      sleep: false,
      locate: false,
      pools: [{ url: "stratum+tcp://pool.example:3334", user: "account.worker", password: "" }],
    });
    expect(Object.values(telemetry.setpoint).every(({ source }) => source === "summary")).toBe(
      true,
    );
  });

  it("knows its pool and its shares", () => {
    expect(telemetry.pools).toEqual([
      {
        index: 0,
        url: "stratum+tcp://pool.example:3334",
        user: "account.worker",
        status: "alive",
        active: true,
        priority: 0,
        difficulty: 262_144,
      },
    ]);
    expect(telemetry.shares?.accepted?.value).toBe(1862);
    expect(telemetry.shares?.rejected?.value).toBe(2);
    expect(telemetry.shares?.lastShareAt?.value).toBe(RECORDED);
    expect(JSON.stringify(telemetry)).not.toContain("sesame");
  });

  it("offers what its presets and its supply allow", () => {
    const { frequency, voltage, profile, mode, fan, pools, powerLimit } = telemetry.controls;
    expect(frequency).toMatchObject({ min: 272, max: 575 });
    // The supply begins at 11.877 V; the highest preset has 13.5 V, though the supply reaches 15.182.
    expect(voltage).toMatchObject({ min: 11_880, max: 13_500, step: 20 });
    expect(profile?.choices.map((choice) => choice.name)).toEqual([
      "272 MHz 12.30 V",
      "337 MHz 12.50 V",
      "407 MHz 12.60 V",
      "482 MHz 12.90 V",
      "485 MHz 12.90 V",
      "525 MHz 13.10 V",
      "575 MHz 13.50 V",
    ]);
    expect(profile?.choices[3]).toMatchObject({
      hashrate: hashesPerSecond(142e12),
      power: 3350,
    });
    expect(mode?.choices).toHaveLength(21);
    expect(mode?.choices.find(({ name }) => name === "VoltageOptimizer 143 TH/s")?.tuned).toBe(
      false,
    );
    expect(fan).toMatchObject({ min: 20, max: 100, auto: true });
    expect(pools?.max).toBe(3);
    // This build has no algorithm that holds watts.
    expect(powerLimit).toBeUndefined();
  });
});

describe("clocks and voltages of chips", () => {
  it("have the shape that the sensors of boards have", () => {
    const answers = fixture();
    const clocks = QUESTIONS.temps.parse(answers["clocks"]);
    expect(clocks.map((board) => board?.Data?.length)).toEqual([110, 110]);
    expect(new Set(clocks.flatMap((board) => board?.Data ?? []))).toEqual(new Set([487.5]));
    const voltages = QUESTIONS.temps.parse(answers["voltages"]);
    expect(new Set(voltages.flatMap((board) => board?.Data ?? []))).toEqual(new Set([0]));
  });
});
