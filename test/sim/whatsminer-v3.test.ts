import { afterEach, describe, expect, test, vi } from "vitest";
import type { Action } from "../../agent/state/action.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { fold, freshState } from "../../agent/state/fold.ts";
import type { KnobName, Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import { isDeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { celsius, epochMs, milliseconds, percent, watts } from "../../drivers/contract/units.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { whatsminer } from "../../drivers/whatsminer/index.ts";
import type { FramedDaemon } from "./framed-daemon.ts";
import { WhatsminerV3Machine, type WhatsminerV3Options } from "./whatsminer-v3.ts";

const NEVER = new AbortController().signal;
const MINUTE = 60_000;
const STEP = 20_000;
const LONGEST = 45 * MINUTE;

let machine: WhatsminerV3Machine;
let session: Session;
let time: number;
const now = () => epochMs(time);

afterEach(async () => {
  await session.close();
  await machine.stop();
});

async function start(options: Partial<WhatsminerV3Options> = {}) {
  time = 1_800_000_000_000;
  machine = new WhatsminerV3Machine({ seed: 7, now, ...options });
  await machine.start();
  session = connect({ password: "Miner_42" });
  time += 60 * MINUTE;
  // Not within the first request: an hour of physics may take longer than its deadline.
  machine.miner.advance(now());
}

function connect(options: Readonly<Record<string, unknown>>): Session {
  const parsed = whatsminer.options.parse({
    driver: "whatsminer",
    ...machine.address,
    deadlineSeconds: 2,
    ...options,
  });
  return whatsminer.connect(parsed, { now });
}

async function readAfter(minutes: number): Promise<Telemetry> {
  time += minutes * MINUTE;
  return await session.read(NEVER);
}

const write = (setting: Setting) => session.write([setting], NEVER);
const reads = async () => (await session.read(NEVER)).setpoint;

describe("reading", () => {
  test("what the plant does, with the errors of its instruments", async () => {
    await start();
    const telemetry = await session.read(NEVER);
    const { truth } = machine.plant;
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toEqual({
      vendor: "MicroBT",
      firmware: "btminer",
      firmwareVersion: "20260312.16.REL3",
      apiVersion: "3.0.5",
      model: "M60S_VK40",
      modelKnown: true,
      serial: "HTM60X00000001",
      mac: "C8:11:05:00:60:01",
      hostname: "WhatsMiner",
      controlBoard: "H616 CB6V10",
      psu: "P221B",
    });
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.power?.basis).toBe("psu");
    expect(Math.abs((telemetry.power?.value ?? 0) / truth.wallPower - 1)).toBeLessThan(0.016);
    for (const rate of [telemetry.hashrate?.now, telemetry.hashrate?.recent]) {
      expect(Math.abs((rate?.value ?? 0) / truth.hashrate - 1)).toBeLessThan(0.02);
    }
    expect(telemetry.hashrate?.nameplate?.value).toBeCloseTo(171.26e12, -11);
    expect(telemetry.temperature?.inlet?.value).toBeCloseTo(truth.inlet, 1);
    const hottest = Math.max(...truth.boards.map((board) => board.chipTemperature));
    expect(telemetry.temperature?.chip?.value).toBeCloseTo(hottest, 0);
    expect(telemetry.fans).toHaveLength(2);
    expect(
      telemetry.boards.map(({ chips, chipsExpected }) => [chips?.value, chipsExpected]),
    ).toEqual([1, 2, 3].map(() => [225, 225]));
    for (const [slot, board] of telemetry.boards.entries()) {
      const real = truth.boards[slot]!;
      expect(board.serial).toBe(`HEM1EP60${slot}00K0000${slot}`);
      expect(board.boardTemperature?.value).toBeCloseTo(real.boardTemperature, 0);
      expect(Math.abs((board.voltage?.value ?? 0) - real.voltage)).toBeLessThan(6);
      expect(Math.abs((board.frequency?.value ?? 0) - real.frequency)).toBeLessThan(1);
    }
    expect(telemetry.pools).toHaveLength(3);
    expect(telemetry.shares?.lastShareAt?.value).toBe(time - 3000);
    expect(telemetry.shares?.accepted?.value).toBeGreaterThan(0);
  });

  test("the rate expected at the present frequency is the plant's own", async () => {
    await start();
    const { hashrate, boards } = await session.read(NEVER);
    const ideals = machine.plant.truth.boards.map((board) => board.ideal);
    const sum = ideals.reduce((total, ideal) => total + ideal, 0);
    expect(Math.abs((hashrate?.ideal?.value ?? 0) / sum - 1)).toBeLessThan(0.003);
    for (const [index, board] of boards.entries()) {
      expect(Math.abs((board.ideal?.value ?? 0) / ideals[index]! - 1)).toBeLessThan(0.003);
    }
  });

  test("with the port of API 2 closed: no shares, no expected rate, and no complaint", async () => {
    await start();
    machine.v2.refusing = true;
    const { problems, shares, hashrate, controls } = await session.read(NEVER);
    expect(problems).toEqual([]);
    expect(shares?.accepted).toBeUndefined();
    expect(shares?.lastShareAt).toBeDefined();
    expect(hashrate?.ideal).toBeUndefined();
    expect(hashrate?.now).toBeDefined();
    expect(Object.keys(controls)).toContain("powerLimit");
  });

  test("a port of API 2 that hangs is told once and left alone for ten minutes", async () => {
    await start();
    machine.v2.fault = "silent";
    expect((await session.read(NEVER)).problems).toMatchObject([{ code: "NO_REPLY" }]);
    machine.v2.fault = undefined;
    const before = machine.v2.connections;
    expect((await readAfter(5)).problems).toEqual([]);
    expect(machine.v2.connections).toBe(before);
    expect((await readAfter(6)).shares?.accepted).toBeDefined();
  });

  test("the plant is the machine of the label: 18.4 W/TH within 5 %", async () => {
    await start();
    await session.read(NEVER);
    const { wallPower, hashrate } = machine.plant.truth;
    expect(Math.abs(wallPower / (hashrate / 1e12) / 18.43 - 1)).toBeLessThan(0.05);
  });

  test("over one connection, however often, and one to the other port a minute", async () => {
    await start();
    for (let turn = 0; turn < 10; turn += 1) await readAfter(1 / 6);
    expect(machine.v3.connections).toBe(1);
    expect(machine.v2.connections).toBe(2);
    expect(machine.v3.open).toBe(1);
    await session.close();
    await vi.waitFor(() => expect(machine.v3.open).toBe(0));
  });

  test("again after the machine closed the idle connection", async () => {
    await start({ idle: 500 });
    await session.read(NEVER);
    await vi.waitFor(() => expect(machine.v3.open).toBe(0), { timeout: 5000 });
    expect((await readAfter(1)).problems).toEqual([]);
    expect(machine.v3.connections).toBe(2);
  });

  test("again over a connection that died unseen, at once", async () => {
    await start();
    await session.read(NEVER);
    machine.v3.drop();
    expect((await readAfter(1)).problems).toEqual([]);
  });

  test("fan faults and told codes come as faults, without the reason as a code", async () => {
    await start();
    machine.errorCodes.add(5123);
    machine.plant.wear.fans[1] = 0.2;
    const { faults } = await session.read(NEVER);
    expect(faults.map(({ code, component }) => [code, component])).toEqual([
      ["5123", "board 3"],
      ["111", "fan 1"],
    ]);
  });

  test("is found on the network by its 2.x answers", async () => {
    await start();
    const probe = openProbe({ ...machine.address, httpPort: 9, deadline: 1000 });
    expect(await whatsminer.identify(probe)).toMatchObject({
      confidence: 5,
      identity: { model: "M60S_VK40", apiVersion: "3.0.5" },
    });
  });

  test("firmware without some questions is read without them, and asked once", async () => {
    await start();
    machine.unknown.add("get.miner.setting").add("get.fan.setting");
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.setpoint).toMatchObject({
      powerLimit: { value: 3600 },
      mode: { value: "normal" },
    });
    expect(telemetry.setpoint.frequencyOffset).toBeUndefined();
    const offered = Object.keys(telemetry.controls);
    expect(offered).toContain("powerLimit");
    for (const knob of ["powerPercent", "frequencyOffset", "temperatureOffset"]) {
      expect(offered).not.toContain(knob);
    }
  });
});

