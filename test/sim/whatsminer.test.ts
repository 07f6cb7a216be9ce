import { connect as connectSocket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { epochMs, percent, watts } from "../../drivers/contract/units.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { whatsminer } from "../../drivers/whatsminer/index.ts";
import type { ReplyFault } from "./reply-fault.ts";
import { WhatsminerMachine, type WhatsminerOptions } from "./whatsminer.ts";

const NEVER = new AbortController().signal;
const MINUTE = 60_000;

let machine: WhatsminerMachine;
let session: Session;
let time: number;

afterEach(async () => {
  await session.close();
  await machine.stop();
});

async function start(options: Partial<WhatsminerOptions> & { password?: string } = {}) {
  time = 1_800_000_000_000;
  const now = () => epochMs(time);
  machine = new WhatsminerMachine({ seed: 7, now, ...options });
  await machine.start();
  session = connect("Miner_42");
  time += 60 * MINUTE;
}

function connect(password?: string): Session {
  const parsed = whatsminer.options.parse({
    driver: "whatsminer",
    ...machine.address,
    deadlineSeconds: 1,
    ...(password === undefined ? {} : { password }),
  });
  return whatsminer.connect(parsed, { now: () => epochMs(time) });
}

async function readAfter(minutes: number): Promise<Telemetry> {
  time += minutes * MINUTE;
  return await session.read(NEVER);
}

const write = (setting: Setting) => session.write([setting], NEVER);
const deliver = () => machine.plant.truth.hashrate;

describe("reading", () => {
  test("what the plant does, with the errors of its instruments", async () => {
    await start();
    const telemetry = await session.read(NEVER);
    const { truth } = machine.plant;
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toMatchObject({ model: "M50S_VJ30", modelKnown: true });
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.power?.value).not.toBe(Math.round(truth.wallPower));
    expect(Math.abs((telemetry.power?.value ?? 0) / truth.wallPower - 1)).toBeLessThan(0.016);
    expect(Math.abs((telemetry.hashrate?.recent?.value ?? 0) / truth.hashrate - 1)).toBeLessThan(
      0.02,
    );
    expect(telemetry.hashrate?.nameplate?.value).toBeCloseTo(126e12, -11);
    const hottest = Math.max(...truth.boards.map((board) => board.chipTemperature));
    expect(telemetry.temperature?.chip?.value).toBeCloseTo(hottest, 1);
    expect(telemetry.temperature?.inlet?.value).toBeCloseTo(truth.inlet, 1);
    expect(telemetry.fans.map((fan) => fan.speed?.value)).toHaveLength(2);
    expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([123, 123, 123]);
  });

  test("ideal at the present frequency equals the plant's own", async () => {
    await start();
    const { hashrate, boards } = await session.read(NEVER);
    const ideals = machine.plant.truth.boards.map((board) => board.ideal);
    const sum = ideals.reduce((total, ideal) => total + ideal, 0);
    expect(Math.abs((hashrate?.ideal?.value ?? 0) / sum - 1)).toBeLessThan(0.003);
    for (const [index, board] of boards.entries()) {
      expect(Math.abs((board.ideal?.value ?? 0) / ideals[index]! - 1)).toBeLessThan(0.003);
    }
  });

  test("a clock that jumps, and a plant that ran without the program, leave the rates whole", async () => {
    await start();
    for (let minute = 0; minute < 60; minute += 1) {
      time += MINUTE;
      machine.plant.advance(epochMs(time));
    }
    const { hashrate } = await session.read(NEVER);
    expect(Math.abs((hashrate?.now?.value ?? 0) / deliver() - 1)).toBeLessThan(0.02);
    expect(Math.abs((hashrate?.average?.value ?? 0) / deliver() - 1)).toBeLessThan(0.02);
  });

  test("fan faults and told codes come as faults", async () => {
    await start();
    machine.errorCodes.add(5123);
    machine.plant.wear.fans[1] = 0.2;
    const { faults } = await session.read(NEVER);
    expect(faults.map(({ code, component }) => [code, component])).toEqual([
      ["5123", "board 3"],
      ["111", "fan 1"],
    ]);
  });

  test("is found on the network", async () => {
    await start();
    const probe = openProbe({ ...machine.address, httpPort: 9, deadline: 1000 });
    expect(await whatsminer.identify(probe)).toMatchObject({
      confidence: 5,
      identity: { model: "M50S_VJ30", firmwareVersion: "20230714.15.Rel" },
    });
  });
});

