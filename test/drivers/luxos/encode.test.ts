import { describe, expect, it } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import { megahertz, millivolts, percent, watts } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/luxos/decode.ts";
import { encode } from "../../../drivers/luxos/encode.ts";
import { joinFields, splitFields } from "../../../drivers/luxos/request.ts";
import type { Present } from "../../../drivers/luxos/step.ts";
import { filledPool, validate } from "../../../drivers/transport/order.ts";
import { fixture, knownFrom, RECORDED } from "./canned.ts";

const now: Present = {
  boards: [0, 1, 2],
  singleVoltage: true,
  frequency: megahertz(590),
  voltage: millivolts(13_500),
};

const sent = (settings: readonly Setting[], present = now) =>
  encode(settings, present).map((step) =>
    step.kind === "pools" ? "pools" : [step.command, ...step.fields].join(" "),
  );

describe("wishes as requests", () => {
  it("lowers the frequency before the voltage, and waits for the ramp in between", () => {
    const settings: Setting[] = [
      { knob: "voltage", value: millivolts(13_050) },
      { knob: "frequency", value: megahertz(515) },
    ];
    expect(sent(settings)).toEqual([
      "frequencyset 0 515",
      "frequencyset 1 515",
      "frequencyset 2 515",
      "voltageset 0 13.05",
    ]);
    expect(encode(settings, now).map((step) => "afterRamp" in step)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("raises the voltage before the frequency", () => {
    const settings: Setting[] = [
      { knob: "frequency", value: megahertz(640) },
      { knob: "voltage", value: millivolts(13_800) },
    ];
    expect(sent(settings)[0]).toBe("voltageset 0 13.8");
    expect(encode(settings, now)[0]).not.toHaveProperty("afterRamp");
  });

  it("sets each board's voltage where each has its own", () => {
    const settings: Setting[] = [{ knob: "voltage", value: millivolts(8_900) }];
    expect(sent(settings, { ...now, singleVoltage: false })).toEqual([
      "voltageset 0 8.9",
      "voltageset 1 8.9",
      "voltageset 2 8.9",
    ]);
  });

  it("switches the governors off first and on last, and sleeps after everything else", () => {
    const off: Setting[] = [
      { knob: "sleep", value: true },
      { knob: "profile", value: "290MHz" },
      { knob: "autotune", value: false },
    ];
    expect(sent(off)).toEqual([
      "atmset enabled=false",
      "autotunerset enabled=false",
      "profileset 290MHz",
      "curtail sleep",
    ]);
    const on: Setting[] = [
      { knob: "autotune", value: true },
      { knob: "frequency", value: megahertz(590) },
      { knob: "sleep", value: false },
    ];
    expect(sent(on).at(0)).toBe("curtail wakeup");
    expect(sent(on).at(-1)).toBe("autotunerset enabled=true");
  });

  it("speaks LUXminer for the rest", () => {
    const settings: Setting[] = [
      { knob: "fan", value: percent(75) },
      { knob: "locate", value: true },
      { knob: "powerLimit", value: watts(3000.4) },
      { knob: "reboot", value: true },
    ];
    expect(sent(settings)).toEqual([
      "powertargetset power=3000",
      "fanset speed=75",
      "ledset red blink",
      "rebootdevice",
    ]);
    expect(sent([{ knob: "fan", value: "auto" }])).toEqual(["fanset speed=-1"]);
    expect(sent([{ knob: "locate", value: false }])).toEqual(["ledset red auto"]);
    expect(sent([{ knob: "restart", value: true }])).toEqual(["resetminer"]);
  });

  it("escapes commas and backslashes inside of a field", () => {
    expect(joinFields(["SID", "a,b", "c\\d"])).toBe("SID,a\\,b,c\\\\d");
    expect(splitFields(joinFields(["", "x,\\", ",", "end"]))).toEqual(["", "x,\\", ",", "end"]);
  });
});

describe("wishes that cannot be", () => {
  const RULES = { pool: filledPool("url", "user") };
  const { controls } = decode(knownFrom(fixture()), RECORDED, []);
  const pool = { url: "stratum+tcp://a.example:1", user: "u", password: "x" };

  it.each<[string, Setting, RegExp]>([
    [
      "too fast",
      { knob: "frequency", value: megahertz(700) },
      /frequency: 700: expected 190 to 690/,
    ],
    [
      "too much",
      { knob: "voltage", value: millivolts(14_150) },
      /voltage: 14150: expected 11880 to 14100/,
    ],
    ["no number", { knob: "frequency", value: megahertz(Number.NaN) }, /frequency: NaN/],
    ["still air", { knob: "fan", value: percent(0) }, /fan: 0: expected 20 to 100/],
    ["no such profile", { knob: "profile", value: "700MHz" }, /700MHz: expected one of 190MHz, /],
    ["beyond the window", { knob: "profile", value: "715MHz" }, /715MHz: expected one of/],
    ["not offered", { knob: "mode", value: "eco" }, /mode: eco: this machine does not offer it/],
    ["no pools", { knob: "pools", value: [] }, /pools: 0: expected 1 to 4/],
    [
      "nameless",
      { knob: "pools", value: [pool, { ...pool, user: " " }] },
      /pools: 2: number 2: .*user is blank/,
    ],
  ])("%s", (_name, setting, words) => {
    const check = () => validate([setting], controls, RULES);
    expect(check).toThrow(words);
    expect(check).toThrow(DeviceError);
  });

  it("lets through what is inside", () => {
    const settings: Setting[] = [
      { knob: "frequency", value: megahertz(690) },
      { knob: "fan", value: "auto" },
      { knob: "profile", value: "default" },
      { knob: "pools", value: [pool] },
    ];
    expect(() => validate(settings, controls, RULES)).not.toThrow();
  });
});
