// What is sent, and what the answers mean.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewConfig } from "../../../drivers/antminer/config.ts";
import { offer } from "../../../drivers/antminer/controls.ts";
import {
  encodeForm,
  encodeJson,
  formBody,
  judgeAnswer,
  merge,
} from "../../../drivers/antminer/encode.ts";
import { generationOf } from "../../../drivers/antminer/firmware.ts";
import { MinerConf } from "../../../drivers/antminer/wire-config.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs, megahertz, millivolts, percent } from "../../../drivers/contract/units.ts";
import { findAntminer } from "../../../drivers/hardware/antminer.ts";
import { validate } from "../../../drivers/transport/order.ts";

const AT = epochMs(1_800_000_000_000);
const STORED = {
  pools: [
    { url: "stratum+tcp://a:1", user: "w.1", pass: "x" },
    { url: "", user: "", pass: "" },
    { url: "", user: "", pass: "" },
  ],
  "bitmain-fan-ctrl": false,
  "bitmain-fan-pwm": "100",
  "bitmain-freq": "550",
  "bitmain-voltage": "1950",
  "bitmain-work-mode": "0",
  "bitmain-freq-level": "90",
};

function configOf(model: string, change: Record<string, unknown> = {}) {
  const conf = MinerConf.parse({ ...STORED, ...change });
  return viewConfig(conf, AT, generationOf(model), findAntminer(model)?.fans);
}

function json(model: string, settings: Setting[], change: Record<string, unknown> = {}) {
  const config = configOf(model, change);
  const wanted = merge(config, { settings, series: model, wakeMode: 0 });
  return JSON.parse(encodeJson(config, wanted)) as Record<string, unknown>;
}

function form(model: string, settings: Setting[], change: Record<string, unknown> = {}) {
  const config = configOf(model, change);
  return encodeForm(config, merge(config, { settings, series: model, wakeMode: 0 }), model);
}

describe("JSON", () => {
  test("one knob changes one value; types are those that both handlers take", () => {
    expect(json("S21", [{ knob: "sleep", value: true }])).toEqual({
      pools: STORED.pools,
      "bitmain-fan-ctrl": false,
      "bitmain-fan-pwm": "100",
      "miner-mode": 1,
      "freq-level": "90",
    });
    expect(json("S21", [{ knob: "fan", value: percent(60) }])).toMatchObject({
      "bitmain-fan-ctrl": true,
      "bitmain-fan-pwm": "60",
      "miner-mode": 0,
    });
    expect(
      json("S21", [{ knob: "fan", value: "auto" }], {
        "bitmain-fan-ctrl": true,
        "bitmain-fan-pwm": 60,
      }),
    ).toMatchObject({ "bitmain-fan-ctrl": false, "bitmain-fan-pwm": "60" });
  });

  test("what else a build stores goes back as it came", () => {
    const extra = {
      algo: "dash_1766",
      "bitmain-user-ip-cat": "0",
      "bitmain-hashrate-percent": "100",
    };
    expect(json("D9", [{ knob: "sleep", value: false }], extra)).toMatchObject(extra);
    expect(Object.keys(json("S21", [], { "bitmain-hashrate-percent": null }))).not.toContain(
      "bitmain-hashrate-percent",
    );
  });

  test("waking goes to the mode from before, or to the one that comes with it", () => {
    const asleep = configOf("S21", { "bitmain-work-mode": "1" });
    const wake: Setting = { knob: "sleep", value: false };
    const to = (settings: Setting[], wakeMode: number) =>
      merge(asleep, { settings, series: "S21", wakeMode }).workMode;
    expect(to([wake], 3)).toBe(3);
    expect(to([wake, { knob: "mode", value: "normal" }], 3)).toBe(0);
    expect(to([{ knob: "fan", value: "auto" }], 3)).toBe(1);
    expect(() => to([{ knob: "mode", value: "low" }], 3)).toThrowError(/would wake the machine/);
    expect(
      to(
        [
          { knob: "mode", value: "low" },
          { knob: "sleep", value: true },
        ],
        0,
      ),
    ).toBe(1);
  });

  test("any pools either fit on one line without blanks, or are refused without being told", () => {
    const text = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(text, text, text, (url, user, password) => {
        const config = configOf("S19");
        const settings: Setting[] = [{ knob: "pools", value: [{ url, user, password }] }];
        const wanted = merge(config, { settings, series: "S19", wakeMode: 0 });
        try {
          const line = encodeJson(config, wanted);
          expect(line).not.toMatch(/[\s\\]/);
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024);
          expect((JSON.parse(line) as { pools: unknown[] }).pools[0]).toEqual({
            url,
            user,
            pass: password,
          });
        } catch (error) {
          if (!isDeviceError(error)) throw error;
          expect(error.code).toBe("INVALID_SETTING");
          if (password.length > 20) expect(error.message).not.toContain(password);
          expect(`${url}${user}${password}`).toMatch(/[^!-~]|["\\]/);
        }
      }),
      { seed: 42 },
    );
  });

  test("a stored blank, which the script would choke on, stops the write of another knob", () => {
    const pools = [{ url: "stratum+tcp://a:1", user: "my worker", pass: "x" }];
    expect(() => json("S19", [{ knob: "sleep", value: true }], { pools })).toThrowError(
      /pools\[0\]\.user: expected printable ASCII/,
    );
  });
});

