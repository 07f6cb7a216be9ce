import { describe, expect, test } from "vitest";
import { decode } from "../../../drivers/bitaxe/decode.ts";
import { Info } from "../../../drivers/bitaxe/wire.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { GAMMA_V2_14, NERD_V1_0, NOW, SUPRA_V2_4 } from "./canned.ts";

const at = epochMs(NOW);
const read = (info: object, asic?: { asicCount: number }) =>
  decode({ info: Info.parse(info), at, ...(asic ? { asic } : {}) }, at, []);
const GIGA = 1e9;

describe("a Supra on v2.4", () => {
  const telemetry = read(SUPRA_V2_4);

  test("is known by board, chip and chip count", () => {
    expect(telemetry.identity).toEqual({
      vendor: "Bitaxe",
      firmware: "ESP-Miner",
      firmwareVersion: "v2.4.5",
      model: "Supra",
      modelKnown: true,
      mac: "02:00:5E:10:00:01",
      hostname: "bitaxe",
      controlBoard: "401",
    });
  });

  test("has one rate, a mean of minutes, and an ideal from the table", () => {
    expect(telemetry.hashrate?.now).toMatchObject({ value: 612.4 * GIGA, window: 300_000 });
    expect(telemetry.hashrate?.ideal?.value).toBe(490 * 1276 * 1e6);
    expect(telemetry.hashrate).not.toHaveProperty("recent");
    expect(telemetry.hashrate).not.toHaveProperty("average");
  });

  test("names its power a board's, and no regulator temperature where 0 is told", () => {
    expect(telemetry.power).toMatchObject({ value: 12.65, basis: "board", quality: "ok" });
    expect(telemetry.temperature).toEqual({
      chip: { value: 59.875, at, source: "/api/system/info", quality: "ok" },
    });
  });

  test("offers whole MHz, live, and no sleep", () => {
    expect(telemetry.controls.frequency).toMatchObject({ min: 400, max: 575, step: 5 });
    expect(telemetry.controls.voltage).toMatchObject({ min: 1100, max: 1300 });
    expect(telemetry.controls.frequency?.effect.restarts).toBe(false);
    expect(Object.keys(telemetry.controls).sort()).toEqual([
      "fan",
      "frequency",
      "restart",
      "voltage",
    ]);
  });

  test("reads back what each knob is set to", () => {
    expect(telemetry.setpoint.frequency?.value).toBe(490);
    expect(telemetry.setpoint.voltage?.value).toBe(1166);
    expect(telemetry.setpoint.fan?.value).toBe("auto");
  });

  test("names both pools and which one is in use", () => {
    expect(telemetry.pools).toMatchObject([
      { url: "stratum+tcp://one.example:3333", user: "account.s", active: true },
      { url: "stratum+tcp://two.example:3333", user: "account.s", active: false },
    ]);
    expect(telemetry.shares).toMatchObject({ accepted: { value: 12 }, rejected: { value: 1 } });
  });
});

describe("a Gamma on v2.14", () => {
  const telemetry = read(GAMMA_V2_14, { asicCount: 1 });

  test("has the counters' windows", () => {
    const { now, recent, average } = telemetry.hashrate ?? {};
    expect(now).toMatchObject({ value: 1080.2 * GIGA, window: 5_000 });
    expect(recent).toMatchObject({ value: 1072.3 * GIGA, window: 60_000 });
    expect(average).toMatchObject({ value: 1070.4 * GIGA, window: 3_600_000 });
  });

  test("v2.11 has the counters but not the windows yet", () => {
    const { hashRate_1m: _a, hashRate_10m: _b, hashRate_1h: _c, ...older } = GAMMA_V2_14;
    const { hashrate } = read(older);
    expect(hashrate?.now?.window).toBe(5_000);
    expect(hashrate).not.toHaveProperty("recent");
  });

  test("counts the chips that hash and their errors", () => {
    expect(telemetry.boards[0]).toMatchObject({
      chips: { value: 1 },
      chipsExpected: 1,
      hardwareErrors: { value: 17 },
      frequency: { value: 525 },
      voltage: { value: 1143.5 },
      chipTemperature: { value: 61.5 },
    });
  });

  test("reads the regulator apart from the chip, and no second chip at -1", () => {
    expect(telemetry.temperature?.regulator?.value).toBe(66);
    expect(telemetry.temperature?.chip?.value).toBe(61.5);
    expect(telemetry.temperature).not.toHaveProperty("board");
    expect(telemetry.limits).toEqual({ chip: 75, regulator: 105 });
  });

  test("keeps the fan that it has and does not invent a second one", () => {
    expect(telemetry.fans).toHaveLength(1);
    expect(telemetry.setpoint.fan?.value).toBe(60);
  });

  test("offers sleep and the ramp's grid", () => {
    expect(telemetry.controls.frequency?.step).toBe(6.25);
    expect(telemetry.setpoint.sleep?.value).toBe(false);
    expect(telemetry.controls.sleep?.effect).toMatchObject({ restarts: false, persists: false });
  });

  test("the ideal follows the frequency that is reached, not the one that is wished", () => {
    const ramping = read({ ...GAMMA_V2_14, frequency: 600, actualFrequency: 531.25 });
    expect(ramping.hashrate?.ideal?.value).toBe(531.25 * 2040 * 1e6);
  });
});