describe("which API", () => {
  test("without the port of API 3, firmware 3 is read by its 2.x answers, in the right unit", async () => {
    await start();
    machine.v3.refusing = true;
    const telemetry = await session.read(NEVER);
    expect(telemetry.identity.apiVersion).toBe("3.0.5");
    expect(telemetry.controls).toEqual({});
    const sum = telemetry.boards.reduce((total, board) => total + (board.hashrate?.value ?? 0), 0);
    expect(Math.abs(sum / machine.plant.truth.hashrate - 1)).toBeLessThan(0.02);
    machine.v3.refusing = false;
    // Not at every reading, but soon.
    expect((await readAfter(0.1)).controls).toEqual({});
    const later = await readAfter(1);
    expect(Object.keys(later.controls)).toContain("powerLimit");
    const before = machine.v2.connections;
    await readAfter(10);
    expect(machine.v2.connections - before).toBeLessThanOrEqual(1);
  });

  test("a machine that is off is asked for API 3 again when it comes", async () => {
    await start();
    machine.v2.refusing = true;
    machine.v3.refusing = true;
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNREACHABLE" });
    await expect(readAfter(0.1)).rejects.toMatchObject({ code: "UNREACHABLE" });
    machine.v2.refusing = false;
    machine.v3.refusing = false;
    expect(Object.keys((await readAfter(1)).controls)).toContain("powerLimit");
  });

  test("without a password nothing is offered", async () => {
    await start();
    await session.close();
    session = connect({});
    expect((await session.read(NEVER)).controls).toEqual({});
  });
});