describe("the form of older machines", () => {
  const start = [
    ["_ant_pool1url", "stratum+tcp://a:1"],
    ["_ant_pool1user", "w.1"],
    ["_ant_pool1pw", "x"],
    ["_ant_pool2url", ""],
    ["_ant_pool2user", ""],
    ["_ant_pool2pw", ""],
    ["_ant_pool3url", ""],
    ["_ant_pool3user", ""],
    ["_ant_pool3pw", ""],
    ["_ant_nobeeper", "false"],
    ["_ant_notempoverctrl", "false"],
  ];

  test("S9: frequency, in the order in which the script counts", () => {
    expect(form("S9", [{ knob: "frequency", value: megahertz(600) }])).toEqual([
      ...start,
      ["_ant_fan_customize_switch", "false"],
      ["_ant_fan_customize_value", ""],
      ["_ant_freq", "600"],
    ]);
  });

  test("S17: the letter O stays, voltage counts in 10 mV, sleep is 254", () => {
    const stored = { "bitmain-freq": "O" };
    expect(form("S17", [{ knob: "sleep", value: true }], stored).slice(start.length)).toEqual([
      ["_ant_fan_customize_switch", "false"],
      ["_ant_fan_customize_value", ""],
      ["_ant_freq", "O"],
      ["_ant_voltage", "1950"],
      ["_ant_work_mode", "254"],
    ]);
    const lower = form("S17", [{ knob: "voltage", value: millivolts(19_000) }], stored);
    expect(lower).toContainEqual(["_ant_voltage", "1900"]);
  });

  test("Z15e has a voltage and no mode; a fixed fan has a value", () => {
    expect(form("Z15e", [{ knob: "fan", value: percent(80) }]).slice(start.length)).toEqual([
      ["_ant_fan_customize_switch", "true"],
      ["_ant_fan_customize_value", "80"],
      ["_ant_freq", "550"],
      ["_ant_voltage", "1950"],
    ]);
  });

  test("values are escaped", () => {
    expect(formBody([["_ant_pool1url", "stratum+tcp://a:1"]])).toBe(
      "_ant_pool1url=stratum%2Btcp%3A%2F%2Fa%3A1",
    );
  });
});

