import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { decodeV3 } from "../../../drivers/whatsminer/decode-v3.ts";
import { whatsminer } from "../../../drivers/whatsminer/index.ts";
import { openReply } from "../../../drivers/whatsminer/reply-v3.ts";
import {
  DeviceInfo,
  FanSetting,
  MinerSetting,
  Status,
} from "../../../drivers/whatsminer/wire-v3.ts";
import { type ScriptedV3, type ScriptV3, startScriptedV3 } from "./scripted-v3.ts";

const NEVER = new AbortController().signal;
const NOW = epochMs(1_800_000_000_000);

let machine: ScriptedV3 | undefined;
let session: Session | undefined;
afterEach(async () => {
  await session?.close();
  await machine?.daemon.stop();
});

const fixture = (): Record<string, { code: number; msg: Record<string, unknown> }> =>
  JSON.parse(readFileSync(new URL("fixtures/m50-v3-api-3.0.json", import.meta.url), "utf8"));

async function read(script: ScriptV3): Promise<Telemetry> {
  machine = await startScriptedV3(script);
  const options = whatsminer.options.parse({
    driver: "whatsminer",
    host: "127.0.0.1",
    // Nobody answers there.
    port: 1,
    apiPort3: machine.port,
    password: "Miner_42",
  });
  session = whatsminer.connect(options, { now: () => NOW });
  return await session.read(NEVER);
}

describe("an M50 on API 3.0", () => {
  test("everything it tells", async () => {
    const telemetry = await read(fixture());
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toMatchObject({
      firmwareVersion: "20250915.16.Rel2",
      apiVersion: "3.0.2",
      model: "M50_VH84",
      modelKnown: true,
      mac: "02:00:00:00:00:50",
    });
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.hashrate?.now).toMatchObject({ value: 122.072e12, window: 60_000 });
    expect(telemetry.hashrate?.recent).toMatchObject({ value: 121.5e12, window: 300_000 });
    expect(telemetry.hashrate?.average).toMatchObject({ value: 121.847e12, window: 1_074_000 });
    expect(telemetry.hashrate?.nameplate?.value).toBe(121.366e12);
    // Neither the factory's frequency nor the rate at the present one is told.
    expect(telemetry.hashrate?.ideal).toBeUndefined();
    expect(telemetry.power).toMatchObject({
      value: 3568,
      basis: "psu",
      source: "get.miner.status",
    });
    expect(telemetry.temperature).toMatchObject({
      chip: { value: 100.3 },
      board: { value: 72.3 },
      inlet: { value: 34.8 },
      psu: { value: 79, source: "get.device.info" },
    });
    expect(telemetry.fans.map((fan) => fan.speed?.value)).toEqual([4980, 5070]);
    expect(telemetry.uptime?.value).toBe(1_074_000);
    expect(telemetry.shares).toEqual({
      lastShareAt: { value: 1_799_999_990_000, at: NOW, source: "get.miner.status", quality: "ok" },
    });
    expect(telemetry.pools).toEqual([
      {
        index: 0,
        url: "stratum+tcp://pool.example:3333",
        user: "worker.1",
        status: "alive",
        active: true,
        difficulty: 131072,
        lastShareAt: 1_799_999_990_000,
      },
    ]);
    expect(telemetry.faults.map(({ code, component }) => [code, component])).toEqual([
      ["110", "fan 0"],
    ]);
  });

  test("its boards: the mean since the start where no other rate is told, 0 °C not believed", async () => {
    const { boards } = await read(fixture());
    expect(boards.map(({ index, serial }) => [index, serial])).toEqual([
      [0, "BOARD0"],
      [1, "BOARD1"],
      [2, "BOARD2"],
    ]);
    expect(boards[0]?.hashrate).toMatchObject({ value: 40.4e12, window: 300_000 });
    expect(boards[1]?.hashrate).toMatchObject({ value: 40.9e12, window: 1_074_000 });
    expect(boards.map(({ chips, chipsExpected }) => [chips?.value, chipsExpected])).toEqual([
      [111, 111],
      [111, 111],
      [110, 111],
    ]);
    expect(boards[2]?.chipTemperature).toMatchObject({ value: 0, quality: "implausible" });
    expect(boards.map(({ boardTemperature }) => boardTemperature?.value)).toEqual([
      69.6, 70.1, 72.3,
    ]);
    expect(boards[0]?.voltage?.value).toBe(12_220);
  });

  test("what each knob is set to, 0 percent meaning no override", async () => {
    const { setpoint, controls } = await read(fixture());
    const values = Object.entries(setpoint).map(([knob, reading]) => [knob, reading?.value]);
    expect(Object.fromEntries(values)).toEqual({
      powerLimit: 3600,
      mode: "normal",
      powerPercent: 100,
      frequencyOffset: 0,
      temperatureOffset: -10,
      sleep: false,
      locate: false,
      pools: [{ url: "stratum+tcp://pool.example:3333", user: "worker.1", password: "" }],
    });
    expect(controls.frequencyOffset).toMatchObject({ min: -50, max: 0 });
    expect(controls.temperatureOffset).toMatchObject({ min: -30, max: 0 });
  });
});

/** The fixture with one thing changed. */
function changed(command: string, section: string | undefined, fields: object): ScriptV3 {
  const script = fixture();
  const message = script[command]!.msg;
  Object.assign(section === undefined ? message : (message[section] as object), fields);
  return script;
}

