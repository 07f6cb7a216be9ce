import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { megahertz, millivolts, watts } from "../../../drivers/contract/units.ts";
import { MINUTE, type Rig, startRig } from "./machine.ts";

const wattsOf = (value: number) => ({ knob: "powerLimit", value: watts(value) }) as const;

describe("a machine in power target mode", () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.stop());

  test("offers watts, hashrate targets and switches, within the machine's own limits", async () => {
    const { controls, setpoint } = await rig.read();
    expect(controls.powerLimit).toMatchObject({ min: 1000, max: 3800 });
    expect(setpoint.powerLimit?.value).toBe(3031);
    expect(controls.frequency).toBeUndefined();
    expect(controls.voltage).toBeUndefined();
    expect(controls.profile?.choices.map((choice) => choice.name).slice(0, 3)).toEqual([
      "power target",
      "70 TH/s",
      "80 TH/s",
    ]);
    expect(setpoint.profile?.value).toBe("power target");
    expect(setpoint.autotune?.value).toBe(true);
  });

  test("a target without a tuned profile is tuned for long before it counts as hashing", async () => {
    const soon = await rig.set(wattsOf(2700), MINUTE);
    expect(soon.setpoint.powerLimit?.value).toBe(2700);
    expect(soon.activity?.value).toBe("ramping");
    rig.advance(10 * MINUTE);
    const rough = await rig.read();
    expect(rough.activity?.value).toBe("ramping");
    expect(rough.power?.value).toBeLessThan(2700);
    rig.advance(30 * MINUTE);
    const tuned = await rig.read();
    expect(tuned.activity?.value).toBe("hashing");
    expect(tuned.power?.value).toBeGreaterThan(rough.power?.value ?? Infinity);
    expect(Math.abs((tuned.power?.value ?? 0) - 2700)).toBeLessThan(5);
  });

  test("a tuned target is reached within minutes", async () => {
    const telemetry = await rig.set(wattsOf(2500), 5 * MINUTE);
    expect(telemetry.activity?.value).toBe("hashing");
    expect(Math.abs((telemetry.power?.value ?? 0) - 2500)).toBeLessThan(5);
  });

  test("a change of watts moves no other knob's setting", async () => {
    const before = await rig.read();
    const after = await rig.set(wattsOf(2500));
    expect(after.setpoint.profile?.value).toBe(before.setpoint.profile?.value);
    expect(after.setpoint.autotune?.value).toBe(true);
  });

  test("a hashrate target is set and left again", async () => {
    const there = await rig.set({ knob: "profile", value: "120 TH/s" }, 45 * MINUTE);
    expect(there.setpoint.profile?.value).toBe("120 TH/s");
    expect(there.setpoint.powerLimit).toBeUndefined();
    expect(there.controls.powerLimit).toBeUndefined();
    expect((there.hashrate?.ideal?.value ?? 0) / 120e12).toBeCloseTo(1, 3);
    const next = await rig.set({ knob: "profile", value: "110 TH/s" });
    expect(next.setpoint.profile?.value).toBe("110 TH/s");
    const back = await rig.set({ knob: "profile", value: "power target" });
    expect(back.setpoint.powerLimit?.value).toBe(3031);
    expect(
      rig.machine.requests.filter(({ method }) => method === "PUT").map(({ path }) => path),
    ).toEqual(["performance/mode", "performance/hashrate-target", "performance/mode"]);
  });

  test("without the tuner, frequency and voltage are set by hand on every board", async () => {
    const manual = await rig.set({ knob: "autotune", value: false });
    expect(manual.controls.powerLimit).toBeUndefined();
    expect(manual.controls.profile).toBeUndefined();
    expect(manual.controls.frequency).toMatchObject({ min: 200, max: 600 });
    // 11.5 V is what the boards bear, 11.96 V what the supply gives.
    expect(manual.controls.voltage).toMatchObject({ min: 11_960, max: 14_200 });
    const before = manual.hashrate?.ideal?.value ?? 0;
    await rig.session.write(
      [
        { knob: "voltage", value: millivolts(12_800) },
        { knob: "frequency", value: megahertz(450) },
      ],
      new AbortController().signal,
    );
    rig.advance(10 * MINUTE);
    const after = await rig.read();
    expect(after.setpoint.frequency?.value).toBe(450);
    expect(after.setpoint.voltage?.value).toBe(12_800);
    expect(after.boards.map((board) => board.frequency?.value)).toEqual([450, 450, 450]);
    expect(after.hashrate?.ideal?.value).toBeLessThan(before);
    expect(rig.machine.requests.filter(({ path }) => path === "performance/mode")).toHaveLength(2);
    const tuned = await rig.set({ knob: "autotune", value: true });
    expect(tuned.setpoint.powerLimit?.value).toBe(3031);
  });

  test("a paused machine sleeps, and its 0 W are not believed", async () => {
    const asleep = await rig.set({ knob: "sleep", value: true }, MINUTE);
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    expect(asleep.power).toMatchObject({ value: 0, quality: "implausible", basis: "formula" });
    const awake = await rig.set({ knob: "sleep", value: false }, 20_000);
    expect(awake.activity?.value).toBe("ramping");
    rig.advance(5 * MINUTE);
    expect((await rig.read()).activity?.value).toBe("hashing");
  });

  test("while bosminer starts, the rest of the reading is delivered", async () => {
    const telemetry = await rig.set({ knob: "restart", value: true }, 10_000);
    expect(telemetry.activity?.value).toBe("starting");
    expect(telemetry.problems.map((problem) => problem.source).sort()).toEqual([
      "miner/hw/hashboards",
      "miner/stats",
      "performance/tuner-state",
    ]);
    expect(telemetry.boards).toEqual([]);
    expect(telemetry.fans).toHaveLength(4);
  });

  test("pools are replaced with the group's own name and share", async () => {
    const pool = { url: "stratum+tcp://a.test:3333", user: "me", password: "secret" };
    const receipt = await rig
      .read()
      .then(() =>
        rig.session.write([{ knob: "pools", value: [pool] }], new AbortController().signal),
      );
    expect(receipt.detail).not.toContain("secret");
    expect(JSON.parse(rig.machine.requests.at(-1)?.body ?? "")).toEqual([
      {
        name: "default",
        load_balance_strategy: { quota: { value: 1 } },
        pools: [{ enabled: true, ...pool }],
      },
    ]);
    rig.advance(1000);
    expect((await rig.read()).pools.map(({ url }) => url)).toEqual([pool.url]);
  });

  test("one login serves for an hour; a lost one is renewed without asking twice a minute", async () => {
    await rig.read();
    rig.advance(10 * MINUTE);
    await rig.read();
    expect(rig.machine.logins).toBe(1);
    rig.machine.forgetTokens();
    await rig.read();
    expect(rig.machine.logins).toBe(2);
    rig.machine.forgetTokens();
    await expect(rig.read()).rejects.toMatchObject({ code: "BUSY" });
    expect(rig.machine.logins).toBe(2);
    rig.advance(MINUTE);
    await rig.read();
    expect(rig.machine.logins).toBe(3);
  });

  test("the second reading asks for what moves only", async () => {
    await rig.read();
    const before = rig.machine.connections;
    rig.advance(10_000);
    const telemetry = await rig.read();
    expect(rig.machine.connections - before).toBeLessThanOrEqual(1);
    expect(telemetry.power?.at).toBe(rig.now());
    expect(telemetry.setpoint.powerLimit?.at).toBe(rig.now() - 10_000);
  });

  test("the machine's own refusal is told in its words", async () => {
    await rig.read();
    rig.machine.objection = "tuner is busy";
    await expect(
      rig.session.write([wattsOf(2500)], new AbortController().signal),
    ).rejects.toMatchObject({
      code: "REJECTED",
      message: expect.stringContaining("tuner is busy"),
    });
  });
});

