// Orders on the REST API, letter by letter.

import { describe, expect, test } from "vitest";
import { encode } from "../../../drivers/braiins/rest/encode.ts";
import type { Known } from "../../../drivers/braiins/rest/known.ts";
import { QUESTIONS, type QuestionName } from "../../../drivers/braiins/rest/wire.ts";
import { statusError } from "../../../drivers/braiins/web.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { epochMs, megahertz, millivolts, watts } from "../../../drivers/contract/units.ts";

const range = (unit: string, min: number, max: number) => ({
  min: { [unit]: min },
  default: { [unit]: (min + max) / 2 },
  max: { [unit]: max },
});

function knownOf(answers: { readonly [Name in QuestionName]?: unknown }): Known {
  const entries = Object.entries(answers).map(([name, answer]) => [
    name,
    { answer: QUESTIONS[name as QuestionName].shape.parse(answer), at: epochMs(1) },
  ]);
  return { answers: Object.fromEntries(entries), steering: "limit" };
}

const constraints = {
  hashboards_constraints: {
    frequency: range("hertz", 200e6, 600e6),
    voltage: range("volt", 11.5, 14.2),
  },
  tuner_constraints: {
    power_target: range("watt", 1000, 4000),
    hashrate_target: range("terahash_per_second", 60, 160),
  },
};
const board = (id: string, mhz: number, enabled = true) => ({
  id,
  enabled,
  current_frequency: { hertz: mhz * 1e6 },
  current_voltage: { volt: 12.938265 },
});
const hashboards = { hashboards: [board("1", 486.7), board("2", 461.9), board("3", 500, false)] };
const tuner = (more: object) => ({ tuner: { enabled: true, tuner_mode: 1, ...more } });
const byWatts = knownOf({
  configuration: tuner({ power_target: { watt: 3031 } }),
  constraints,
  hashboards,
});
const byHashes = knownOf({
  configuration: tuner({ tuner_mode: 2, hashrate_target: { terahash_per_second: 120 } }),
  constraints,
  hashboards,
});
const byHand = knownOf({
  configuration: {
    tuner: { enabled: false, tuner_mode: 1, power_target: { watt: 3031 } },
    hashboard_config: {
      global_frequency: { hertz: 500e6 },
      global_voltage: { volt: 13 },
      hashboards: [{ id: "1", enabled: true, frequency: { hertz: 480e6 } }],
    },
  },
  constraints,
  hashboards,
});

const bodies = (known: Known, ...settings: Setting[]) =>
  encode(settings, known).map(({ method, path, body }) => [`${method} ${path}`, body]);

describe("targets", () => {
  test("watts are whole", () => {
    expect(bodies(byWatts, { knob: "powerLimit", value: watts(2500.4) })).toEqual([
      ["PUT performance/power-target", { watt: 2500 }],
    ]);
  });

  test("a target of the other kind names its mode", () => {
    expect(bodies(byWatts, { knob: "profile", value: "120 TH/s" })).toEqual([
      [
        "PUT performance/mode",
        {
          tunermode: {
            target: { hashratetarget: { hashrate_target: { terahash_per_second: 120 } } },
          },
        },
      ],
    ]);
    expect(bodies(byHashes, { knob: "profile", value: "110 TH/s" })).toEqual([
      ["PUT performance/hashrate-target", { terahash_per_second: 110 }],
    ]);
  });

  test("back to watts that the machine no longer tells: the usual ones", () => {
    expect(bodies(byHashes, { knob: "profile", value: "power target" })).toEqual([
      [
        "PUT performance/mode",
        { tunermode: { target: { powertarget: { power_target: { watt: 2500 } } } } },
      ],
    ]);
  });
});

describe("by hand", () => {
  test("the tuner leaves the machine where it is, on the boards that are on", () => {
    expect(bodies(byWatts, { knob: "autotune", value: false })).toEqual([
      [
        "PUT performance/mode",
        {
          manualmode: {
            global_frequency: { hertz: 485e6 },
            global_voltage: { volt: 12.94 },
            hashboards: [
              { id: "1", frequency: { hertz: 485e6 }, voltage: { volt: 12.94 } },
              { id: "2", frequency: { hertz: 460e6 }, voltage: { volt: 12.94 } },
            ],
          },
        },
      ],
    ]);
  });

  test("one of the two leaves the other as it is set", () => {
    const [order] = encode([{ knob: "frequency", value: megahertz(450) }], byHand);
    expect(order?.body).toMatchObject({
      manualmode: { global_frequency: { hertz: 450e6 }, global_voltage: { volt: 13 } },
    });
    const [other] = encode([{ knob: "voltage", value: millivolts(12_500) }], byHand);
    expect(other?.body).toMatchObject({
      manualmode: {
        // The mean of the boards, whose own values win over the common one.
        global_frequency: { hertz: 480e6 },
        global_voltage: { volt: 12.5 },
      },
    });
  });

  test("what is so already is not sent", () => {
    expect(bodies(byHand, { knob: "autotune", value: false })).toEqual([]);
    expect(bodies(byWatts, { knob: "autotune", value: true })).toEqual([]);
  });
});

test("the machine wakes first, and what restarts it comes last", () => {
  const orders = bodies(
    byWatts,
    { knob: "reboot", value: true },
    { knob: "locate", value: true },
    { knob: "powerLimit", value: watts(2500) },
    { knob: "sleep", value: false },
  );
  expect(orders.map(([name]) => name)).toEqual([
    "PUT actions/resume",
    "PUT performance/power-target",
    "PUT actions/locate",
    "PUT actions/reboot",
  ]);
});

test.each([
  [200, undefined],
  [400, "REJECTED"],
  [409, "REJECTED"],
  [422, "REJECTED"],
  [404, "UNSUPPORTED"],
  [405, "UNSUPPORTED"],
  [500, "HTTP_STATUS"],
  [503, "HTTP_STATUS"],
])("HTTP %d is %s", (status, code) => {
  const error = statusError("PUT x", { status, headers: {}, body: "power target is out of range" });
  expect(error?.code).toBe(code);
  if (error !== undefined) expect(error.message).toContain("power target is out of range");
});