/** There and back, so that each knob starts from the machine as it was. */
const WISHES: readonly Setting[] = [
  { knob: "powerPercent", value: percent(80) },
  { knob: "powerPercent", value: percent(100) },
  { knob: "powerLimit", value: watts(2800) },
  { knob: "powerLimit", value: watts(3600) },
  { knob: "mode", value: "low" },
  { knob: "mode", value: "normal" },
  { knob: "frequencyOffset", value: percent(-12) },
  { knob: "frequencyOffset", value: percent(0) },
  { knob: "temperatureOffset", value: celsius(-7) },
  { knob: "temperatureOffset", value: celsius(0) },
  { knob: "sleep", value: true },
  { knob: "sleep", value: false },
  { knob: "locate", value: true },
  { knob: "locate", value: false },
  {
    knob: "pools",
    value: [{ url: "stratum+tcp://pool.test:3333", user: "w.1", password: "pass_1" }],
  },
  { knob: "restart", value: true },
  { knob: "reboot", value: true },
];

describe("knobs", () => {
  test("each one acts and is judged applied by the agent", { timeout: 120_000 }, async () => {
    await start();
    const { controls, setpoint } = await session.read(NEVER);
    const tried = new Set<KnobName>(WISHES.map(({ knob }) => knob));
    expect(new Set(Object.keys(controls))).toEqual(tried);
    for (const knob of tried) {
      if (knob !== "restart" && knob !== "reboot") expect(Object.keys(setpoint)).toContain(knob);
    }
    for (const wish of WISHES) {
      const { outcome } = await tryOut(wish);
      expect(outcome, JSON.stringify(wish)).toMatchObject({ verdict: "applied" });
    }
  });

  test("frequency offset, temperature offset, light and pools as the machine has them", async () => {
    await start();
    await session.read(NEVER);
    const pool = { url: "stratum+tcp://other.example:3333", user: "me.1", password: "pass_1" };
    await write({ knob: "pools", value: [pool] });
    await write({ knob: "temperatureOffset", value: celsius(-30) });
    await write({ knob: "locate", value: true });
    await write({ knob: "frequencyOffset", value: percent(-10) });
    expect(machine.pools).toEqual([pool]);
    expect(machine.temperatureOffset).toBe(-30);
    expect(machine.locating).toBe(true);
    expect(machine.miner.offset).toBe(-10);
    time += 1000;
    const { pools, temperatureOffset, locate, frequencyOffset } = await reads();
    expect(pools?.value).toEqual([{ ...pool, password: "" }]);
    expect([temperatureOffset?.value, locate?.value, frequencyOffset?.value]).toEqual([
      -30,
      true,
      -10,
    ]);
    expect(machine.orders.map(({ cmd }) => cmd)).toEqual([
      "set.miner.pools",
      "set.fan.temp_offset",
      "set.system.led",
      "set.miner.target_freq",
    ]);
  });

  test("asleep: no rates, a little power, no problem", async () => {
    await start();
    await session.read(NEVER);
    await write({ knob: "sleep", value: true });
    const asleep = await readAfter(1);
    expect(asleep).toMatchObject({ problems: [], activity: { value: "sleeping" } });
    expect(asleep.hashrate).toBeUndefined();
    expect(asleep.power?.value).toBeLessThan(150);
    expect(asleep.controls.sleep).toBeDefined();
    await write({ knob: "sleep", value: false });
    expect((await readAfter(0.1)).activity?.value).toBe("starting");
    expect((await readAfter(3)).activity?.value).toBe("ramping");
    expect((await readAfter(12)).activity?.value).toBe("hashing");
  });

  test("values outside of the envelope are refused before anything is sent", async () => {
    await start();
    await session.read(NEVER);
    const before = machine.connections;
    for (const wish of [
      { knob: "powerLimit", value: watts(3601) },
      { knob: "powerPercent", value: percent(0) },
      { knob: "frequencyOffset", value: percent(1) },
      { knob: "frequencyOffset", value: percent(-51) },
      { knob: "temperatureOffset", value: celsius(1) },
      { knob: "mode", value: "turbo" },
      { knob: "fan", value: percent(50) },
      { knob: "pools", value: [] },
    ] satisfies Setting[]) {
      await expect(write(wish), wish.knob).rejects.toMatchObject({ code: "INVALID_SETTING" });
    }
    expect(machine.connections).toBe(before);
    expect(machine.orders).toEqual([]);
  });

  test("what the machine refuses is REJECTED; what it does not know is no longer offered", async () => {
    await start();
    await session.read(NEVER);
    machine.unknown.add("set.fan.temp_offset");
    const wish: Setting = { knob: "temperatureOffset", value: celsius(-5) };
    await expect(write(wish)).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect((await session.read(NEVER)).controls.temperatureOffset).toBeUndefined();
    await write({ knob: "restart", value: true });
    const share: Setting = { knob: "powerPercent", value: percent(70) };
    await expect(write(share)).rejects.toMatchObject({ code: "REJECTED" });
  });
});

