import { describe, expect, test } from "vitest";
import { decodeControls, decodeSetpoint } from "../../../drivers/bitaxe/controls.ts";
import { encode, validate } from "../../../drivers/bitaxe/encode.ts";
import { firmwareOf, modelOf } from "../../../drivers/bitaxe/firmware.ts";
import type { Info } from "../../../drivers/bitaxe/wire.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { epochMs, megahertz, millivolts, percent } from "../../../drivers/contract/units.ts";
import { GAMMA_V2_14, NERD_V1_0, NOW, SUPRA_V2_4 } from "./canned.ts";

const frequency = (value: number): Setting => ({ knob: "frequency", value: megahertz(value) });
const voltage = (value: number): Setting => ({ knob: "voltage", value: millivolts(value) });
const fan = (value: number): Setting => ({ knob: "fan", value: percent(value) });
const auto: Setting = { knob: "fan", value: "auto" };
const restart: Setting = { knob: "restart", value: true };
const sleep = (value: boolean): Setting => ({ knob: "sleep", value });

const steps = (info: Info, ...settings: Setting[]) =>
  encode(settings, firmwareOf(info), decodeSetpoint(info, epochMs(NOW)));

describe("one knob", () => {
  test("is one request with one field", () => {
    expect(steps(GAMMA_V2_14, frequency(518.75))).toEqual([
      { kind: "patch", body: { frequency: 518.75 } },
    ]);
    expect(steps(GAMMA_V2_14, voltage(1137.4))).toEqual([
      { kind: "patch", body: { coreVoltage: 1137 } },
    ]);
  });

  test("whole MHz where fractions are cut off or void the wish", () => {
    for (const info of [SUPRA_V2_4, NERD_V1_0]) {
      expect(steps(info, frequency(518.75))).toEqual([{ kind: "patch", body: { frequency: 519 } }]);
    }
  });

  test("the manual fan goes under the name that this build knows", () => {
    expect(steps(SUPRA_V2_4, fan(70))).toEqual([
      { kind: "patch", body: { autofanspeed: 0, fanspeed: 70 } },
    ]);
    expect(steps(GAMMA_V2_14, fan(70))).toEqual([
      { kind: "patch", body: { autofanspeed: 0, manualFanSpeed: 70 } },
    ]);
  });

  test("the automatic fan is 1, and the PID control of a NerdAxe 2", () => {
    expect(steps(GAMMA_V2_14, auto)).toEqual([{ kind: "patch", body: { autofanspeed: 1 } }]);
    expect(steps(NERD_V1_0, auto)).toEqual([{ kind: "patch", body: { autofanspeed: 2 } }]);
    expect(steps({ ...NERD_V1_0, pidTargetTemp: -1 }, auto)).toEqual([
      { kind: "patch", body: { autofanspeed: 1 } },
    ]);
  });
});

describe("frequency and voltage together", () => {
  test("upwards the voltage goes first", () => {
    expect(steps(GAMMA_V2_14, frequency(600), voltage(1200))).toEqual([
      { kind: "patch", body: { coreVoltage: 1200 } },
      { kind: "patch", body: { frequency: 600 } },
    ]);
  });

  test("downwards the frequency goes first and the ramp is waited for", () => {
    // 125 MHz of 6.25 MHz each 100 ms, after at most 2.5 s.
    expect(steps(GAMMA_V2_14, voltage(1050), frequency(400))).toEqual([
      { kind: "patch", body: { frequency: 400 }, wait: 2_500 + 2_000 },
      { kind: "patch", body: { coreVoltage: 1050 } },
    ]);
  });

  test("an unknown present voltage counts as the higher one", () => {
    const { coreVoltage: _gone, ...unknown } = GAMMA_V2_14;
    const bodies = steps(unknown, voltage(1150), frequency(500)).map(
      (step) => step.kind === "patch" && step.body,
    );
    expect(bodies).toEqual([{ frequency: 500 }, { coreVoltage: 1150 }]);
  });

  test("a build that reads them at its start gets both and a restart", () => {
    const old = { ...SUPRA_V2_4, version: "v2.1.10" };
    expect(steps(old, frequency(450), voltage(1150))).toEqual([
      { kind: "patch", body: { frequency: 450, coreVoltage: 1150 } },
      { kind: "post", path: "/api/system/restart" },
    ]);
  });
});

describe("sleep and restart", () => {
  test("wakes before and sleeps after the rest", () => {
    expect(steps(GAMMA_V2_14, frequency(500), sleep(false))).toEqual([
      { kind: "post", path: "/api/system/resume" },
      { kind: "patch", body: { frequency: 500 } },
    ]);
    expect(steps(GAMMA_V2_14, sleep(true), frequency(500))).toEqual([
      { kind: "patch", body: { frequency: 500 } },
      { kind: "post", path: "/api/system/pause" },
    ]);
  });

  test("a NerdAxe shuts down and wakes by one restart", () => {
    expect(steps(NERD_V1_0, sleep(true))).toEqual([{ kind: "post", path: "/api/system/shutdown" }]);
    expect(steps(NERD_V1_0, sleep(false), restart)).toEqual([
      { kind: "post", path: "/api/system/restart" },
    ]);
  });
});

describe("a wish that cannot be", () => {
  const controls = decodeControls(
    GAMMA_V2_14,
    firmwareOf(GAMMA_V2_14),
    modelOf(GAMMA_V2_14, undefined),
  );
  const refused = (...settings: Setting[]) => {
    try {
      validate(settings, controls);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test.each([
    [frequency(626), "frequency: 626 is not within 400 to 625"],
    [frequency(399), "frequency: 399 is not within 400 to 625"],
    [voltage(Number.NaN), "voltage: NaN is not within 1000 to 1250"],
    [fan(10), "fan: 10 is not within 25 to 100"],
    [{ knob: "frequency", value: "auto" } as never, "frequency: auto is not within 400 to 625"],
    [{ knob: "sleep", value: 1 } as never, "sleep: 1 is not true or false"],
    [{ knob: "profile", value: "x" } as Setting, "profile: not offered by this machine"],
  ])("%o", (setting, words) => {
    expect(refused(setting)).toMatchObject({ code: "INVALID_SETTING", message: words });
  });

  test("sleep does not outlast a restart beside it", () => {
    expect(refused(sleep(true), restart)).toMatchObject({ code: "INVALID_SETTING" });
    expect(refused(sleep(false), restart)).toBeUndefined();
  });

  test("the ends of the envelope are inside", () => {
    expect(refused(frequency(400), voltage(1250), fan(25), auto)).toBeUndefined();
  });
});
