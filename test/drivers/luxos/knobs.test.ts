import { afterEach, describe, expect, it, vi } from "vitest";
import { celsius, megahertz, millivolts, percent } from "../../../drivers/contract/units.ts";
import { MINUTE, startLuxos } from "../../sim/luxos-start.ts";

let bench: Awaited<ReturnType<typeof startLuxos>> | undefined;
afterEach(async () => {
  await bench?.machine.stop();
  bench = undefined;
});
async function start(tick = 0) {
  bench = await startLuxos(tick);
  return bench;
}

describe("a session with the simulated machine", () => {
  it("reads it as it is, but for the watts, which follow a formula", async () => {
    const { machine, read } = await start();
    const telemetry = await read();
    const { truth } = machine.plant;
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.setpoint).toMatchObject({
      frequency: { value: 590 },
      voltage: { value: 13_500 },
      profile: { value: "default" },
      autotune: { value: true },
      fan: { value: "auto" },
      sleep: { value: false },
      locate: { value: false },
    });
    const rate = telemetry.hashrate?.recent?.value ?? 0;
    expect(Math.abs(rate / truth.hashrate - 1)).toBeLessThan(0.15);
    expect(telemetry.power).toMatchObject({ value: 2794, basis: "formula" });
    expect(Math.abs(truth.wallPower - 2794)).toBeGreaterThan(10);
    expect(telemetry.temperature?.board?.value).toBe(
      Math.round(Math.max(...truth.boards.map((board) => board.boardTemperature))),
    );
  });

  it("ramps the frequency of every board and tells so meanwhile", async () => {
    const { machine, read, write, later } = await start();
    await write({ knob: "autotune", value: false });
    const before = (await read()).hashrate?.ideal?.value ?? 0;
    const receipt = await write({ knob: "frequency", value: megahertz(490) });
    expect(receipt).toMatchObject({ answer: "accepted" });
    expect(receipt.detail).toMatch(/^frequencyset 0,490: Set Frequency; frequencyset 1,490: /);
    later(2000);
    const meanwhile = await read();
    expect(meanwhile.activity?.value).toBe("ramping");
    expect(meanwhile.setpoint.frequency?.value).toBe(540);
    later(10_000);
    const after = await read();
    expect(after.activity?.value).toBe("hashing");
    expect(after.setpoint.frequency?.value).toBe(490);
    expect((after.hashrate?.ideal?.value ?? 0) / before).toBeCloseTo(490 / 590, 3);
    expect(machine.plant.truth.boards.map((board) => board.frequency)).toEqual([490, 490, 490]);
    expect(machine.session).toBe("");
  });

  it("sets the voltage of the supply; its watts do not show it, the wall does", async () => {
    const { machine, read, write, later } = await start();
    await write({ knob: "autotune", value: false });
    const before = await read();
    const wall = machine.plant.truth.wallPower;
    await write({ knob: "voltage", value: millivolts(13_400) });
    later(MINUTE);
    const after = await read();
    expect(after.setpoint.voltage?.value).toBe(13_400);
    expect(after.power?.value).toBe(before.power?.value);
    expect(machine.plant.truth.boards[2]?.voltage).toBeCloseTo(13_400, 6);
    expect(machine.plant.truth.wallPower).toBeLessThan(wall);
  });

  it("lowers the voltage only after the ramp is over", async () => {
    const { machine, read, write } = await start(20);
    await read();
    await write(
      { knob: "voltage", value: millivolts(13_000) },
      { knob: "frequency", value: megahertz(515) },
    );
    const names = machine.orders.map((order) => order.split(" ")[0]);
    expect(names).toEqual(["frequencyset", "frequencyset", "frequencyset", "voltageset"]);
    const [board] = machine.plant.truth.boards;
    expect(board?.frequency).toBe(515);
    expect(board?.voltage).toBeCloseTo(13_000, 6);
  });

  it("moves to a profile with its voltage", async () => {
    const { machine, read, write, later } = await start();
    await read();
    await write({ knob: "profile", value: "515MHz" });
    later(20_000);
    const down = await read();
    expect(down.setpoint.profile?.value).toBe("515MHz");
    expect(down.setpoint.voltage?.value).toBe(13_050);
    expect(down.power?.value).toBe(2336);
    expect(machine.plant.truth.boards[0]).toMatchObject({ frequency: 515 });
    expect(machine.plant.truth.boards[0]?.voltage).toBeCloseTo(13_050, 6);
    await write({ knob: "profile", value: "default" });
    later(20_000);
    expect((await read()).setpoint.voltage?.value).toBe(13_500);
    expect(machine.plant.truth.boards[0]?.frequency).toBe(590);
  });

  it("has a governor that moves a manual point back, until it is switched off", async () => {
    const { read, write, later } = await start();
    await read();
    await write({ knob: "frequency", value: megahertz(565) });
    later(MINUTE);
    expect((await read()).setpoint.frequency?.value).toBe(565);
    later(2 * MINUTE);
    expect((await read()).setpoint.frequency?.value).toBe(590);
    await write({ knob: "autotune", value: false });
    expect((await read()).setpoint.autotune?.value).toBe(false);
    await write({ knob: "frequency", value: megahertz(565) });
    later(30 * MINUTE);
    expect((await read()).setpoint.frequency?.value).toBe(565);
    await write({ knob: "autotune", value: true });
    expect((await read()).setpoint.autotune?.value).toBe(true);
    later(5 * MINUTE);
    expect((await read()).setpoint.frequency?.value).toBe(590);
  });

  it("turns its fans as it is told, and by itself again", async () => {
    const { machine, read, write, later } = await start();
    const before = await read();
    await write({ knob: "fan", value: percent(95) });
    later(30_000);
    const loud = await read();
    expect(loud.setpoint.fan?.value).toBe(95);
    expect(loud.fans[0]?.speed?.value).toBeGreaterThan(before.fans[0]?.speed?.value ?? 9999);
    expect(machine.plant.truth.fans[3]?.duty).toBe(95);
    await write({ knob: "fan", value: "auto" });
    later(10 * MINUTE);
    expect((await read()).setpoint.fan?.value).toBe("auto");
    expect(machine.plant.truth.fans[3]?.duty).toBeLessThan(90);
  });

  it("sleeps, refuses a frequency meanwhile, and comes back after a pause and a ramp", async () => {
    const { machine, read, write, later } = await start();
    await read();
    await write({ knob: "sleep", value: true });
    later(10_000);
    const asleep = await read();
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    expect(asleep.hashrate?.now?.value).toBe(0);
    expect(machine.plant.truth.hashing).toBe(false);
    await expect(write({ knob: "frequency", value: megahertz(565) })).rejects.toMatchObject({
      code: "REJECTED",
      message: expect.stringContaining("sleep mode"),
    });
    expect(machine.session).toBe("");
    await write({ knob: "sleep", value: false });
    later(5000);
    expect((await read()).activity?.value).not.toBe("hashing");
    later(16_000);
    expect((await read()).activity?.value).toBe("ramping");
    later(30_000);
    const awake = await read();
    expect(awake.activity?.value).toBe("hashing");
    expect(awake.setpoint.frequency?.value).toBe(590);
  });

  it("blinks", async () => {
    const { machine, read, write } = await start();
    await read();
    await write({ knob: "locate", value: true });
    expect(machine.led).toBe("blink");
    expect((await read()).setpoint.locate?.value).toBe(true);
    await write({ knob: "locate", value: false });
    expect(machine.led).toBe("auto");
  });

  it("takes new pools, one of them at an address that is there already", async () => {
    const { machine, read, write } = await start();
    await read();
    const [first] = machine.pools;
    const pools = [
      { url: "stratum+tcp://new.example:3333", user: "a,b.worker", password: "p,\\w" },
      { url: machine.pools[1]!.url, user: "other.worker", password: "x" },
    ];
    await write({ knob: "pools", value: pools });
    expect(machine.pools).toEqual(pools);
    expect(machine.pools).not.toContain(first);
    expect(machine.activePool).toBe(0);
    const read2 = await read();
    expect(read2.setpoint.pools?.value.map((pool) => pool.user)).toEqual([
      "a,b.worker",
      "other.worker",
    ]);
    expect(read2.pools[0]).toMatchObject({ active: true, status: "alive" });
  });

  it.each([
    ["restart", 20_000, 41_000],
    ["reboot", 60_000, 91_000],
  ] as const)(
    "is away for a while after a %s, then on its profile again",
    async (knob, least, most) => {
      const { machine, read, write, later } = await start();
      await read();
      await write({ knob: "autotune", value: false });
      await write({ knob: "frequency", value: megahertz(490) });
      later(10_000);
      expect(await write({ knob, value: true })).toMatchObject({ answer: "accepted" });
      later(1500);
      await vi.waitUntil(() => isRefused(read));
      later(least - 2000);
      await expect(read()).rejects.toMatchObject({ code: "UNREACHABLE" });
      later(most - least);
      await vi.waitUntil(async () => !(await isRefused(read)));
      const starting = await read();
      expect(starting.activity?.value).toBe("starting");
      expect(starting.uptime?.value).toBeLessThan(MINUTE);
      expect(machine.session).toBe("");
      later(2 * MINUTE);
      const again = await read();
      expect(again.activity?.value).toBe("hashing");
      expect(again.setpoint.frequency?.value).toBe(590);
      expect(again.setpoint.autotune?.value).toBe(false);
    },
  );

  it("shuts itself down when its boards get too hot", async () => {
    const { machine, read, later } = await start();
    machine.plant.wear.resistance = 6;
    later(60 * MINUTE);
    const telemetry = await read();
    expect(machine.plant.truth.hashing).toBe(false);
    expect(telemetry.activity?.value).toBe("stopped");
    expect(telemetry.limits?.board).toBe(celsius(70));
  });
});

const isRefused = (read: () => Promise<unknown>): Promise<boolean> =>
  read().then(
    () => false,
    (error) => error.code === "UNREACHABLE",
  );