describe("answers", () => {
  const judge = (text: string) => judgeAnswer(text, "set_miner_conf.cgi");

  test.each([
    ['{"stats":"success","code":"M000","msg":"OK!"}', "M000 OK!"],
    ['{"code":"B100"}', "B100"],
    ["ok", "ok"],
    ["ok ok\n", "ok ok"],
    ["Status 200", "Status 200"],
    ["", "an empty answer"],
    ['{"success":true}', ""],
  ])("%s is accepted", (text, detail) => {
    expect(judge(text)).toEqual({ answer: "accepted", detail });
  });

  test.each([
    ['{"stats":"success","code":"M001","msg":"FAIL!"}', "REJECTED"],
    ['{"stats":"error","code":"M001","msg":"Illegal request!"}', "REJECTED"],
    ['{"stats":"error","code":"M003","msg":"load conf err"}', "REJECTED"],
    ['{"stats":"error","code":"M001","msg":"request busy"}', "BUSY"],
    ['{"code":"B001"}', "REJECTED"],
    ["<html>login</html>", "HTML_REPLY"],
    ['{"code":', "TRUNCATED_REPLY"],
  ])("%s is %s", (text, code) => {
    const error = (() => {
      try {
        return judge(text);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({ code });
  });
});

describe("knobs by model", () => {
  const knobs = (model: string, build = "202406", change: Record<string, unknown> = {}) =>
    offer({ stock: true, model: findAntminer(model), build }, configOf(model, change));
  const modes = (model: string, build?: string) =>
    knobs(model, build).mode?.choices.map((choice) => choice.name);

  test.each([
    ["S19", undefined],
    ["S19j Pro", undefined],
    ["S21", ["low", "normal"]],
    ["T21", ["normal", "high"]],
    ["S21+ Hyd", ["low", "normal", "high"]],
    ["S21 Pro", undefined],
    ["KS5", undefined],
    ["L7", ["low", "normal"]],
    ["S17", undefined],
  ])("modes of %s: %j", (model, names) => {
    expect(modes(model)).toEqual(names);
  });

  test("an older L7 has no low mode", () => {
    expect(modes("L7", "202211")).toBeUndefined();
  });

  test("water machines have no fan knob, machines without a sleep mode no sleep", () => {
    expect(Object.keys(knobs("S21 Hyd")).sort()).toEqual([
      "locate",
      "mode",
      "pools",
      "reboot",
      "sleep",
    ]);
    expect(Object.keys(knobs("S9")).sort()).toEqual([
      "fan",
      "frequency",
      "locate",
      "pools",
      "reboot",
    ]);
    expect(Object.keys(knobs("T17")).sort()).toEqual(["fan", "locate", "pools", "reboot", "sleep"]);
  });

  test("every write restarts an old machine, on new ones only modes do", () => {
    expect(knobs("S9").pools?.effect.restarts).toBe(true);
    expect(knobs("S21").pools?.effect.restarts).toBe(false);
    expect(knobs("S21").mode?.effect.restarts).toBe(true);
  });

  test("nothing for an unknown model, another firmware, or an unfit configuration", () => {
    const config = configOf("S21");
    const model = findAntminer("S21");
    expect(offer({ stock: true, model: undefined, build: undefined }, config)).toEqual({});
    expect(offer({ stock: false, model, build: undefined }, config)).toEqual({});
    expect(offer({ stock: true, model, build: undefined }, undefined)).toEqual({});
    expect(knobs("S21", "202406", { "bitmain-fan-pwm": "" })).toEqual({});
  });

  test.each<[string, Setting, string]>([
    ["S9", { knob: "frequency", value: megahertz(575) }, "frequency: 575: expected 550 to 650"],
    ["S9", { knob: "frequency", value: megahertz(700) }, "frequency: 700: "],
    ["S21", { knob: "mode", value: "high" }, "mode: high: expected one of low, normal"],
    ["S21", { knob: "fan", value: percent(101) }, "fan: 101: "],
    [
      "S19",
      { knob: "frequency", value: megahertz(500) },
      "frequency: 500: this machine does not offer it now",
    ],
  ])("%s refuses %j", (model, setting, words) => {
    expect(() => validate([setting], knobs(model), { onStep: true })).toThrowError(words);
  });
});
