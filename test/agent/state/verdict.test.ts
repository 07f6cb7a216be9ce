import { describe, expect, test } from "vitest";
import type { Action, Verdict } from "../../../agent/state/action.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import type { Controls, Setting } from "../../../drivers/contract/controls.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import {
  epochMs,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  rpm,
  watts,
} from "../../../drivers/contract/units.ts";
import { CONTROLS, type Example, LIMIT_CONTROLS, MINUTE, START, telemetry } from "../example.ts";

const effect = { settles: milliseconds(5 * MINUTE), restarts: false, persists: true };
const ALL: Controls = {
  ...CONTROLS,
  ...LIMIT_CONTROLS,
  mode: { choices: [{ name: "low" }, { name: "normal" }], effect },
  pools: { max: 3, effect },
  locate: { effect },
  restart: { effect },
  frequency: { ...CONTROLS.frequency!, effect },
  voltage: { ...CONTROLS.voltage!, effect },
  fan: { ...CONTROLS.fan!, effect },
};

const BEFORE: NonNullable<Example["setpoint"]> = {
  voltage: millivolts(13_200),
  frequency: megahertz(540),
  powerLimit: watts(3300),
  mode: "normal",
  fan: "auto",
  locate: false,
  sleep: false,
  pools: [{ url: "a", user: "u", password: "p" }],
};

/** Sends one setting, then shows readings; returns the verdict after the last of them. */
function seen(
  setting: Setting,
  ...readings: (Omit<Example, "at"> & { minute: number; change?: (t: Telemetry) => Telemetry })[]
): DeviceState {
  const first = telemetry({ at: START, controls: ALL, setpoint: BEFORE });
  let state = fold(freshState("d", START), {
    kind: "reading",
    at: START,
    telemetry: first,
    latency: milliseconds(1),
  });
  const action: Action = {
    device: "d",
    at: epochMs(START + 1),
    purpose: "tune",
    settings: [setting],
    reason: "test",
  };
  state = fold(state, {
    kind: "sent",
    at: epochMs(START + 1),
    action,
    answer: "accepted",
    detail: "ok",
  });
  for (const { minute, change, ...example } of readings) {
    const at = epochMs(START + minute * MINUTE);
    const plain = telemetry({
      controls: ALL,
      ...example,
      at,
      setpoint: { ...BEFORE, ...example.setpoint },
    });
    const reading = change === undefined ? plain : change(plain);
    state = fold(state, { kind: "reading", at, telemetry: reading, latency: milliseconds(1) });
  }
  return state;
}

const LOWER: Setting = { knob: "voltage", value: millivolts(13_000) };