describe("the power limit", () => {
  test("restarts, ramps over 8 to 10 min, and ends closely under the limit", async () => {
    await start();
    const before = await session.read(NEVER);
    expect(before.setpoint.powerLimit?.value).toBe(3500);
    const receipt = await write({ knob: "powerLimit", value: watts(2800) });
    expect(receipt.answer).toBe("accepted");

    const dead = await readAfter(0.5);
    expect(dead.setpoint.powerLimit?.value).toBe(2800);
    expect(dead.activity?.value).toBe("starting");
    expect(dead.uptime?.value).toBeLessThan(MINUTE);
    expect(deliver()).toBe(0);

    const ramping = await readAfter(5);
    expect(ramping.activity?.value).toBe("ramping");
    expect(deliver()).toBeGreaterThan(30e12);
    expect((await readAfter(2)).activity?.value).toBe("ramping");

    const settled = await readAfter(30);
    expect(settled.activity?.value).toBe("hashing");
    expect(settled.power?.value).toBeLessThanOrEqual(2800);
    expect(settled.power?.value).toBeGreaterThan(2800 * 0.96);
    const { frequency, voltage } = machine.plant.truth.boards[0]!;
    expect(frequency).toBeLessThan(machine.plant.spec.stock.frequency);
    expect(voltage).toBeLessThan(machine.plant.spec.stock.voltage);
    // Less power at less voltage: more hashes a joule.
    const efficiency = (t: Telemetry) => t.power!.value / t.hashrate!.recent!.value;
    expect(efficiency(settled)).toBeLessThan(efficiency(before) * 0.985);
    expect(settled.setpoint.powerLimit?.value).toBe(2800);
  });

  test("above the unit's ordinary power is rejected, restarts nothing and narrows the offer", async () => {
    await start();
    const { controls } = await session.read(NEVER);
    expect(controls.powerLimit?.max).toBe(3600);
    await expect(write({ knob: "powerLimit", value: watts(3600) })).rejects.toMatchObject({
      code: "REJECTED",
    });
    const after = await readAfter(0.5);
    expect(after.activity?.value).toBe("hashing");
    expect(after.controls.powerLimit?.max).toBe(3500);
  });

  test("can be raised again by an agent that finds it lowered", async () => {
    await start();
    await session.read(NEVER);
    await write({ knob: "powerLimit", value: watts(2600) });
    session = connect("Miner_42");
    const found = await readAfter(15);
    expect(found.setpoint.powerLimit?.value).toBe(2600);
    expect(found.controls.powerLimit?.max).toBeGreaterThanOrEqual(3500);
    await write({ knob: "powerLimit", value: watts(3500) });
    expect((await readAfter(1)).setpoint.powerLimit?.value).toBe(3500);
  });
});

describe("the other knobs", () => {
  test("mode low: 0.84 of the frequency at 0.94 of V^2, without an answer to the write", async () => {
    await start();
    await session.read(NEVER);
    const stock = machine.plant.truth.boards[0]!;
    expect((await write({ knob: "mode", value: "low" })).answer).toBe("silent");
    expect(machine.orders).toHaveLength(1);
    const settled = await readAfter(15);
    expect(settled.setpoint.mode?.value).toBe("low");
    expect(settled.activity?.value).toBe("hashing");
    const low = machine.plant.truth.boards[0]!;
    expect(low.frequency / 500).toBeCloseTo(0.842, 2);
    expect((low.voltage / stock.voltage) ** 2).toBeCloseTo(0.937, 2);
    expect(low.hashrate).toBeLessThan(stock.hashrate);
  });

  test("mode high stays under the power limit", async () => {
    await start();
    await session.read(NEVER);
    await write({ knob: "mode", value: "high" });
    const settled = await readAfter(20);
    expect(settled.setpoint.mode?.value).toBe("high");
    expect(settled.power?.value).toBeLessThanOrEqual(3500);
    expect(machine.plant.truth.boards[0]!.frequency).toBeLessThan(600);
  });

  test("power percent acts within a second, coarsely, and is gone after a restart", async () => {
    await start();
    const before = await session.read(NEVER);
    await write({ knob: "powerPercent", value: percent(70) });
    const after = await readAfter(1 / 60);
    expect(after.setpoint.powerPercent?.value).toBe(70);
    expect(after.activity?.value).toBe("hashing");
    const share = after.power!.value / before.power!.value;
    expect(share).toBeGreaterThan(0.66);
    expect(share).toBeLessThan(0.8);
    await write({ knob: "restart", value: true });
    const restarted = await readAfter(0.5);
    expect(restarted.setpoint.powerPercent?.value).toBe(100);
    expect(restarted.controls.powerPercent).toBeUndefined();
    expect(restarted.activity?.value).toBe("starting");
  });

  test("sleep and wake", async () => {
    await start();
    await session.read(NEVER);
    expect((await write({ knob: "sleep", value: true })).answer).toBe("accepted");
    const asleep = await readAfter(1);
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    expect(machine.plant.truth.hashing).toBe(false);
    expect(asleep.power?.value).toBeLessThan(150);
    await write({ knob: "sleep", value: false });
    expect((await readAfter(0.2)).activity?.value).toBe("starting");
    const awake = await readAfter(15);
    expect(awake.activity?.value).toBe("hashing");
    expect(awake.setpoint.sleep?.value).toBe(false);
    expect(deliver()).toBeGreaterThan(100e12);
  });

  test("pools and light", async () => {
    await start();
    await session.read(NEVER);
    const pool = { url: "stratum+tcp://other.example:3333", user: "me.1", password: "pass_1" };
    await session.write(
      [
        { knob: "pools", value: [pool] },
        { knob: "locate", value: true },
      ],
      NEVER,
    );
    const { setpoint, pools } = await readAfter(0.5);
    expect(machine.pools[0]).toEqual(pool);
    expect(setpoint.pools?.value).toEqual([{ ...pool, password: "" }]);
    expect(pools).toHaveLength(1);
    expect(setpoint.locate?.value).toBe(true);
    await write({ knob: "locate", value: false });
    expect((await readAfter(0.5)).setpoint.locate?.value).toBe(false);
  });

  test("reboot refuses connections for a minute, then starts anew with its settings", async () => {
    await start();
    const before = await session.read(NEVER);
    expect((await write({ knob: "reboot", value: true })).answer).toBe("silent");
    time += 20_000;
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNREACHABLE" });
    time += 2 * MINUTE;
    const after = await vi.waitFor(() => session.read(NEVER), { timeout: 2000, interval: 20 });
    expect(after.uptime!.value).toBeLessThan(before.uptime!.value);
    expect(after.setpoint.powerLimit?.value).toBe(3500);
    expect((await readAfter(15)).activity?.value).toBe("hashing");
    // The old token is gone; the write finds out and renews it.
    await write({ knob: "locate", value: true });
    expect(machine.locating).toBe(true);
  });
});

