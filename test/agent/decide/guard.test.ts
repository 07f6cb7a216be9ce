import { describe, expect, test } from "vitest";
import { guard } from "../../../agent/decide/guard.ts";
import type { Action } from "../../../agent/state/action.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import {
  celsius,
  epochMs,
  megahertz,
  milliseconds,
  millivolts,
  watts,
} from "../../../drivers/contract/units.ts";
import {
  CONTROLS,
  type Example,
  LIMIT_CONTROLS,
  MINUTE,
  policies,
  START,
  telemetry,
} from "../example.ts";

const NOW = epochMs(START + 10_000);

function stateWith(example: Partial<Example> = {}): DeviceState {
  const reading = telemetry({ at: NOW, ...example });
  const state = fold(freshState("d", START), {
    kind: "reading",
    at: NOW,
    telemetry: reading,
    latency: milliseconds(1),
  });
  const stock = { voltage: millivolts(13_200), frequency: megahertz(540), powerLimit: watts(3300) };
  return { ...state, tuning: { ...state.tuning, stock } };
}

function rule(
  settings: readonly Setting[],
  state = stateWith(),
  change: Partial<Action> = {},
  safety = {},
  tuning = {},
  now = NOW,
) {
  const action: Action = {
    device: "d",
    at: now,
    purpose: "tune",
    settings,
    reason: "test",
    ...change,
  };
  const decision = {
    at: now,
    policy: "tuner" as const,
    action,
    reason: "test",
    tuning: { ...state.tuning, evaluations: 99 },
  };
  return guard(decision, state, policies(tuning, safety), now);
}

const volts = (value: number): Setting => ({ knob: "voltage", value: millivolts(value) });
const hertz = (value: number): Setting => ({ knob: "frequency", value: megahertz(value) });

describe("the guard", () => {
  test("approves one careful step", () => {
    const ruled = rule([volts(13_100)]);
    expect(ruled.action?.settings).toEqual([volts(13_100)]);
    expect(ruled.decision.tuning.evaluations).toBe(99);
  });

  describe("where each change stops mining, both knobs go down in one step", () => {
    const effect = { settles: milliseconds(MINUTE), restarts: true, persists: false };
    const controls = {
      voltage: { ...CONTROLS.voltage!, effect },
      frequency: { ...CONTROLS.frequency!, effect },
    };
    // 540 to 500 MHz are 7.4 %: they carry 98 of 13 200 mV, and 100 mV come on top.
    test.each([
      ["within what the frequency carries and one step", [hertz(500), volts(13_010)], controls, 2],
      ["not beyond it", [hertz(500), volts(12_990)], controls, undefined],
      ["not with more frequency", [hertz(540), volts(13_110)], controls, undefined],
      ["not where a change stops nothing", [hertz(500), volts(13_010)], CONTROLS, undefined],
    ])("%s", (_what, settings, offered, count) => {
      expect(rule(settings, stateWith({ controls: offered })).action?.settings.length).toBe(count);
    });
  });

  test("a refusal keeps the memory as it was", () => {
    const ruled = rule([volts(12_000)]);
    expect(ruled.action).toBeUndefined();
    expect(ruled.decision.action).toBeUndefined();
    expect(ruled.decision.tuning.evaluations).toBe(0);
  });

  const refusals: [string, Setting[], Partial<Example>, object, object, string][] = [
    ["a step of 0.2 V", [volts(13_000)], {}, {}, {}, "voltage step of 200 mV"],
    ["a voltage below the envelope", [volts(11_000)], {}, {}, {}, "outside of 11800 to 14500"],
    ["a voltage that is no number", [volts(Number.NaN)], {}, {}, {}, "outside of"],
    [
      "more voltage than the machine was found at",
      [volts(13_250)],
      {},
      {},
      {},
      "above what the machine was found at",
    ],
    [
      "more frequency than it was found at",
      [hertz(545)],
      {},
      {},
      {},
      "above what the machine was found at",
    ],
    ["half of the frequency", [hertz(265)], {}, {}, {}, "half of what was found"],
    ["two things at once", [volts(13_100), hertz(535)], {}, {}, {}, "one thing at a time"],
    [
      "a knob the machine has not",
      [{ knob: "powerLimit", value: watts(3000) }],
      {},
      {},
      {},
      "does not offer powerLimit",
    ],
    ["anything on a hot machine", [volts(13_100)], { chip: 91 }, {}, {}, "chip at 91"],
    [
      "a limit above the site's cap",
      [{ knob: "powerLimit", value: watts(3200) }],
      { controls: LIMIT_CONTROLS, setpoint: { powerLimit: watts(3300) } },
      { powerMaxWatts: 3000 },
      {},
      "safety.powerMaxWatts",
    ],
  ];
  test.each(refusals)("refuses %s", (_what, settings, example, safety, tuning, words) => {
    const ruled = rule(settings, stateWith(example), {}, safety, tuning);
    expect(ruled.action).toBeUndefined();
    expect(ruled.decision.refused).toContain(words);
  });

  test("refuses a tuning step where no temperature is known", () => {
    const state = stateWith();
    const { temperature: _none, ...blind } = state.telemetry!;
    expect(rule([volts(13_100)], { ...state, telemetry: blind }).decision.refused).toContain(
      "no temperature",
    );
  });

  test("a temperature that cannot be true is no temperature", () => {
    const state = stateWith();
    const chip = { value: celsius(-1), at: NOW, source: "test", quality: "implausible" as const };
    const lying = { ...state.telemetry!, temperature: { chip } };
    expect(rule([volts(13_100)], { ...state, telemetry: lying }).decision.refused).toContain(
      "no temperature",
    );
  });

  test("above stock is a choice of the operator, and the step stays small", () => {
    expect(
      rule([volts(13_250)], stateWith(), {}, {}, { allowAboveStock: true }).action,
    ).toBeDefined();
    expect(
      rule([volts(13_400)], stateWith(), {}, {}, { allowAboveStock: true }).action,
    ).toBeUndefined();
  });

  test("refuses on an old reading, whatever the purpose", () => {
    const late = epochMs(NOW + 3 * MINUTE);
    for (const purpose of ["tune", "restore", "protect"] as const) {
      expect(
        rule([volts(13_100)], stateWith(), { purpose }, {}, {}, late).decision.refused,
      ).toContain("too old");
    }
  });

  test("protection does not wait for the day's budget, the last write or the heat", () => {
    const busy: DeviceState = {
      ...stateWith({ chip: 96 }),
      changes: Array.from({ length: 50 }, () => NOW),
    };
    expect(
      rule([{ knob: "sleep", value: true }], busy, { purpose: "protect" }).action,
    ).toBeDefined();
    expect(rule([volts(13_100)], busy).action).toBeUndefined();
  });

  test("counts restarts of the day", () => {
    const example = { controls: LIMIT_CONTROLS, setpoint: { powerLimit: watts(3300) } };
    const tired = { ...stateWith(example), restarts: Array.from({ length: 4 }, () => NOW) };
    expect(rule([{ knob: "powerLimit", value: watts(3000) }], tired).decision.refused).toContain(
      "4 restarts today",
    );
  });
});
