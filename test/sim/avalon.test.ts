// The simulated Q against what is known of real ones, and the driver's knobs against it, judged by the agent.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Action } from "../../agent/state/action.ts";
import { fold, freshState } from "../../agent/state/fold.ts";
import { avalon } from "../../drivers/avalon/index.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import { isDeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { celsius, epochMs, milliseconds, percent } from "../../drivers/contract/units.ts";
import { exchange } from "../../drivers/transport/tcp.ts";
import { AvalonMachine, type AvalonOptions } from "./avalon.ts";

const NEVER = new AbortController().signal;
const STEP = 20_000;
const MINUTES = 60_000;

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: AvalonMachine;
let session: Session;

async function begin(options: Partial<AvalonOptions> = {}, password = "admin"): Promise<void> {
  time = 1_800_000_000_000;
  machine = new AvalonMachine({ seed: 1, now, ...options });
  await machine.start();
  for (let minute = 0; minute < 60; minute += 1) {
    time += MINUTES;
    machine.plant.advance(now());
  }
  session = avalon.connect(
    avalon.options.parse({
      driver: "avalon",
      ...machine.address,
      deadlineSeconds: 2,
      password,
    }),
    { now },
  );
}
afterEach(async () => {
  await session.close();
  await machine.stop();
});

const read = (): Promise<Telemetry> => session.read(NEVER);
const write = (...settings: Setting[]) => session.write(settings, NEVER);

async function until(wanted: (telemetry: Telemetry) => boolean): Promise<Telemetry> {
  for (let waited = 0; waited < 45 * MINUTES; waited += STEP) {
    time += STEP;
    try {
      const telemetry = await read();
      if (wanted(telemetry)) return telemetry;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
    }
  }
  throw new Error("it never came");
}
const hashing = (telemetry: Telemetry) => telemetry.activity?.value === "hashing";

/** As test/conformance.test.ts does it. */
async function verdictOf(wish: Setting): Promise<string> {
  let state = freshState("d", now());
  const observe = async () => {
    try {
      const telemetry = await read();
      return { kind: "reading", at: telemetry.at, telemetry, latency: milliseconds(1) } as const;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      const { code, message } = error;
      return { kind: "fault", at: now(), code, message } as const;
    }
  };
  state = fold(state, await observe());
  const action: Action = {
    ...{ device: "d", at: now(), settings: [wish], reason: "test" },
    purpose: "operator",
  };
  const receipt = await write(wish);
  state = fold(state, { kind: "sent", at: now(), action, ...receipt });
  for (let waited = 0; waited < 45 * MINUTES && state.outcome === undefined; waited += STEP) {
    time += STEP;
    state = fold(state, await observe());
  }
  return state.outcome?.verdict === "applied"
    ? "applied"
    : `${state.outcome?.verdict}: ${state.outcome?.detail}`;
}

