import { describe, expect, it } from "vitest";
import { type Answers, changed, fixture, RECORDED, telemetryOf } from "./canned.ts";

describe("a reading of LuxOS", () => {
  it("tells who the machine is", () => {
    expect(telemetryOf(fixture()).identity).toEqual({
      vendor: "Bitmain",
      firmware: "LuxOS",
      firmwareVersion: "2025.4.8.220305",
      apiVersion: "3.7",
      model: "S19k Pro",
      modelKnown: true,
      serial: "TESTSERIAL0000001",
      mac: "02:00:5E:10:00:01",
      hostname: "rack-1-a",
      controlBoard: "CVITek",
      psu: "APW121215e",
    });
  });

  it("gives rates in H/s with the length of their average", () => {
    const { hashrate } = telemetryOf(fixture());
    expect(hashrate?.now).toMatchObject({ value: 59_756.06e9, window: 5_000, source: "summary" });
    expect(hashrate?.recent).toMatchObject({ value: 61_589.5e9, window: 300_000 });
    expect(hashrate?.average).toMatchObject({ value: 56_917.91e9, window: 3_453_000 });
    expect(hashrate?.ideal?.value).toBeCloseTo(61_954.2e9, -6);
    expect(hashrate?.nameplate?.value).toBe(121.8e12);
  });

  it("says whose watts these are", () => {
    const formula = telemetryOf(fixture()).power;
    expect(formula).toMatchObject({ value: 1051, basis: "formula", source: "power" });
    const measured = telemetryOf(changed("power", "POWER", { PSU: true })).power;
    expect(measured?.basis).toBe("psu");
    const untold = telemetryOf(changed("power", "POWER", { PSU: null })).power;
    expect(untold?.basis).toBe("unknown");
  });

  it("puts unordered boards in order and each chain of stats to its board", () => {
    const { boards } = telemetryOf(fixture());
    expect(boards.map((board) => board.serial)).toEqual([
      "TESTBOARD0000000",
      "TESTBOARD0000001",
      "TESTBOARD0000002",
    ]);
    expect(boards[2]).toMatchObject({
      index: 2,
      chips: { value: 77, source: "stats" },
      chipsExpected: 77,
      frequency: { value: 300 },
      voltage: { value: 11_880, source: "voltageget" },
      boardTemperature: { value: 47 },
      inletTemperature: { value: 34 },
      outletTemperature: { value: 47 },
      hardwareErrors: { value: 0 },
      enabled: true,
    });
    expect(boards[2]?.ideal?.value).toBe(20_651_400e6);
    expect(boards[0]?.hashrate?.value).toBeCloseTo(19_773_825.72e6, -5);
  });

  it("shows a board that answers no more", () => {
    const answers = changed("stats", "STATS", {});
    const stats = (answers["stats"] as { STATS: Record<string, unknown>[] }).STATS[1]!;
    Object.assign(stats, { chain_acn2: 0, freq2: 0 });
    const devs = answers["devs"] as { DEVS: { ID: number }[] };
    devs.DEVS = devs.DEVS.filter((dev) => dev.ID !== 1);
    const board = telemetryOf(answers).boards[1];
    expect(board).toMatchObject({ index: 1, chips: { value: 0 }, chipsExpected: 77 });
    expect(board?.frequency).toBeUndefined();
    expect(board?.hashrate).toBeUndefined();
  });

  it("keeps board sensors apart from chips, which LuxOS does not measure on this model", () => {
    const { temperature, limits } = telemetryOf(fixture());
    expect(temperature?.board?.value).toBe(47);
    expect(temperature?.chip).toBeUndefined();
    expect(temperature?.inlet).toBeUndefined();
    expect(limits).toEqual({ board: 70 });
  });

  it("does not believe a sensor that is missing or broken", () => {
    const answers = changed("temps", "TEMPS", { TopLeft: 0, BottomLeft: 0, TopRight: 900 });
    expect(telemetryOf(answers).boards[0]?.boardTemperature?.value).toBe(34);
    expect(telemetryOf(answers).temperature?.board?.value).toBe(47);
  });

  it("reads inlet and outlet of water by their labels", () => {
    const answers = changed("temps", "METADATA", {
      TopLeft: { Label: "Water Outlet" },
      BottomRight: { Label: "Water Inlet" },
    });
    const { temperature } = telemetryOf(answers);
    expect(temperature?.inlet?.value).toBe(34);
    expect(temperature?.outlet?.value).toBe(47);
  });

  it("orders fans by their id", () => {
    const { fans } = telemetryOf(fixture());
    expect(fans.map((fan) => [fan.index, fan.speed?.value, fan.duty?.value])).toEqual([
      [0, 1920, 20],
      [1, 1920, 20],
      [2, 2340, 20],
      [3, 2340, 20],
    ]);
  });

  it("tells pools with their group, and shares with the time of the last", () => {
    const { pools, shares } = telemetryOf(fixture());
    expect(pools).toHaveLength(4);
    expect(pools[2]).toEqual({
      index: 2,
      url: "stratum+tcp://pool-a.example:3333",
      user: "test.worker2",
      status: "alive",
      active: true,
      priority: 2,
      group: 1,
      accepted: 759,
      rejected: 1,
      stale: 0,
      difficulty: 32_768,
      lastShareAt: RECORDED - 1000,
    });
    expect(pools[1]).toMatchObject({ status: "dead", active: false, accepted: 0 });
    expect(pools[1]?.lastShareAt).toBeUndefined();
    expect(pools[1]?.difficulty).toBeUndefined();
    expect(shares).toMatchObject({
      accepted: { value: 1483 },
      rejected: { value: 1 },
      stale: { value: 0 },
      difficultyAccepted: { value: 42_323_968 },
      lastShareAt: { value: 1_760_242_393_000 },
    });
  });

  it("takes no old or good news for a fault", () => {
    expect(telemetryOf(fixture()).faults).toEqual([
      {
        code: "REBOOT_NOT_HASHING",
        text: "Board reboot due to it not hashing.",
        component: "board 0",
      },
    ]);
  });

  it.each([
    ["hashing", "config", "CONFIG", {}],
    ["sleeping", "config", "CONFIG", { CurtailMode: "Sleep" }],
    ["ramping", "devs", "DEVS", { IsRamping: true }],
    ["starting", "summary", "SUMMARY", { "GHS 5s": 0, Elapsed: 40 }],
    ["stopped", "summary", "SUMMARY", { "GHS 5s": 0 }],
  ])("is %s when %s says so", (activity, name, section, fields) => {
    expect(telemetryOf(changed(name, section, fields)).activity?.value).toBe(activity);
  });

  it("reads back what is set", () => {
    const { setpoint } = telemetryOf(fixture());
    expect(setpoint.frequency).toMatchObject({ value: 300, source: "stats" });
    expect(setpoint.voltage).toMatchObject({ value: 11_880, source: "voltageget" });
    expect(setpoint.profile).toMatchObject({ value: "290MHz", source: "config" });
    expect(setpoint.autotune?.value).toBe(true);
    expect(setpoint.sleep?.value).toBe(false);
    expect(setpoint.locate?.value).toBe(false);
    expect(setpoint.pools?.value[0]).toMatchObject({ user: "test.worker1" });
    expect(setpoint.fan?.value).toBe("auto");
    const manual = telemetryOf(changed("tempctrl", "TEMPCTRL", { Mode: "Manual" }));
    expect(manual.setpoint.fan?.value).toBe(20);
  });

  it("survives odd fields, and leaves out what is not there", () => {
    const answers: Answers = { summary: fixture()["summary"] };
    const bare = telemetryOf(answers);
    expect(bare.boards).toEqual([]);
    expect(bare.fans).toEqual([]);
    expect(bare.power).toBeUndefined();
    expect(bare.identity.modelKnown).toBe(false);
    expect(bare.controls).toEqual({});
    const odd = changed("summary", "SUMMARY", { "GHS 5s": [1], Elapsed: "3453", Accepted: "" });
    const telemetry = telemetryOf(odd);
    expect(telemetry.hashrate?.now).toBeUndefined();
    expect(telemetry.uptime?.value).toBe(3_453_000);
    expect(telemetry.shares?.accepted).toBeUndefined();
    expect(telemetry.shares?.rejected?.value).toBe(1);
  });
});