async function tryOut(wish: Setting): Promise<DeviceState> {
  let state = fold(freshState("d", now()), await observe());
  const action: Action = {
    device: "d",
    at: now(),
    purpose: "operator",
    settings: [wish],
    reason: "test",
  };
  const receipt = await write(wish);
  state = fold(state, { kind: "sent", at: now(), action, ...receipt });
  const settled = () =>
    state.outcome !== undefined &&
    ((wish.knob === "sleep" && wish.value) || state.telemetry?.controls.powerPercent !== undefined);
  for (let waited = 0; waited < LONGEST && !settled(); waited += STEP) {
    time += STEP;
    // A reboot ends when the machine's own watch sees the clock.
    await new Promise((resolve) => setTimeout(resolve, 3));
    const outcome = state.outcome;
    state = fold(state, await observe());
    if (outcome !== undefined) state = { ...state, outcome };
  }
  return state;
}

async function observe() {
  try {
    const telemetry = await session.read(NEVER);
    return { kind: "reading", at: telemetry.at, telemetry, latency: milliseconds(1) } as const;
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return { kind: "fault", at: now(), code: error.code, message: error.message } as const;
  }
}

describe("who may write", () => {
  test("nobody while the switch is off: the error says what to switch on, and nothing is sent", async () => {
    await start({ writeAccess: false });
    const { problems, controls } = await session.read(NEVER);
    expect(problems).toEqual([]);
    expect(controls.locate).toBeDefined();
    const before = machine.connections;
    const failure = write({ knob: "locate", value: true });
    await expect(failure).rejects.toMatchObject({ code: "WRITE_DISABLED" });
    await expect(failure).rejects.toThrow(/default password.*Miner API.*WhatsMinerTool/);
    expect(machine.connections).toBe(before);
    machine.writeAccess = true;
    await session.read(NEVER);
    await write({ knob: "locate", value: true });
    expect(machine.locating).toBe(true);
  });

  test.each([
    ["another password", { password: "Other_1" }],
    ["the default password", { password: "super" }],
  ])("not with %s", async (_name, options) => {
    await start(options);
    await session.close();
    session = connect({ password: options.password === "super" ? "super" : "Miner_42" });
    await session.read(NEVER);
    const failure = write({ knob: "locate", value: true });
    await expect(failure).rejects.toMatchObject({ code: "WRITE_DISABLED" });
    await expect(failure).rejects.toThrow(/code -4.*default password.*username, password/);
    expect(machine.orders).toEqual([]);
  });

  test("not with an account that has no permission", async () => {
    await start();
    await session.close();
    session = connect({ password: "Miner_42", username: "user1" });
    await session.read(NEVER);
    await expect(write({ knob: "locate", value: true })).rejects.toMatchObject({
      code: "WRITE_DISABLED",
    });
  });

  test("with a clock that is years behind: requests carry the machine's own time", async () => {
    await start({ clockError: -1_400_000_000 });
    await session.read(NEVER);
    expect((await write({ knob: "locate", value: true })).answer).toBe("accepted");
  });

  test("a new salt, or a clock that was set, is found out and costs one more try", async () => {
    await start();
    await session.read(NEVER);
    machine.salt = "NewSalt1";
    await write({ knob: "locate", value: true });
    machine.clockError = 3600;
    await write({ knob: "locate", value: false });
    expect(machine.orders).toHaveLength(2);
  });

  test("errors and receipts carry no password", async () => {
    await start({ password: "Other_1" });
    await session.read(NEVER);
    const pool = { url: "stratum+tcp://p.example:1", user: "u", password: "pool_secret" };
    const failure = await write({ knob: "pools", value: [pool] }).catch(String);
    expect(failure).not.toMatch(/pool_secret|Miner_42/);
  });
});