describe("steering by profiles", () => {
  test("offers what the firmware has tuned, with its own figures", async () => {
    const rig = await startRig({ steering: "profiles" });
    try {
      const { controls, setpoint } = await rig.read();
      expect(controls.powerLimit).toBeUndefined();
      expect(setpoint.profile?.value).toBe("3031 W");
      const tuned = controls.profile?.choices.filter((choice) => choice.tuned) ?? [];
      expect(tuned.map((choice) => choice.name)).toEqual(["2500 W", "3031 W"]);
      expect(tuned[0]).toMatchObject({ power: expect.closeTo(2500, -1) });
      expect(tuned[0]?.hashrate ?? 0).toBeLessThan(tuned[1]?.hashrate ?? 0);
      const after = await rig.set({ knob: "profile", value: "2500 W" });
      expect(after.setpoint.profile?.value).toBe("2500 W");
      expect(after.activity?.value).toBe("hashing");
    } finally {
      await rig.stop();
    }
  });
});

describe("a login that is refused", () => {
  test("after it was granted is told as what it is", async () => {
    const rig = await startRig();
    try {
      rig.machine.fault = "key-refused";
      await expect(rig.read()).rejects.toMatchObject({
        code: "UNAUTHORIZED",
        message: expect.stringContaining("although the login succeeded"),
      });
    } finally {
      await rig.stop();
    }
  });

  test("is not tried again for a while", async () => {
    const rig = await startRig({ password: "wrong" });
    try {
      await expect(rig.read()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
      const asked = rig.machine.requests.length;
      expect(asked).toBe(1);
      rig.advance(MINUTE);
      await expect(rig.read()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
      expect(rig.machine.requests).toHaveLength(asked);
      rig.advance(5 * MINUTE);
      await expect(rig.read()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
      expect(rig.machine.requests).toHaveLength(asked + 1);
    } finally {
      await rig.stop();
    }
  });

  test("without a password the operator is told what to set", async () => {
    const rig = await startRig({ password: undefined });
    try {
      await expect(rig.read()).rejects.toMatchObject({
        code: "UNAUTHORIZED",
        message: /no password is set/,
      });
    } finally {
      await rig.stop();
    }
  });
});
