import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { whatsminer } from "../../../drivers/whatsminer/index.ts";
import { type Script, type Scripted, startScripted } from "./scripted.ts";

const NEVER = new AbortController().signal;
const NOW = epochMs(1_800_000_000_000);

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

function fixture(name: string): Script {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

async function readFixture(script: Script, joins: boolean, password?: string): Promise<Telemetry> {
  machine = await startScripted(script, { joins });
  const options = whatsminer.options.parse({
    driver: "whatsminer",
    host: "127.0.0.1",
    port: machine.port,
    ...(password === undefined ? {} : { password }),
  });
  return await whatsminer.connect(options, { now: () => NOW }).read(NEVER);
}

describe("an M20S on API 1.4", () => {
  test("everything it tells", async () => {
    const telemetry = await readFixture(fixture("m20s-api-1.4"), false);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toEqual({
      vendor: "MicroBT",
      firmware: "btminer",
      firmwareVersion: "20210322.22.REL",
      apiVersion: "1.4.0",
      modelKnown: false,
      mac: "02:00:00:00:00:20",
      controlBoard: "ALLWINNER_H3 V8",
      psu: "P21-12-3600-E",
    });
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.hashrate?.now).toMatchObject({ value: 70668114.52e6, window: 5000 });
    expect(telemetry.hashrate?.recent).toMatchObject({ value: 67394800.97e6, window: 300_000 });
    expect(telemetry.hashrate?.average).toMatchObject({ window: 10_154_000 });
    expect(telemetry.hashrate?.nameplate?.value).toBe(68.796e12);
    expect(telemetry.power).toMatchObject({ value: 3417, basis: "psu", source: "summary" });
    expect(telemetry.temperature).toMatchObject({ chip: { value: 92.5 }, board: { value: 71.5 } });
    expect(telemetry.temperature?.inlet).toBeUndefined();
    expect(telemetry.fans.map((fan) => fan.speed?.value)).toEqual([6450, 6480]);
    expect(telemetry.uptime?.value).toBe(10_154_000);
    expect(telemetry.shares?.difficultyAccepted?.value).toBe(158334976);
    expect(telemetry.shares?.lastShareAt?.value).toBe(1761061364000);
    expect(telemetry.setpoint.powerLimit?.value).toBe(3500);
    expect(telemetry.setpoint.mode?.value).toBe("normal");
    expect(telemetry.setpoint.sleep?.value).toBe(false);
    expect(telemetry.pools).toHaveLength(1);
    expect(telemetry.faults.map(({ code, component }) => [code, component])).toEqual([
      ["110", "fan 0"],
      ["600", "ambient"],
    ]);
  });

  test("volts of the supply in hundredths, or in volts", async () => {
    for (const [Voltage, millivolts] of [
      [1180, 11_800],
      [12.5, 12_500],
    ]) {
      const script = fixture("m20s-api-1.4");
      const summary = structuredClone(script["summary"]) as { SUMMARY: object[] };
      Object.assign(summary.SUMMARY[0]!, { Voltage });
      const { boards } = await readFixture({ ...script, summary }, false);
      expect(boards[0]?.voltage?.value).toBe(millivolts);
      await machine?.stop();
    }
  });

  test("pools of a program that counts from 0, and of one that counts from 1", async () => {
    const pool = { URL: "stratum+tcp://one.example:3333", User: "w", Status: "Alive" };
    const counted = (from: number) => ({
      ...fixture("m20s-api-1.4"),
      pools: {
        STATUS: [{ STATUS: "S", Code: 7, Msg: "2 Pool(s)" }],
        POOLS: [
          { ...pool, POOL: from },
          { ...pool, POOL: from + 1 },
        ],
      },
    });
    for (const from of [0, 1]) {
      const { pools } = await readFixture(counted(from), false);
      expect(pools.map(({ index }) => index)).toEqual([0, 1]);
      await machine?.stop();
    }
  });

  test("rate expected at the present frequency, of the machine and of each board, within 0.2 %", async () => {
    const { hashrate, boards } = await readFixture(fixture("m20s-api-1.4"), false);
    const delivered = hashrate?.average?.value ?? 0;
    expect(Math.abs((hashrate?.ideal?.value ?? 0) / delivered - 1)).toBeLessThan(0.002);
    const averages = [22650215.07e6, 22714314.87e6, 22387410.51e6];
    for (const [index, board] of boards.entries()) {
      expect(Math.abs((board.ideal?.value ?? 0) / averages[index]! - 1)).toBeLessThan(0.002);
      expect(board.voltage?.value).toBe(11_800);
      expect(board.chips?.value).toBe(105);
      expect(board.enabled).toBe(true);
    }
  });

  test("is not written to, even with a password: how 1.x writes is not known", async () => {
    const telemetry = await readFixture(fixture("m20s-api-1.4"), false, "secret_1");
    expect(telemetry.controls).toEqual({});
  });
});