describe("a write is judged by what is seen", () => {
  const rows: [string, Setting, Parameters<typeof seen>[1][], Verdict | undefined][] = [
    [
      "voltage reads back and power follows",
      LOWER,
      [{ minute: 1, setpoint: { voltage: millivolts(13_000) }, power: 2410 }],
      "applied",
    ],
    [
      "voltage reads back, power not yet",
      LOWER,
      [{ minute: 1, setpoint: { voltage: millivolts(13_000) } }],
      undefined,
    ],
    [
      "voltage reads back, power never follows",
      LOWER,
      [{ minute: 6, setpoint: { voltage: millivolts(13_000) }, power: 2499 }],
      "ignored",
    ],
    [
      "voltage reads back, and the watts do not even jitter: they are a formula",
      LOWER,
      [{ minute: 6, setpoint: { voltage: millivolts(13_000) } }],
      "applied",
    ],
    [
      "a voltage step that drowns in the noise of the watts condemns nobody",
      { knob: "voltage", value: millivolts(13_130) },
      [{ minute: 6, setpoint: { voltage: millivolts(13_130) }, power: 2503 }],
      "applied",
    ],
    ["voltage reads the old value, early", LOWER, [{ minute: 1 }], undefined],
    ["voltage reads the old value at the deadline", LOWER, [{ minute: 6 }], "ignored"],
    [
      "applied late",
      LOWER,
      [{ minute: 1 }, { minute: 4.9, setpoint: { voltage: millivolts(13_000) }, power: 2410 }],
      "applied",
    ],
    [
      "watts that are a formula cannot contradict",
      LOWER,
      [{ minute: 1, setpoint: { voltage: millivolts(13_000) }, basis: "formula" as const }],
      "applied",
    ],
    [
      "a power limit is met while hashing",
      { knob: "powerLimit", value: watts(2300) },
      [{ minute: 1, setpoint: { powerLimit: watts(2300) }, power: 2290 }],
      "applied",
    ],
    [
      "a power limit is not met while the machine ramps",
      { knob: "powerLimit", value: watts(2300) },
      [
        {
          minute: 1,
          setpoint: { powerLimit: watts(2300) },
          power: 900,
          activity: "ramping" as const,
        },
      ],
      undefined,
    ],
    [
      "sleep shows",
      { knob: "sleep", value: true },
      [{ minute: 1, setpoint: { sleep: true }, activity: "sleeping" as const }],
      "applied",
    ],
    [
      "sleep is accepted and the machine hashes on",
      { knob: "sleep", value: true },
      [{ minute: 21, setpoint: { sleep: true } }],
      "ignored",
    ],
    [
      "a mode moves the power",
      { knob: "mode", value: "low" },
      [{ minute: 1, setpoint: { mode: "low" }, power: 2200 }],
      "applied",
    ],
    [
      "a lamp has no physical effect to wait for",
      { knob: "locate", value: true },
      [{ minute: 1, setpoint: { locate: true } }],
      "applied",
    ],
    [
      "pools are compared without their passwords",
      { knob: "pools", value: [{ url: "b", user: "u", password: "secret" }] },
      [{ minute: 1, setpoint: { pools: [{ url: "b", user: "u", password: "" }] } }],
      "applied",
    ],
    [
      "other pools than those sent",
      { knob: "pools", value: [{ url: "b", user: "u", password: "secret" }] },
      [{ minute: 6 }],
      "ignored",
    ],
    [
      "a restart shows in the uptime",
      { knob: "restart", value: true },
      [{ minute: 1, uptime: 20_000 }],
      "applied",
    ],
    [
      "no restart within the deadline",
      { knob: "restart", value: true },
      [{ minute: 6 }],
      "ignored",
    ],
  ];
  test.each(rows)("%s", (_what, setting, readings, verdict) => {
    expect(seen(setting, ...readings).outcome?.verdict).toBe(verdict);
  });

  test("fans that do not turn are seen", () => {
    const wish: Setting = { knob: "fan", value: percent(90) };
    const set = { setpoint: { fan: percent(90) } };
    expect(seen(wish, { minute: 6, ...set }).outcome?.verdict).toBe("ignored");
    const faster = (t: Telemetry): Telemetry => ({
      ...t,
      fans: [{ ...t.fans[0]!, speed: { ...t.fans[0]!.speed!, value: rpm(5600) } }],
    });
    expect(seen(wish, { minute: 1, ...set, change: faster }).outcome?.verdict).toBe("applied");
  });

  test("a set-point that is older than the write proves nothing", () => {
    const stale = (t: Telemetry): Telemetry => ({
      ...t,
      setpoint: {
        ...t.setpoint,
        voltage: { value: millivolts(13_000), at: START, source: "old", quality: "ok" },
      },
    });
    expect(seen(LOWER, { minute: 1, power: 2410, change: stale }).outcome).toBeUndefined();
  });

  test.each([
    ["that comes late shows it done", [1, 13_200], [7, 13_000], "applied"],
    ["that comes late shows it not done", [1, 13_200], [7, 13_200], "ignored"],
    ["has not come yet", [1, 13_200], undefined, undefined],
  ] as const)("an old answer condemns nobody: the new one %s", (_what, old, renewed, verdict) => {
    const readAt = ([minute, volts]: readonly [number, number]) => ({
      power: 2410,
      change: (t: Telemetry): Telemetry => ({
        ...t,
        setpoint: {
          ...t.setpoint,
          voltage: {
            value: millivolts(volts),
            at: epochMs(START + minute * MINUTE),
            source: "slow",
            quality: "ok",
          },
        },
      }),
    });
    const readings = [1, 5.5, 6.5].map((minute) => ({ minute, ...readAt(old) }));
    const last = renewed === undefined ? [] : [{ minute: 7, ...readAt(renewed) }];
    expect(seen(LOWER, ...readings).outcome).toBeUndefined();
    expect(seen(LOWER, ...readings, ...last).outcome?.verdict).toBe(verdict);
    const ever = [...readings, { minute: 17, ...readAt(old) }];
    expect(seen(LOWER, ...ever).outcome?.verdict).toBe("ignored");
    const before = [...readings, { minute: 17, ...readAt([0, 13_200]) }];
    expect(seen(LOWER, ...before).outcome?.verdict).toBe("unknown");
  });

  test("a machine that is gone until the deadline leaves the outcome unknown", () => {
    let state = seen(LOWER);
    for (const minute of [1, 3, 5]) {
      state = fold(state, {
        kind: "fault",
        at: epochMs(START + minute * MINUTE),
        code: "UNREACHABLE",
        message: "x",
      });
      expect(state.outcome).toBeUndefined();
    }
    state = fold(state, {
      kind: "fault",
      at: epochMs(START + 6 * MINUTE),
      code: "UNREACHABLE",
      message: "x",
    });
    expect(state.outcome?.verdict).toBe("unknown");
    expect(state.write).toBeUndefined();
  });

  test("a refusal is an outcome too, in the machine's words", () => {
    const state = seen(LOWER, { minute: 6 });
    const action = state.outcome!.action;
    const refused = fold(state, {
      kind: "refused",
      at: START,
      action,
      code: "REJECTED",
      message: "no way",
    });
    expect(refused.outcome).toMatchObject({ verdict: "rejected", detail: "REJECTED: no way" });
  });
});
