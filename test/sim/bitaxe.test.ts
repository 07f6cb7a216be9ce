// The simulated Gamma Turbo behaves as ESP-Miner does, and the driver sees it.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bitaxe } from "../../drivers/bitaxe/index.ts";
import { BitaxeSession } from "../../drivers/bitaxe/session.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import { celsius, epochMs, megahertz, millivolts, percent } from "../../drivers/contract/units.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { BitaxeMachine } from "./bitaxe.ts";

const NEVER = new AbortController().signal;
const SECOND = 1000;
const HOUR = 3_600_000;

let time = 0;
let machine: BitaxeMachine;
let session: Session;
const now = () => epochMs(time);
const pass = (duration: number) => {
  time += duration;
};

beforeEach(async () => {
  time = 1_800_000_000_000;
  machine = new BitaxeMachine({ host: "127.0.0.1", seed: 7, now });
  await machine.start();
  const options = { host: "127.0.0.1", httpPort: machine.address.httpPort, deadline: 10_000 };
  // The ramp is waited for on the machine's clock.
  const pause = (duration: number) => Promise.resolve(pass(duration));
  session = new BitaxeSession({ ...options, pause }, { now });
  pass(HOUR);
});
afterEach(() => machine.stop());

const read = () => session.read(NEVER);
const write = (...settings: Setting[]) => session.write(settings, NEVER);
const raw = async (method: string, path: string, body?: string) => {
  const { host, httpPort } = machine.address;
  return await fetch(`http://${host}:${httpPort}${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
  });
};

describe("what it tells", () => {
  test("names itself to the probe", async () => {
    const sighting = await bitaxe.identify(openProbe({ ...machine.address, deadline: 10_000 }));
    expect(sighting).toMatchObject({
      driver: "bitaxe",
      confidence: 5,
      identity: { model: "Gamma Turbo", modelKnown: true, firmwareVersion: "v2.14.2" },
    });
  });

  test("agrees with its physics", async () => {
    const telemetry = await read();
    const { truth } = machine.plant;
    const near = (value: number | undefined, expected: number, share: number) =>
      expect(Math.abs((value ?? Number.NaN) / expected - 1)).toBeLessThan(share);
    near(telemetry.power?.value, truth.psuOutput, 0.02);
    near(telemetry.hashrate?.now?.value, truth.hashrate, 0.05);
    near(telemetry.hashrate?.average?.value, truth.hashrate, 0.05);
    near(telemetry.temperature?.chip?.value, truth.boards[0]?.chipTemperature ?? 0, 0.02);
    near(telemetry.fans[0]?.speed?.value, truth.fans[0]?.rpm ?? 0, 0.03);
    expect(telemetry.hashrate?.ideal?.value).toBe(525 * 2 * 2040 * 1e6);
    expect(telemetry.boards[0]?.chips?.value).toBe(2);
  });
});

describe("settings", () => {
  test("wrong values are refused and act on nothing", async () => {
    const answer = await raw("PATCH", "/api/system", '{"frequency":0,"coreVoltage":1200}');
    expect(answer.status).toBe(400);
    expect(machine.miner.settings.coreVoltage).toBe(1150);
    expect((await raw("PATCH", "/api/system", "{")).status).toBe(400);
  });

  test("a name that this build does not know is ignored without a word", async () => {
    const answer = await raw("PATCH", "/api/system", '{"autofanspeed":0,"fanspeed":30}');
    expect(answer.status).toBe(200);
    expect((await read()).setpoint.fan?.value).toBe(100);
  });

  test("a frequency ramps by 6.25 MHz each 100 ms", async () => {
    await read();
    await write({ knob: "frequency", value: megahertz(600) });
    pass(400);
    expect((await read()).boards[0]?.frequency?.value).toBeCloseTo(550, 6);
    pass(SECOND);
    expect((await read()).boards[0]?.frequency?.value).toBe(600);
  });

  test("lowering both, the voltage follows when the ramp is over", async () => {
    await read();
    let frequencyThen = 0;
    const { patch } = machine.miner;
    machine.miner.patch = (body) => {
      if (body.coreVoltage !== undefined) frequencyThen = machine.miner.actualFrequency;
      return patch.call(machine.miner, body);
    };
    await write(
      { knob: "voltage", value: millivolts(1060) },
      { knob: "frequency", value: megahertz(425) },
    );
    expect(frequencyThen).toBe(425);
    const telemetry = await read();
    expect(telemetry.setpoint.voltage?.value).toBe(1060);
    expect(telemetry.setpoint.frequency?.value).toBe(425);
  });

  test("less of both is less power and less heat", async () => {
    const before = await read();
    await write(
      { knob: "voltage", value: millivolts(1060) },
      { knob: "frequency", value: megahertz(425) },
      { knob: "fan", value: percent(60) },
    );
    pass(HOUR);
    const after = await read();
    expect(after.power?.value).toBeLessThan((before.power?.value ?? 0) * 0.85);
    expect(after.temperature?.chip?.value).toBeLessThan(before.temperature?.chip?.value ?? 0);
    expect(after.fans[0]?.duty?.value).toBe(60);
  });
});

describe("pause and restart", () => {
  test("a pause stops the chips and is over with a restart, the settings are not", async () => {
    await read();
    await write({ knob: "frequency", value: megahertz(500) });
    await write({ knob: "sleep", value: true });
    pass(10 * SECOND);
    const asleep = await read();
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.temperature).not.toHaveProperty("chip");
    await write({ knob: "restart", value: true });
    pass(60 * SECOND);
    await read().catch(() => undefined);
    const awake = await read();
    expect(awake.activity?.value).toBe("hashing");
    expect(awake.setpoint.frequency?.value).toBe(500);
    expect(awake.uptime?.value).toBeLessThan(60 * SECOND);
  });

  test("nothing answers while it boots", async () => {
    await read();
    await write({ knob: "restart", value: true });
    pass(5 * SECOND);
    await expect(read()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    pass(20 * SECOND);
    expect((await read()).uptime?.value).toBeLessThan(20 * SECOND);
  });
});

test("too hot, it stops for half a minute and goes on with 100 MHz and 100 mV less", async () => {
  await read();
  // A clogged sink and the least fan.
  machine.plant.wear.resistance = 3;
  await write({ knob: "fan", value: percent(25) });
  let hot = await read();
  for (let look = 0; look < 60 && hot.activity?.value === "hashing"; look += 1) {
    pass(20 * SECOND);
    hot = await read();
  }
  expect(hot.activity?.value).toBe("stopped");
  expect(hot.faults[0]?.code).toBe("overheat_mode");
  expect(hot.controls).not.toHaveProperty("frequency");
  machine.plant.wear.resistance = 1;
  pass(40 * SECOND);
  await read();
  pass(10 * SECOND);
  const cooled = await read();
  expect(cooled.activity?.value).toBe("hashing");
  expect(cooled.setpoint).toMatchObject({
    frequency: { value: 425 },
    voltage: { value: 1050 },
    fan: { value: 100 },
  });
  expect(celsius(75)).toBeGreaterThan(cooled.temperature?.chip?.value ?? Number.NaN);
});
