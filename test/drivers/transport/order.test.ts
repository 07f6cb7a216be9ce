import { describe, expect, test } from "vitest";
import type { Controls, Setting } from "../../../drivers/contract/controls.ts";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import { milliseconds, percent, watts } from "../../../drivers/contract/units.ts";
import { HttpExchangeError } from "../../../drivers/transport/http.ts";
import { filledPool, perform, validate } from "../../../drivers/transport/order.ts";

const effect = { settles: milliseconds(1), restarts: false, persists: true };
const CONTROLS: Controls = {
  powerLimit: { min: watts(2000), max: watts(3000), step: watts(1), effect },
  fan: { min: percent(20), max: percent(100), step: percent(1), auto: false, effect },
  profile: { choices: [{ name: "low" }, { name: "high" }], effect },
  pools: { max: 2, effect },
};
const pool = { url: "stratum+tcp://pool.test:3333", user: "w", password: "hidden" };

test.each<Setting>([
  { knob: "powerLimit", value: watts(2000) },
  { knob: "powerLimit", value: watts(3000) },
  { knob: "profile", value: "low" },
  { knob: "pools", value: [pool, pool] },
])("%j is inside", (setting) => {
  expect(() => validate([setting], CONTROLS)).not.toThrow();
});

test.each<[Setting, RegExp]>([
  [{ knob: "powerLimit", value: watts(1999) }, /powerLimit: 1999: expected 2000 to 3000/],
  [{ knob: "powerLimit", value: watts(Number.NaN) }, /powerLimit: NaN/],
  [{ knob: "fan", value: "auto" }, /no automatic control/],
  [{ knob: "profile", value: "mid" }, /expected one of low, high/],
  [{ knob: "sleep", value: true }, /does not offer it/],
  [{ knob: "pools", value: [] }, /pools: 0: expected 1 to 2/],
  [{ knob: "pools", value: [{ ...pool, url: "pool.test" }] }, /expected stratum\+tcp/],
  [{ knob: "pools", value: [{ ...pool, user: "" }] }, /expected a worker name/],
])("%j is refused with the reason", (setting, words) => {
  const attempt = () => validate([setting], CONTROLS);
  expect(attempt).toThrow(words);
  expect(attempt).toThrow(expect.objectContaining({ code: "INVALID_SETTING" }));
  expect(attempt).not.toThrow(/hidden/);
});

test("a value between steps, and a pool by another rule", () => {
  const between: Setting = { knob: "fan", value: percent(30.5) };
  expect(() => validate([between], CONTROLS)).not.toThrow();
  expect(() => validate([between], CONTROLS, { onStep: true })).toThrow("20 to 100 in steps of 1");
  const bare = { url: "pool.test:3333", user: " ", password: "hidden" };
  const pools: Setting = { knob: "pools", value: [pool, bare] };
  const rule = (...fields: ("url" | "user")[]) => ({ pool: filledPool(...fields) });
  expect(() => validate([pools], CONTROLS, rule("url"))).not.toThrow();
  expect(() => validate([pools], CONTROLS, rule("url", "user"))).toThrow(
    /^pools: 2: number 2: expected url, user; user is blank$/,
  );
});

describe("performing", () => {
  const lost = (sent: boolean) => new HttpExchangeError("CONNECTION_LOST", "gone", sent);

  test("tells what the machine said", async () => {
    const receipt = await perform(["a", "b"], (order) => Promise.resolve(`${order} done`));
    expect(receipt).toEqual({ answer: "accepted", detail: "a done; b done" });
  });

  test("a connection that is lost after sending is silent, and the rest stays unsent", async () => {
    const sent: string[] = [];
    const receipt = await perform(["a", "b", "c"], (order) => {
      sent.push(order);
      return Promise.reject(lost(true));
    });
    expect(receipt).toEqual({ answer: "silent", detail: "gone; 2 more not sent" });
    expect(sent).toEqual(["a"]);
  });

  test("what was never sent, and a refusal, are errors", async () => {
    await expect(perform(["a"], () => Promise.reject(lost(false)))).rejects.toThrow("gone");
    const refusal = new DeviceError("REJECTED", "no");
    await expect(perform(["a"], () => Promise.reject(refusal))).rejects.toBe(refusal);
  });
});