describe("variants", () => {
  test("a frequency where the offset should be is not taken for one", async () => {
    const script = changed("get.miner.setting", undefined, { "target-freq": 588 });
    const { setpoint, controls } = await read(script);
    expect(setpoint.frequencyOffset).toBeUndefined();
    expect(controls.frequencyOffset).toBeUndefined();
  });

  test("a liquid-cooled machine has no fans, no fan target, and may go up", async () => {
    const script = changed("get.device.info", "miner", { type: "M63S_VK30" });
    const { fans, controls } = await read(script);
    expect(fans).toEqual([]);
    expect(controls.temperatureOffset).toBeUndefined();
    expect(controls.frequencyOffset?.max).toBe(20);
  });

  test("an unknown model is read, and nothing of it is set", async () => {
    const script = changed("get.device.info", "miner", { type: "M99_V1" });
    const { identity, controls, hashrate } = await read(script);
    expect(identity.modelKnown).toBe(false);
    expect(hashrate?.now?.value).toBe(122.072e12);
    expect(controls).toEqual({});
  });

  test.each([
    [{ "up-freq-finish": 0 }, "ramping"],
    [{ "up-freq-finish": 0, "freq-avg": 0 }, "starting"],
    [{ "up-freq-finish": undefined }, "hashing"],
  ])(
    "%o is %s, and no share of the power is offered before it hashes",
    async (fields, activity) => {
      const telemetry = await read(changed("get.miner.status", "summary", fields));
      expect(telemetry.activity?.value).toBe(activity);
      expect("powerPercent" in telemetry.controls).toBe(activity === "hashing");
    },
  );

  test("a manual light is a light that was asked for", async () => {
    const led = [{ color: "red", period: 200, duration: 100, start: 0 }];
    const { setpoint } = await read(changed("get.device.info", "system", { ledstatus: led }));
    expect(setpoint.locate?.value).toBe(true);
  });

  test("without a status there is no reading, unless the program is stopped", async () => {
    const failed = { code: -1, when: 1, msg: "failed", desc: "get.miner.status" };
    await expect(read({ ...fixture(), "get.miner.status": failed })).rejects.toMatchObject({
      code: "REJECTED",
    });
    await machine?.daemon.stop();
    const stopped = changed("get.device.info", "miner", { working: "false" });
    const telemetry = await read({ ...stopped, "get.miner.status": failed });
    expect(telemetry).toMatchObject({ problems: [], activity: { value: "sleeping" } });
    expect(telemetry.power).toMatchObject({ value: 3573, source: "get.device.info" });
    expect(telemetry.hashrate).toBeUndefined();
  });

  test("side answers that fail are problems, and the rest is delivered", async () => {
    const failed = { code: -5, when: 1, msg: "out of memory", desc: "get.fan.setting" };
    const { problems, hashrate } = await read({ ...fixture(), "get.fan.setting": failed });
    expect(problems).toMatchObject([{ code: "BUSY", source: "get.fan.setting" }]);
    expect(hashrate?.now?.value).toBe(122.072e12);
  });
});

describe("anything in place of anything", () => {
  const junk = fc.oneof(
    fc.constantFrom(null, "", "nan", "-", "NaN", "1e999", {}, [], true, -1, 1e308, "0x1"),
    fc.jsonValue(),
  );

  /** Drops or replaces some values, at any depth. */
  const mutate = (value: unknown): fc.Arbitrary<unknown> => {
    if (Array.isArray(value))
      return fc.oneof({ weight: 9, arbitrary: fc.tuple(...value.map(mutate)) }, junk);
    if (typeof value !== "object" || value === null) {
      return fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, junk);
    }
    const fields = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, mutate(inner)]),
    );
    const record = fc.record(fields, { requiredKeys: [] });
    return fc.oneof({ weight: 12, arbitrary: record }, junk);
  };

  test("decodes, or fails as a DeviceError; never NaN", () => {
    // biome-ignore lint/nursery/noFloatingPromises: a synchronous property is checked at once
    fc.assert(
      fc.property(mutate(fixture()), (script) => {
        for (const value of numbersOf(decodeAll(script))) expect(Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 300, seed: 4433 },
    );
  });

  function decodeAll(script: unknown): unknown {
    const answers = Object(script) as Record<string, unknown>;
    const message = (command: string): unknown => {
      try {
        return openReply(answers[command], command).msg;
      } catch (error) {
        if (!isDeviceError(error)) throw error;
        return undefined;
      }
    };
    const known = <Value>(source: string, value: Value | undefined) =>
      value === undefined ? undefined : { value, at: NOW, source };
    const info = DeviceInfo.safeParse(message("get.device.info")).data;
    if (info === undefined) return undefined;
    return decodeV3(
      {
        info: { value: info, at: NOW, source: "get.device.info" },
        status: known("get.miner.status", Status.safeParse(message("get.miner.status")).data),
        setting: known(
          "get.miner.setting",
          MinerSetting.safeParse(message("get.miner.setting")).data,
        ),
        fan: known("get.fan.setting", FanSetting.safeParse(message("get.fan.setting")).data),
      },
      NOW,
    );
  }

  function numbersOf(value: unknown): number[] {
    if (typeof value === "number") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(numbersOf);
  }
});