describe("the simulated Avalon Q", () => {
  beforeEach(() => begin());

  test("runs its three modes at what is advertised for them", async () => {
    const told: number[][] = [];
    for (const mode of ["eco", "standard", "super"]) {
      const { setpoint } = await read();
      if (setpoint.mode?.value !== mode) await write({ knob: "mode", value: mode });
      time += 30 * MINUTES;
      const { power, hashrate, temperature } = await until(hashing);
      const terahashes = (hashrate?.recent?.value ?? 0) / 1e12;
      told.push([power?.value ?? 0, terahashes, temperature?.chip?.value ?? 0]);
    }
    const expected = [
      [800, 55, 65],
      [1300, 80, 80],
      [1674, 90, 85],
    ];
    // Units differ: the leakage of one plant is not that of another.
    for (const [index, [watts = 0, rate = 0, heat = 0]] of expected.entries()) {
      const [gotWatts = 0, gotRate = 0, gotHeat = 0] = told[index] ?? [];
      expect(Math.abs(gotWatts / watts - 1), `power ${index}: ${gotWatts}`).toBeLessThan(0.08);
      expect(Math.abs(gotRate / rate - 1), `rate ${index}: ${gotRate}`).toBeLessThan(0.04);
      expect(Math.abs(gotHeat - heat), `heat ${index}: ${gotHeat}`).toBeLessThan(4);
    }
  });

  test("is read as what it is", async () => {
    const telemetry = await read();
    const { truth } = machine.plant;
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toMatchObject({ model: "Avalon Q", modelKnown: true });
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.power?.basis).toBe("psu");
    expect(telemetry.power?.value).toBeCloseTo(truth.wallPower, -1);
    expect((telemetry.hashrate?.average?.value ?? 0) / truth.hashrate).toBeCloseTo(1, 2);
    expect((telemetry.hashrate?.ideal?.value ?? 0) / (truth.boards[0]?.ideal ?? 0)).toBeCloseTo(
      1,
      4,
    );
    expect(telemetry.fans).toHaveLength(4);
    expect(telemetry.boards).toHaveLength(1);
    expect(telemetry.boards[0]).toMatchObject({
      chips: { value: 160 },
      chipsExpected: 160,
      frequency: { value: 411 },
      voltage: { value: 24_200 },
    });
    expect(telemetry.temperature?.board?.value).toBeGreaterThan(30);
    expect(telemetry.setpoint).toMatchObject({
      mode: { value: "standard" },
      temperatureOffset: { value: 0 },
      sleep: { value: false },
    });
    expect(telemetry.controls.mode?.choices).toEqual([
      { name: "eco", tuned: true },
      { name: "standard", tuned: true, power: 1300 },
      { name: "super", tuned: true },
    ]);
    expect(telemetry.controls.temperatureOffset).toMatchObject({ min: -30, max: 10, step: 1 });
    expect(Object.keys(telemetry.controls)).toEqual([
      "mode",
      "temperatureOffset",
      "sleep",
      "pools",
      "reboot",
    ]);
  });

  test("asks three more things once, then two a reading", async () => {
    await read();
    expect(machine.connections).toBe(5);
    time += 10_000;
    await read();
    expect(machine.connections).toBe(7);
  });

  test.each<Setting>([
    { knob: "mode", value: "eco" },
    { knob: "temperatureOffset", value: celsius(-6) },
    { knob: "sleep", value: true },
    { knob: "reboot", value: true },
    { knob: "pools", value: [{ url: "stratum+tcp://new.test:1", user: "w.1", password: "pw" }] },
  ])("takes $knob, and the agent sees that it did", async (wish) => {
    expect(await verdictOf(wish)).toBe("applied");
  });

  test("wakes, though softon ends the connection without a word", async () => {
    await read();
    await write({ knob: "sleep", value: true });
    const asleep = await until((telemetry) => telemetry.activity?.value === "sleeping");
    // The meter of a sleeping one is stuck, and its chips are not read.
    expect(asleep.power).toMatchObject({ value: 146, quality: "implausible" });
    expect(asleep.temperature?.chip).toBeUndefined();
    await expect(write({ knob: "sleep", value: false })).resolves.toMatchObject({
      answer: "silent",
    });
    const awake = await until(hashing);
    expect(awake.power?.value).toBeGreaterThan(1000);
    expect(await verdictOf({ knob: "sleep", value: true })).toBe("applied");
    expect(await verdictOf({ knob: "sleep", value: false })).toBe("applied");
  });

  test("has a fan knob from the moment that its setting can be told", async () => {
    expect((await read()).controls.fan).toBeUndefined();
    await write({ knob: "temperatureOffset", value: celsius(-10) });
    const moved = await until((telemetry) => telemetry.controls.fan !== undefined);
    expect(moved.setpoint.fan?.value).toBe("auto");
    expect(await verdictOf({ knob: "fan", value: percent(95) })).toBe("applied");
    expect((await read()).setpoint.fan?.value).toBe(95);
    expect(await verdictOf({ knob: "fan", value: "auto" })).toBe("applied");
    expect((await read()).setpoint.fan?.value).toBe("auto");
  });

  test("refuses another mode while it tunes, which is no reason to give up", async () => {
    await read();
    await write({ knob: "mode", value: "super" });
    time += 90_000;
    expect((await read()).activity?.value).toBe("ramping");
    await expect(write({ knob: "mode", value: "eco" })).rejects.toMatchObject({
      code: "BUSY",
      retriable: true,
    });
    await until(hashing);
    await expect(write({ knob: "mode", value: "eco" })).resolves.toMatchObject({
      answer: "accepted",
    });
  });

  test("forgets the aim of its fans and takes its pools at a reboot", async () => {
    await read();
    await write({ knob: "temperatureOffset", value: celsius(-10) });
    const receipt = await write({
      knob: "pools",
      value: [{ url: "stratum+tcp://new.test:1", user: "w.1", password: "s3cret" }],
    });
    // setpool repeats the password; the reboot that follows says nothing.
    expect(receipt.answer).toBe("silent");
    expect(receipt.detail).toContain("Please reboot miner");
    expect(receipt.detail).not.toContain("s3cret");
    const after = await until(hashing);
    expect(after.setpoint.temperatureOffset?.value).toBe(0);
    expect(after.pools[0]?.url).toBe("stratum+tcp://new.test:1");
    expect(after.pools[1]?.url).toBe("stratum+tcp://pool1.test:3333");
    expect(after.uptime?.value).toBeLessThan(10 * MINUTES);
  });

  test("serves the text form too", async () => {
    const { host, port } = machine.address;
    const text = await exchange({ host, port, payload: "ascset|0,workmode,get", deadline: 2000 });
    expect(text).toMatch(/^STATUS=I,When=\d+,Code=118,Msg=ASC 0 set info: workmode 1,Desc/);
  });
});

describe("a Q of another kind", () => {
  test("whose clock is ten minutes ahead still goes to sleep at once", async () => {
    await begin({ clockAhead: 600 });
    await read();
    await write({ knob: "sleep", value: true });
    time += 20_000;
    expect((await read()).activity?.value).toBe("sleeping");
  });

  test("whose clock is ten minutes behind does not sleep ten minutes later", async () => {
    await begin({ clockAhead: -600 });
    await read();
    await write({ knob: "sleep", value: true });
    time += 20_000;
    expect((await read()).activity?.value).toBe("sleeping");
  });

  test("with an empty estats is read through litestats, without its chips", async () => {
    await begin({ emptyEstats: true });
    const telemetry = await read();
    expect(telemetry.power?.source).toBe("litestats");
    expect(telemetry.boards[0]?.chips).toBeUndefined();
    const before = machine.connections;
    time += 10_000;
    await read();
    expect(machine.connections - before).toBe(2);
  });

  test("with another password keeps its pools", async () => {
    await begin({}, "wrong");
    await read();
    const pools = [{ url: "stratum+tcp://new.test:1", user: "w.1", password: "pw" }];
    await expect(write({ knob: "pools", value: pools })).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
    time += 10_000;
    expect((await read()).pools[0]?.url).toBe("stratum+tcp://pool0.test:3333");
  });
});