describe("a NerdQAxe++", () => {
  const telemetry = read(NERD_V1_0);

  test("is known by its name", () => {
    expect(telemetry.identity).toMatchObject({
      vendor: "NerdAxe",
      firmware: "ESP-Miner-NerdQAxePlus",
      model: "NerdQAxe++",
      modelKnown: true,
    });
    expect(telemetry.hashrate?.ideal?.value).toBe(4 * 2040 * 600 * 1e6);
  });

  test("its own stop counts where it is lower than the table's", () => {
    expect(telemetry.limits?.chip).toBe(70);
    expect(read({ ...NERD_V1_0, overheat_temp: 90 }).limits?.chip).toBe(75);
  });

  test("has two fans with a duty each", () => {
    expect(telemetry.fans).toMatchObject([
      { index: 0, speed: { value: 2500 }, duty: { value: 55 } },
      { index: 1, speed: { value: 3000 }, duty: { value: 70 } },
    ]);
  });

  test("its shortest rate is that of a minute", () => {
    expect(telemetry.hashrate?.now).toMatchObject({ value: 4780 * GIGA, window: 60_000 });
    expect(telemetry.hashrate?.recent?.window).toBe(600_000);
  });

  test("wakes by a restart", () => {
    expect(telemetry.controls.sleep?.effect.restarts).toBe(true);
  });

  test("offers no setting while a one-time password guards them", () => {
    const locked = read({ ...NERD_V1_0, otp: true });
    expect(Object.keys(locked.controls).sort()).toEqual(["restart", "sleep"]);
  });
});

describe("what is not measured is absent", () => {
  test("chips without supply say -1, a meter that failed says 0", () => {
    const off = read({ ...GAMMA_V2_14, temp: -1, vrTemp: 0, power: 0, coreVoltageActual: 0 });
    expect(off).not.toHaveProperty("temperature");
    expect(off).not.toHaveProperty("power");
    expect(off.boards[0]).not.toHaveProperty("voltage");
  });

  test("127 is a broken diode, not heat", () => {
    const broken = read({ ...GAMMA_V2_14, temp: 127, vrTemp: 127 });
    expect(broken.temperature?.chip?.quality).toBe("implausible");
    expect(broken.temperature?.regulator?.quality).toBe("implausible");
  });

  test("of two chip sensors the hotter one counts, and a broken one does not win", () => {
    expect(read({ ...GAMMA_V2_14, temp2: 64 }).temperature?.chip?.value).toBe(64);
    expect(read({ ...GAMMA_V2_14, temp2: 127 }).temperature?.chip?.value).toBe(61.5);
  });

  test("a fan that stands is read as 0", () => {
    expect(read({ ...GAMMA_V2_14, fanrpm: 0 }).fans[0]?.speed?.value).toBe(0);
  });

  test("a chip of several that is dead is not counted", () => {
    const monitor = { asics: [{ total: 500 }, { total: 0 }] };
    const board = read({ ...GAMMA_V2_14, hashrateMonitor: monitor }).boards[0];
    expect(board?.chips?.value).toBe(1);
    expect(board).not.toHaveProperty("hardwareErrors");
  });

  test("an expected rate of 0 from a build that lost its chip count is no ideal", () => {
    const clone = { ...GAMMA_V2_14, boardVersion: "9999", expectedHashrate: 0 };
    expect(read(clone).hashrate).not.toHaveProperty("ideal");
    expect(read({ ...clone, expectedHashrate: 800 }).hashrate?.ideal?.value).toBe(800 * GIGA);
  });

  test("a rate beyond twice the ideal is not believed", () => {
    const burst = read({ ...GAMMA_V2_14, hashRate: 9000 });
    expect(burst.hashrate?.now?.quality).toBe("implausible");
    expect(burst.hashrate?.recent?.quality).toBe("ok");
  });
});

