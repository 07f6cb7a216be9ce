// Decoding of single answers, on small pieces with made-up values in the shapes of real builds.

import { describe, expect, test } from "vitest";
import { viewConfig } from "../../../drivers/antminer/config.ts";
import {
  decodeActivity,
  decodeFaults,
  decodePower,
  lastShareAt,
  parseCount,
} from "../../../drivers/antminer/decode.ts";
import {
  boardSlots,
  chainSum,
  decodeFans,
  decodeSlots,
} from "../../../drivers/antminer/decode-boards.ts";
import {
  buildMonth,
  firmwareOf,
  firmwareVersion,
  generationOf,
  sleepMode,
  workModes,
} from "../../../drivers/antminer/firmware.ts";
import { algorithmOf, parseUnit, rateQuality, rateScale } from "../../../drivers/antminer/rate.ts";
import { boardTemperatures, parseSensors } from "../../../drivers/antminer/temperature.ts";
import { decodeReply, powerOf, StatsReply, type StatsRow } from "../../../drivers/antminer/wire.ts";
import { MinerConf } from "../../../drivers/antminer/wire-config.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { findAntminer } from "../../../drivers/hardware/antminer.ts";

const AT = epochMs(1_800_000_000_000);
const row = (fields: Record<string, unknown>): StatsRow =>
  decodeReply(StatsReply, JSON.stringify({ STATS: [fields] }), "stats").STATS[0]!;

describe("sensors", () => {
  test.each([
    ["73-45-64-65", [73, 45, 64, 65]],
    ["-1--1-40-41", [undefined, undefined, 40, 41]],
    ["m-m-m-m", [undefined, undefined, undefined, undefined]],
    ["0-0-0-0", [undefined, undefined, undefined, undefined]],
    ["-83-61", [undefined, 61]],
    ["", []],
    [undefined, []],
    [
      [55, "57", 0],
      [55, 57, undefined],
    ],
    [[], []],
  ])("%j", (raw, values) => {
    expect(parseSensors(raw)).toEqual(values);
  });

  test("the hottest counts; a machine without a believable sensor has no temperature", () => {
    const read = (chip: unknown, chipMax?: unknown) =>
      boardTemperatures({ chip, pcb: "40-50", pic: "", chipMax }, undefined, "stats", AT);
    expect(read("60-72-0--5", 71).chipTemperature).toMatchObject({ value: 72, quality: "ok" });
    expect(read("0-0-0-0", 0).chipTemperature).toBeUndefined();
    expect(read("255-70").chipTemperature).toMatchObject({ value: 70, quality: "ok" });
    expect(read("255-255").chipTemperature).toMatchObject({ value: 255, quality: "implausible" });
    expect(read("60").boardTemperature?.value).toBe(50);
    expect(read("60").inletTemperature).toBeUndefined();
  });

  test.each([
    ["S21+ Hyd", { inletTemperature: 31, outletTemperature: 33, chipTemperature: 65 }],
    ["S19 XP Hyd", { inletTemperature: 44, outletTemperature: 52, chipTemperature: 61 }],
    ["S21 Hyd", { inletTemperature: 43, outletTemperature: 52, chipTemperature: 61 }],
  ])("water of the %s", (name, expected) => {
    const sensors = { chip: "60-61", pcb: "31-32-33-34", pic: "65-52-43-44" };
    const pic = name === "S19 XP Hyd" ? "51-52-43-44" : sensors.pic;
    const read = boardTemperatures({ ...sensors, pic }, findAntminer(name), "stats", AT);
    for (const [place, value] of Object.entries(expected)) {
      expect(read[place as keyof typeof read]?.value, place).toBe(value);
    }
  });
});

test("water that would leave colder than it came is no water", () => {
  const sensors = { chip: "44-44-56-56", pcb: "44-44-52-52", pic: "34-34-42-42" };
  const read = boardTemperatures(sensors, findAntminer("S23 Hyd"), "stats", AT);
  expect(read).toMatchObject({ chipTemperature: { value: 56 }, boardTemperature: { value: 52 } });
  expect(read.inletTemperature).toBeUndefined();
  expect(read.outletTemperature).toBeUndefined();
});