describe("who may write", () => {
  test("nobody while the switch is off: the error says what to switch on", async () => {
    await start({ writeAccess: false });
    expect((await session.read(NEVER)).problems).toEqual([]);
    const failure = write({ knob: "locate", value: true });
    await expect(failure).rejects.toMatchObject({ code: "WRITE_DISABLED" });
    await expect(failure).rejects.toThrow(/Miner API.*WhatsMinerTool/);
    expect(machine.locating).toBe(false);
  });

  test("not with another password", async () => {
    await start({ password: "Other_1" });
    await session.read(NEVER);
    await expect(write({ knob: "locate", value: true })).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
  });

  test("a token lives 30 minutes; one session needs few of them", async () => {
    await start();
    await session.read(NEVER);
    for (let hour = 0; hour < 20; hour += 1) {
      time += 40 * MINUTE;
      await write({ knob: "locate", value: hour % 2 === 0 });
    }
    expect(machine.orders).toHaveLength(20);
    machine.forgetTokens();
    await write({ knob: "locate", value: true });
    expect(machine.orders).toHaveLength(21);
  });

  test("the 33rd token is refused: BUSY", async () => {
    await start();
    await session.read(NEVER);
    for (let tool = 0; tool < 32; tool += 1) {
      const other = connect("Miner_42");
      await other.read(NEVER);
      await other.write([{ knob: "locate", value: true }], NEVER);
    }
    await expect(write({ knob: "locate", value: true })).rejects.toMatchObject({ code: "BUSY" });
    time += 31 * MINUTE;
    await write({ knob: "locate", value: true });
  });
});

describe("faults of the wire", () => {
  test.each<[ReplyFault, string]>([
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["silent", "NO_REPLY"],
    ["drip", "NO_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["lost-after-send", "CONNECTION_LOST"],
    ["huge", "REPLY_TOO_LARGE"],
  ])("%s is %s, and the next reading is whole", async (fault, code) => {
    await start();
    await session.read(NEVER);
    machine.fault = fault;
    await expect(session.read(NEVER)).rejects.toMatchObject({ code });
    machine.fault = undefined;
    expect((await readAfter(0.5)).problems).toEqual([]);
  });

  test.each<ReplyFault>(["split", "double", "without-nul", "nan", "control-characters"])(
    "%s is read through",
    async (fault) => {
      await start();
      machine.fault = fault;
      const telemetry = await session.read(NEVER);
      expect(telemetry.identity.model).toBe("M50S_VJ30");
      expect(telemetry.activity?.value).toBe("hashing");
      expect(telemetry.setpoint.powerLimit?.value).toBe(3500);
    },
  );

  test("a write whose answer is lost is silent, acted on once, and seen at the next reading", async () => {
    await start();
    await session.read(NEVER);
    await write({ knob: "locate", value: false });
    machine.fault = "lost-after-send";
    const receipt = await write({ knob: "powerLimit", value: watts(3000) });
    expect(receipt.answer).toBe("silent");
    machine.fault = undefined;
    expect((await readAfter(0.5)).setpoint.powerLimit?.value).toBe(3000);
    expect(machine.orders.filter(({ cmd }) => cmd === "adjust_power_limit")).toHaveLength(1);
  });

  test("an idle connection is closed, and holds up everybody until then", async () => {
    await start({ idle: 300 });
    await session.read(NEVER);
    const idler = connectSocket(machine.address.port, "127.0.0.1");
    await new Promise((resolve) => idler.once("connect", resolve));
    const started = performance.now();
    await session.read(NEVER);
    expect(performance.now() - started).toBeGreaterThan(200);
    idler.destroy();
  });
});
