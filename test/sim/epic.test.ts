// The simulated S19 XP keeps PowerPlay's manners: what the driver relies on must not be the sim's invention.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { epochMs, megahertz, millivolts, watts } from "../../drivers/contract/units.ts";
import { epic } from "../../drivers/epic/index.ts";
import { EpicMachine, type EpicOptions } from "./epic.ts";

const NEVER = new AbortController().signal;
const MINUTE = 60_000;

let time: number;
let machine: EpicMachine;
let session: Session;
const now = () => epochMs(time);

async function begin(options: Partial<EpicOptions> = {}): Promise<void> {
  time = 1_800_000_000_000;
  machine = new EpicMachine({ seed: 7, now, ...options });
  await machine.start();
  session = epic.connect(
    epic.options.parse({
      driver: "epic",
      ...machine.address,
      password: "letmein",
      deadlineSeconds: 2,
    }),
    { now },
  );
}

const read = () => session.read(NEVER);
const write = (...settings: Setting[]) => session.write(settings, NEVER);

async function later(duration: number): Promise<Telemetry> {
  time += duration;
  return await read();
}

/** Straight to the machine, past the driver. */
async function post(path: string, body: unknown): Promise<unknown> {
  const { host, port } = machine.address;
  const answer = await fetch(`http://${host}:${port}/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return await answer.json();
}

beforeEach(() => begin());
afterEach(async () => {
  await session.close();
  await machine.stop();
});

describe("physics", () => {
  test("draws and hashes at its graded point what ePIC's preset promises", async () => {
    const telemetry = await later(30 * MINUTE);
    expect(Math.abs((telemetry.power?.value ?? 0) / 3350 - 1)).toBeLessThan(0.06);
    expect(Math.abs((telemetry.hashrate?.average?.value ?? 0) / 143e12 - 1)).toBeLessThan(0.02);
    // As captured: 485 is set, 487.5 runs.
    expect(telemetry.setpoint.frequency?.value).toBe(485);
    expect(telemetry.boards.map((board) => board.frequency?.value)).toEqual([487.5, 487.5, 487.5]);
    expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([110, 110, 110]);
  });

  test("stops at its shutdown temperature with a word about it", async () => {
    machine.miner.shutdownTemperature = 40;
    const telemetry = await later(MINUTE);
    expect(telemetry.activity?.value).toBe("stopped");
    expect(telemetry.faults).toEqual([{ code: "last-error", text: "Hashboard over temperature" }]);
    expect(telemetry.hashrate?.now).toBeUndefined();
  });
});

describe("a point set by hand", () => {
  test("ramps, and the clocks follow the volts", async () => {
    await read();
    await write(
      { knob: "frequency", value: megahertz(545) },
      { knob: "voltage", value: millivolts(13_300) },
    );
    const underway = await later(3000);
    expect(underway.activity?.value).toBe("ramping");
    expect(underway.setpoint).toMatchObject({
      frequency: { value: 545 },
      voltage: { value: 13_300 },
    });
    expect(underway.boards[0]?.voltage?.value).toBe(13_300);
    expect(underway.boards[0]?.frequency?.value).toBeLessThan(510);
    const arrived = await later(MINUTE);
    expect(arrived.activity?.value).toBe("hashing");
    expect(arrived.boards[0]?.frequency?.value).toBe(543.75);
  });

  test("is refused while the last one is on its way", async () => {
    await read();
    await write({ knob: "frequency", value: megahertz(400) });
    await later(1000);
    await expect(write({ knob: "frequency", value: megahertz(420) })).rejects.toMatchObject({
      code: "BUSY",
      message: expect.stringContaining("still pending"),
    });
    expect((await later(MINUTE)).setpoint.frequency).toMatchObject({ value: 400 });
  });

  test("is moved back by the governor, unless the governor was switched off before", async () => {
    machine.miner.governor.running = true;
    await later(2 * MINUTE);
    const point = { clks: "400", voltage: "12600" };
    expect(await post("tune", { param: point, password: "letmein" })).toEqual({
      result: true,
      error: null,
    });
    expect((await later(5 * MINUTE)).setpoint.frequency?.value).toBe(485);
    await write({ knob: "frequency", value: megahertz(400) });
    const telemetry = await later(10 * MINUTE);
    expect(telemetry.setpoint).toMatchObject({
      frequency: { value: 400 },
      autotune: { value: false },
      mode: { value: "manual" },
    });
  });

  test("is text in one order and a number in the other, as documented", async () => {
    const password = "letmein";
    const refused = { result: false, error: "MissingParam" };
    const numbers = { clks: 485, voltage: 12_900 };
    expect(await post("tune", { param: numbers, password })).toEqual(refused);
    expect(await post("tune/voltage", { param: "12900", password })).toEqual(refused);
    expect(await post("tune/voltage", { param: 12_880, password })).toMatchObject({ result: true });
    expect(machine.miner.volts).toBe(12_880);
  });
});

describe("the governor", () => {
  test("holds a hashrate with less and less voltage", async () => {
    await read();
    await write({ knob: "mode", value: "VoltageOptimizer 120 TH/s" });
    const first = await later(5 * MINUTE);
    expect(first.setpoint.mode?.value).toBe("VoltageOptimizer 120 TH/s");
    const afterwards = await later(20 * MINUTE);
    expect(afterwards.setpoint.voltage?.value).toBeLessThan(first.setpoint.voltage?.value ?? 0);
    expect(Math.abs((afterwards.hashrate?.now?.value ?? 0) / 120e12 - 1)).toBeLessThan(0.05);
  });

  test("of a later build holds a power, whose limit is offered while it does", async () => {
    await session.close();
    await machine.stop();
    await begin({ powerTune: true });
    expect((await read()).controls.powerLimit).toBeUndefined();
    await write({ knob: "mode", value: "Power 2700 W" });
    const governed = await later(10 * MINUTE);
    expect(governed.power?.basis).toBe("psu");
    expect(governed.power?.value).toBeLessThan(2700 * 1.04);
    expect(governed.setpoint.powerLimit?.value).toBe(2700);
    expect(governed.controls.powerLimit).toMatchObject({ min: 1500, max: 4400 });
    await write({ knob: "powerLimit", value: watts(2200) });
    const limited = await later(10 * MINUTE);
    expect(limited.setpoint.powerLimit?.value).toBe(2200);
    expect(limited.power?.value).toBeLessThan(2200 * 1.04);
  });
});

describe("stop and start", () => {
  test("takes the power off and comes back by itself only when told", async () => {
    await read();
    await write({ knob: "sleep", value: true });
    const asleep = await later(MINUTE);
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.power?.value).toBeLessThan(60);
    expect(asleep.hashrate?.now).toBeUndefined();
    expect(asleep.boards[0]?.chips).toBeUndefined();
    expect((await later(30 * MINUTE)).setpoint.sleep?.value).toBe(true);
    await write({ knob: "sleep", value: false });
    expect((await later(5000)).activity?.value).toBe("starting");
    const awake = await later(5 * MINUTE);
    expect(awake.activity?.value).toBe("hashing");
    expect(awake.uptime?.value).toBeLessThan(6 * MINUTE);
  });

  test.each([
    ["restart", "softreboot 0"],
    ["reboot", "reboot 0"],
  ] as const)("a %s loses the machine for a while, and its uptime", async (knob, order) => {
    const before = await later(60 * MINUTE);
    await write({ knob, value: true });
    expect(machine.orders).toEqual([order]);
    time += 5000;
    await expect(read()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    const back = await later(5 * MINUTE);
    expect(back.activity?.value).toBe("hashing");
    expect(back.uptime?.value).toBeLessThan(before.uptime?.value ?? 0);
    expect(back.setpoint.frequency?.value).toBe(485);
  });
});

test("orders without the password, or unknown ones, do nothing", async () => {
  expect(await post("miner", { param: "Stop", password: "wrong" })).toEqual({
    result: false,
    error: "BadPassword",
  });
  expect(await post("fly", { param: 1, password: "letmein" })).toMatchObject({ result: false });
  expect((await later(MINUTE)).activity?.value).toBe("hashing");
  expect(machine.orders).toEqual([]);
});