describe("units of rates", () => {
  test.each([
    ["GH", 1e9],
    ["MH/s", 1e6],
    ["H/s", 1],
    ["kSol/s", 1e3],
    ["KSol", 1e3],
    ["TH/s", 1e12],
    ["%", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("unit %j", (raw, unit) => {
    expect(parseUnit(raw)).toBe(unit);
  });

  test.each([
    ["S19", "sha256", {}, 1e9],
    ["L3+", "scrypt", {}, 1e6],
    ["L7", "scrypt", {}, 1e6],
    ["D3", "x11", {}, 1e6],
    ["D9", "x11", {}, 1e9],
    ["E9", "ethash", {}, 1e6],
    ["KS5", "kheavyhash", {}, 1e9],
    ["KS5", "kheavyhash", { unit: "H/s" }, 1],
    ["Z15 Pro", "equihash", { total: 629.01 }, 1e3],
    ["Z15", "equihash", { total: 444_313 }, 1],
    ["Z11", "equihash", { total: 227.4, chains: 227.41 }, 1e3],
    // A machine at a fortieth of its rate is below 2000 Sol/s: the boards tell.
    ["Z11", "equihash", { total: 1900, chains: 1.9 }, 1],
  ] as const)("%s %s %j", (model, algorithm, facts, total) => {
    expect(rateScale({ model, algorithm, ...facts }).total).toBe(total);
  });

  test("board rates of Equihash machines are kSol/s whatever the total is", () => {
    expect(rateScale({ algorithm: "equihash", total: 138_267, chains: 138.3 }).chain).toBe(1e3);
  });

  test("a rate that is no rate of this model is implausible", () => {
    const s21 = findAntminer("Antminer S21");
    expect(rateQuality(203e12, s21)).toBe("ok");
    expect(rateQuality(150e12, s21)).toBe("ok");
    expect(rateQuality(0, s21)).toBe("ok");
    expect(rateQuality(203e9, s21)).toBe("implausible");
    expect(rateQuality(203e15, s21)).toBe("implausible");
    expect(rateQuality(203e15, undefined)).toBe("ok");
  });

  test("the algorithm: table, then the machine's word, then the series of an Antminer", () => {
    expect(algorithmOf(findAntminer("Antminer L7"), undefined, "Antminer L7")).toBe("scrypt");
    expect(algorithmOf(undefined, "Etchash", "Antminer X1")).toBe("ethash");
    expect(algorithmOf(undefined, undefined, "Antminer Z11")).toBe("equihash");
    expect(algorithmOf(undefined, undefined, "Antminer KS7")).toBe("kheavyhash");
    expect(algorithmOf(undefined, undefined, "KS5")).toBeUndefined();
    expect(algorithmOf(undefined, undefined, undefined)).toBeUndefined();
  });
});

describe("boards", () => {
  const s9 = row({
    chain_acn5: 0,
    chain_acn6: 63,
    chain_acn7: 63,
    chain_acn8: 0,
    chain_rate6: "4520.11",
    chain_rate7: "4511.02",
    chain_rate8: "",
    chain_rateideal6: "4531.00",
    temp6: 61,
    temp2_6: 76,
    temp2_7: 74,
    freq_avg6: 650.12,
    chain_hw6: 12,
  });

  test("slots 6 to 8 of an S9, the missing board included", () => {
    const model = findAntminer("Antminer S9");
    const boards = decodeSlots(s9, { model, unit: 1e9, source: "stats", at: AT });
    expect(boards.map((board) => board.index)).toEqual([0, 1, 2]);
    expect(boards[0]).toMatchObject({
      hashrate: { value: 4_520_110_000_000, window: 5000 },
      ideal: { value: 4_531_000_000_000 },
      chips: { value: 63 },
      chipsExpected: 63,
      chipTemperature: { value: 76 },
      boardTemperature: { value: 61 },
      frequency: { value: 650.12 },
      hardwareErrors: { value: 12 },
    });
    expect(boards[2]?.chips?.value).toBe(0);
    expect(boards[2]?.hashrate).toBeUndefined();
    expect(chainSum(s9)).toBeCloseTo(9031.13);
  });

  test.each([
    ["1 to 3", { chain_acn1: 76, chain_acn2: 76, chain_acn3: 76, chain_acn4: 0 }, 3, [1, 2, 3]],
    ["the first missing", { chain_acn1: 0, chain_acn2: 76, chain_acn3: 76 }, 3, [1, 2, 3]],
    ["2 to 4 (Z15 Pro)", { chain_acn2: 6, chain_acn3: 6, chain_acn4: 6 }, 3, [2, 3, 4]],
    ["an unknown model", { chain_acn2: 6, chain_acn4: 6 }, undefined, [2, 4]],
    ["only temperatures", { temp_chip1: "27-27", temp_chip2: "0-0" }, 2, [1, 2]],
    ["no board at all", { "GHS 5s": 1 }, 3, []],
  ])("%s", (_name, fields, boards, slots) => {
    expect(boardSlots(row(fields), boards)).toEqual(slots);
  });

  test("fans: turning ones, and resting ones up to the count", () => {
    const speeds = (fans: readonly unknown[], expected?: number) =>
      decodeFans(fans, expected, "stats", AT).map((fan) => [fan.index, fan.speed?.value]);
    expect(speeds([0, 0, 4200, 4200, 0, 0], 2)).toEqual([
      [2, 4200],
      [3, 4200],
    ]);
    expect(speeds([4000, 0, 4000, 4000], 4)).toContainEqual([1, 0]);
    expect(speeds([0, 0, 0, 0], 4)).toHaveLength(4);
    expect(speeds([0, 0, 0, 0], 0)).toEqual([]);
    expect(speeds(["", undefined, 3000], undefined)).toEqual([[2, 3000]]);
    expect(speeds([], 4)).toEqual([]);
  });
});

test.each([
  [{ rate: 90, elapsed: 301, asleepByMode: false }, "hashing"],
  [{ rate: 90, elapsed: 299, asleepByMode: false }, "ramping"],
  // The mode says sleep, the rate says not yet.
  [{ rate: 90, elapsed: 900, asleepByMode: true }, "hashing"],
  [{ rate: 0, elapsed: 900, asleepByMode: true }, "sleeping"],
  [{ rate: undefined, elapsed: 1, asleepByMode: true }, "sleeping"],
  [{ rate: 0, elapsed: 20, asleepByMode: false }, "starting"],
  [{ rate: 0, elapsed: 900, asleepByMode: false }, "stopped"],
  [{ rate: 0, elapsed: 20, asleepByMode: undefined }, "stopped"],
  [{ rate: undefined, elapsed: undefined, asleepByMode: undefined }, undefined],
] as const)("activity of %j is %s", (facts, activity) => {
  expect(decodeActivity(facts)).toBe(activity);
});

describe("small texts", () => {
  test.each([
    ["0:00:05", AT - 5000],
    ["1:02:03", AT - 3_723_000],
    ["2 days, 0:00:01", AT - 172_801_000],
    ["99999999999 days, 0:00:01", undefined],
    [1_799_999_990, 1_799_999_990_000],
    ["0", undefined],
    ["", undefined],
    [5, undefined],
  ])("last share %j", (raw, at) => {
    expect(lastShareAt(raw, AT)).toBe(at);
  });

  test.each([
    ["262K", 262_000],
    ["32.8K", 32_800],
    ["1.05M", 1_050_000],
    [65_536, 65_536],
    ["", undefined],
    ["x", undefined],
  ])("difficulty %j", (raw, value) => {
    expect(parseCount(raw)).toBe(value);
  });

  test("watts only where somebody tells them", () => {
    const told = (raw: unknown) => decodePower(undefined, [{ raw, source: "stats", at: AT }]);
    expect(powerOf("miner power:3456")).toBe(3456);
    expect(powerOf("error 6060 cmd")).toBeUndefined();
    // More digits than a number holds are no infinite watts.
    expect(powerOf(`miner power:${"9".repeat(400)}`)).toBeUndefined();
    expect(told("3250 W")).toMatchObject({ value: 3250, basis: "unknown" });
    expect(told("")).toBeUndefined();
    expect(told("0 W")).toBeUndefined();
    expect(
      decodePower({ value: 3456, at: AT }, [{ raw: 1, source: "stats", at: AT }]),
    ).toMatchObject({ value: 3456, basis: "psu", source: "miner_power" });
    expect(decodePower({ value: 0, at: AT }, [])).toBeUndefined();
  });

  test("red lamps and warnings are faults, green lamps are not", () => {
    const lamp = (type: string, status: string, code: number, msg: string) => ({
      ...{ type, status, code, msg },
    });
    const lamps = {
      SUMMARY: [
        {
          status: [
            lamp("rate", "e", 0, ""),
            lamp("fans", "e", 2, "lost"),
            lamp("temp", "s", 0, ""),
          ],
        },
      ],
    };
    const warnings = {
      WARNING: [{ code: "J0:2", cause: "chips missing", suggestion: "check it" }],
    };
    expect(decodeFaults(lamps, warnings)).toEqual([
      { code: "rate", text: "rate: error" },
      { code: "fans:2", text: "lost" },
      { code: "J0:2", text: "chips missing; check it" },
    ]);
    expect(decodeFaults(undefined, undefined)).toEqual([]);
  });
});

describe("firmware", () => {
  test.each([
    [["Antminer S19"], "stock"],
    [["Antminer S19", "49.0.1.3", "cgminer 1.0.0"], "stock"],
    [["Antminer S9 Hiveon"], "relative"],
    [["S19-88 v.2.6.0.39 "], "relative"],
    [["Antminer L3+ HashMaster"], "relative"],
    [["Antminer S21 (Vnish 1.2.6)"], "other"],
    // The releases of 2018 to 2020 have stock's interface and no other.
    [["Antminer S9 (vnish 3.8.6)"], "relative"],
    [["Antminer S19", "LUXminer 2024"], "other"],
    [["Antminer S9", "BOSminer+ 0.2.0"], "other"],
    [["KS5"], undefined],
    [[], undefined],
  ])("%j is %s", (texts, kind) => {
    expect(firmwareOf(texts)?.kind).toBe(kind);
  });

  test.each([
    ["Fri Nov 17 17:37:21 CST 2023", "202311"],
    ["Fri Jul  3 11:39:06 CST 2020", "202007"],
    ["FR-1.12(251009-S21)", "202510"],
    ["FF-1.29(250624-S19k Pro)_aml", "202506"],
    ["1.0", undefined],
    [undefined, undefined],
  ])("build %j", (version, month) => {
    expect(buildMonth(version)).toBe(month);
  });

  test("a release names itself, everything else is named by its compile time", () => {
    const compiled = "Tue Dec  6 16:12:30 CST 2022";
    expect(firmwareVersion("FR-1.15(250422-S21+)", compiled)).toBe("FR-1.15(250422-S21+)");
    expect(firmwareVersion("Tue Dec 6 16:00:00 CST 2022", compiled)).toBe(compiled);
    expect(firmwareVersion("Tue Dec 6 16:00:00 CST 2022", undefined)).toContain("16:00:00");
  });

  test.each([
    ["S9j", "form"],
    ["T17+", "form"],
    ["L3++", "form"],
    ["Z15e", "form"],
    ["Z15 Pro", "json"],
    ["S19", "json"],
    ["L9", "json"],
    ["KS3", "json"],
    ["D9", "json"],
  ])("generation of %s is %s", (model, generation) => {
    expect(generationOf(model)).toBe(generation);
    expect(generationOf(`Antminer ${model}`)).toBe(generation);
  });

  test("1 is sleep, but not on S17 and T17", () => {
    expect(sleepMode("S19 Pro")).toBe(1);
    expect(sleepMode("T17+")).toBe(254);
  });

  test("L7 got its low mode with the builds of 2023", () => {
    const l7 = findAntminer("Antminer L7")!;
    expect(workModes(l7, "202212")).toEqual([0, 1]);
    expect(workModes(l7, "202301")).toEqual([0, 1, 3]);
    expect(workModes(l7, undefined)).toEqual([0, 1]);
  });
});

describe("configuration", () => {
  const complete = {
    pools: [{ url: "a", user: "b", pass: "c" }],
    "bitmain-fan-ctrl": true,
    "bitmain-fan-pwm": "70",
    "bitmain-voltage": "1400",
    "bitmain-freq": "675",
    "bitmain-work-mode": "0",
  };
  const view = (change: Record<string, unknown>, generation: "json" | "form" = "json", fans = 4) =>
    viewConfig(MinerConf.parse({ ...complete, ...change }), AT, generation, fans);

  test("is fit when everything is there, whichever type it has", () => {
    expect(view({}).unfit).toBeUndefined();
    expect(view({}).fan).toBe(70);
    expect(view({}).voltage).toBe(14_000);
    expect(view({ "bitmain-fan-ctrl": "false" }).fan).toBe("auto");
    expect(view({ "bitmain-work-mode": undefined, "miner-mode": 1 }).workMode).toBe(1);
  });

  test.each([
    [{ "bitmain-fan-ctrl": null }, "json", 4, "it has no fan setting"],
    [{ "bitmain-fan-pwm": "" }, "json", 4, "it has no fan setting"],
    [{ "bitmain-fan-pwm": "" }, "json", 0, undefined],
    [{ "bitmain-work-mode": "" }, "json", 4, "it has no work mode"],
    [{ pools: undefined }, "json", 4, "it has no pools"],
    [{ "bitmain-freq": "" }, "form", 2, "it has no bitmain-freq"],
    [{ "bitmain-freq": "O" }, "form", 4, undefined],
    [{ "bitmain-fan-ctrl": undefined, "bitmain-work-mode": undefined }, "form", 2, undefined],
  ] as const)("%j of a %s machine with %d fans: %s", (change, generation, fans, unfit) => {
    expect(view(change, generation, fans).unfit).toBe(unfit);
  });
});