describe("what it does", () => {
  test.each([
    ["hashing", {}],
    ["sleeping", { miningPaused: true, hashRate: 0 }],
    ["stopped", { overheat_mode: 1 }],
    ["stopped", { hardware_fault: "Fan Control Failed" }],
    ["starting", { hashRate: 0, uptimeSeconds: 20 }],
    ["stopped", { hashRate: 0, uptimeSeconds: 4000 }],
  ])("%s: %o", (activity, fields) => {
    expect(read({ ...GAMMA_V2_14, ...fields }).activity?.value).toBe(activity);
  });

  test("without a rate nobody knows", () => {
    const { hashRate: _gone, ...rest } = GAMMA_V2_14;
    expect(read(rest)).not.toHaveProperty("activity");
  });

  test("a firmware that protects its chips offers no setting and says why", () => {
    const hot = read({ ...SUPRA_V2_4, overheat_mode: 1, frequency: 50, coreVoltage: 1000 });
    expect(Object.keys(hot.controls)).toEqual(["restart"]);
    expect(hot.faults).toEqual([
      { code: "overheat_mode", text: "the firmware stopped the chips: too hot" },
    ]);
    expect(hot.hashrate).not.toHaveProperty("ideal");
  });
});

describe("which builds honour what", () => {
  test("before v2.2 a frequency waits for the next start, and the fan is not offered", () => {
    const { controls } = read({ ...SUPRA_V2_4, version: "v2.1.10" });
    expect(controls.frequency?.effect.restarts).toBe(true);
    expect(controls).not.toHaveProperty("fan");
  });

  test("a board of another chip or chip count than its version says is unknown", () => {
    for (const odd of [{ ASICModel: "BM1366" }, { asicCount: 9 }, { boardVersion: "777" }]) {
      const clone = read({ ...SUPRA_V2_4, ...odd });
      expect(clone.identity.modelKnown).toBe(false);
      expect(clone.controls).toEqual({});
    }
  });

  test("a name that covers two revisions has no envelope", () => {
    const octa = read({ ...NERD_V1_0, deviceModel: "NerdOCTAXE-γ", asicCount: 8 });
    expect(octa.identity.modelKnown).toBe(true);
    expect(octa.controls).not.toHaveProperty("frequency");
  });

  test("a board that tells its one fan has no second at 0 rpm", () => {
    const odd = { deviceModel: "NerdQAxe++", fanCount: 1, fanrpm2: 0, fanspeed2: 0 };
    const { fans } = read({ ...NERD_V1_0, ...odd });
    expect(fans.map(({ speed }) => speed?.value)).toEqual([2500]);
  });
});

describe("the pools of a NerdAxe", () => {
  const link = (connected: boolean) => ({ connected, accepted: 7, rejected: 1 });
  const two = { ...NERD_V1_0, fallbackStratumURL: "two.example", fallbackStratumPort: 3333 };

  test("in turn: the one in use stands or not, of the other nothing is known", () => {
    const stratum = { activePoolMode: 0, usingFallback: true, pools: [link(true)] };
    expect(read({ ...two, stratum }).pools).toMatchObject([
      { status: "unknown", active: false },
      { status: "alive", active: true },
    ]);
  });

  test("both at once: each with its own shares", () => {
    const stratum = { activePoolMode: 1, pools: [link(true), link(false)] };
    expect(read({ ...two, stratum }).pools).toMatchObject([
      { status: "alive", active: true, accepted: 7, rejected: 1 },
      { status: "dead", active: false },
    ]);
  });
});