describe("faults of the wire", () => {
  test.each<[FramedDaemon["fault"], string]>([
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["silent", "NO_REPLY"],
    ["drip", "NO_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["lost-after-send", "CONNECTION_LOST"],
    ["huge", "REPLY_TOO_LARGE"],
    ["unframed", "UNEXPECTED_SHAPE"],
  ])("%s is %s, and the next reading is whole", async (fault, code) => {
    await start();
    await session.read(NEVER);
    machine.v3.fault = fault;
    const started = performance.now();
    await expect(session.read(NEVER)).rejects.toMatchObject({ code });
    // One deadline, whatever happens.
    expect(performance.now() - started).toBeLessThan(3500);
    machine.v3.fault = undefined;
    expect((await readAfter(0.5)).problems).toEqual([]);
  });

  test.each<FramedDaemon["fault"]>(["split", "double", "without-nul", "nan", "control-characters"])(
    "%s is read through, again and again",
    async (fault) => {
      await start();
      machine.v3.fault = fault;
      await session.read(NEVER);
      const telemetry = await session.read(NEVER);
      expect(telemetry.identity.modelKnown || fault === "control-characters").toBe(true);
      expect(telemetry.activity?.value).toBe("hashing");
      expect(telemetry.setpoint.powerLimit?.value).toBe(3600);
      expect(telemetry.power?.source).toBe("get.miner.status");
    },
  );

  test.each<FramedDaemon["fault"]>(["lost-after-send", "truncate", "html", "unframed"])(
    "a write whose answer is %s is silent, acted on once, and seen at the next reading",
    async (fault) => {
      await start();
      await session.read(NEVER);
      machine.v3.fault = fault;
      const receipt = await write({ knob: "powerLimit", value: watts(3000) });
      expect(receipt.answer).toBe("silent");
      machine.v3.fault = undefined;
      expect((await readAfter(0.5)).setpoint.powerLimit?.value).toBe(3000);
      expect(machine.orders.map(({ cmd }) => cmd)).toEqual(["set.miner.power_limit"]);
    },
  );

  test("a write that times out is silent and not sent again", async () => {
    await start();
    await session.read(NEVER);
    machine.v3.fault = "silent";
    const before = machine.v3.connections;
    expect((await write({ knob: "locate", value: true })).answer).toBe("silent");
    expect(machine.v3.connections).toBe(before + 1);
    machine.v3.fault = undefined;
    expect((await readAfter(0.5)).setpoint.locate?.value).toBe(false);
  });

  test("a write to a machine that is gone was not sent", async () => {
    await start();
    await session.read(NEVER);
    machine.v3.refusing = true;
    await expect(write({ knob: "locate", value: true })).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
  });

  test("an abort ends the reading", async () => {
    await start();
    await session.read(NEVER);
    machine.v3.fault = "silent";
    const stop = new AbortController();
    const reading = session.read(stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
  });
});