describe("an M60S on firmware 3.0, by its 2.x answers", () => {
  test("boards in TH/s, text for a flag, a summary without a list", async () => {
    const telemetry = await readFixture(fixture("m60s-v2-on-3.0"), true);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toMatchObject({
      model: "M60S_VK40",
      modelKnown: true,
      apiVersion: "3.0.2",
    });
    expect(telemetry.hashrate?.recent?.value).toBe(131200000e6);
    expect(telemetry.boards.map((board) => board.hashrate?.value)).toEqual([44e12, 43e12, 42e12]);
    expect(telemetry.boards[0]?.chipsExpected).toBe(225);
    expect(telemetry.activity?.value).toBe("ramping");
    expect(telemetry.power?.value).toBe(2911.7);
    expect(telemetry.uptime?.value).toBe(884_500);
    expect(telemetry.faults).toEqual([
      { code: "2320", component: "hashrate", text: "hashrate too low" },
    ]);
  });

  test("is not written to: which 2.x writes it still takes is not known", async () => {
    expect((await readFixture(fixture("m60s-v2-on-3.0"), true, "secret_1")).controls).toEqual({});
  });
});

describe("a liquid-cooled M53 on API 2.0.5", () => {
  test("has no fans, and a 0 from a sensor that it lacks is not believed", async () => {
    const telemetry = await readFixture(fixture("m53-api-2.0"), true);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.fans).toEqual([]);
    expect(telemetry.temperature).toMatchObject({
      chip: { value: 76.1, quality: "ok" },
      board: { value: 75.96 },
      inlet: { value: 30.29 },
      psu: { value: 46.1, source: "get_psu" },
    });
    expect(telemetry.boards[0]?.chipTemperature?.quality).toBe("implausible");
    expect(telemetry.boards.map((board) => board.hashrate?.value)[0]).toBe(59987000e6);
    expect(telemetry.faults[0]?.text).toBe("board 1: coolant flow abnormal");
  });

  test("offers what it reads back, up to the largest limit seen: its supply's rating is unknown", async () => {
    const { controls } = await readFixture(fixture("m53-api-2.0"), true, "secret_1");
    expect(controls.powerLimit).toMatchObject({ min: 4000, max: 8000, step: 1 });
    expect(controls.powerLimit?.effect).toMatchObject({ restarts: true, persists: true });
    expect(controls.mode?.choices.map((choice) => choice.name)).toEqual(["low", "normal", "high"]);
    expect(Object.keys(controls).sort()).toEqual([
      "locate",
      "mode",
      "pools",
      "powerLimit",
      "reboot",
      "restart",
      "sleep",
    ]);
  });

  test("offers nothing without a password", async () => {
    expect((await readFixture(fixture("m53-api-2.0"), true)).controls).toEqual({});
  });

  test("a model that is not in the table is read, and not written to", async () => {
    const details = { STATUS: "S", DEVDETAILS: [{ Model: "M53_VZ30" }] };
    const script = { ...fixture("m53-api-2.0"), devdetails: details };
    const telemetry = await readFixture(script, true, "secret_1");
    expect(telemetry.identity).toMatchObject({ model: "M53_VZ30", modelKnown: false });
    expect(telemetry.hashrate?.now?.value).toBeGreaterThan(200e12);
    expect(telemetry.controls).toEqual({});
  });
});

describe("odd answers", () => {
  test("fields of a wrong type count as absent; nothing becomes 0", async () => {
    const summary = {
      STATUS: "S",
      SUMMARY: [
        {
          Elapsed: 5,
          Power: null,
          Temperature: {},
          "MHS 5s": "",
          "Power Limit": [],
          freq_avg: "x",
        },
      ],
    };
    const telemetry = await readFixture({ ...fixture("m53-api-2.0"), summary }, true, "secret_1");
    expect(telemetry.power).toBeUndefined();
    expect(telemetry.hashrate).toBeUndefined();
    expect(telemetry.setpoint.powerLimit).toBeUndefined();
    expect(telemetry.controls.powerLimit).toBeUndefined();
    expect(telemetry.uptime?.value).toBe(5000);
  });

  test("a board's rate stays MH/s while it ramps from far below", async () => {
    const boards = [{ Slot: 0, "MHS 5m": 250_000, "Factory GHS": 42_000 }];
    const script = { ...fixture("m53-api-2.0"), edevs: { STATUS: "S", DEVS: boards } };
    expect((await readFixture(script, true)).boards[0]?.hashrate?.value).toBe(0.25e12);
  });

  test("the misprint of the vendor's manual is an error code too", async () => {
    const codes = (error_code: unknown) => ({ STATUS: "S", Code: 131, Msg: { error_code } });
    for (const shape of [["329"], [329], { 329: "2022" }, [{ 329: "2022" }], "329"]) {
      const script = { ...fixture("m53-api-2.0"), get_error_code: codes(shape) };
      const { faults } = await readFixture(script, true);
      expect(
        faults.map((fault) => fault.code),
        JSON.stringify(shape),
      ).toEqual(["329"]);
      await machine?.stop();
    }
  });
});
