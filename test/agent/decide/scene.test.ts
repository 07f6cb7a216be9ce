import { expect, test } from "vitest";
import { windowOf } from "../../../agent/decide/scene.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { fold, freshState } from "../../../agent/state/fold.ts";
import { pointOf } from "../../../agent/state/point.ts";
import { epochMs, milliseconds } from "../../../drivers/contract/units.ts";
import { MINUTE, policies, START, telemetry } from "../example.ts";

/** Minutes after the first reading at which there is something to look at, and whether it is sharp. */
function looks(jitter: number, minutes: number): [number, boolean][] {
  const found: [number, boolean][] = [];
  let state: DeviceState = freshState("d", START);
  for (let minute = 0; minute <= minutes; minute += 1) {
    const now = epochMs(START + minute * MINUTE);
    const reading = telemetry({ at: now, rate: 111 * (1 + (minute % 2 === 0 ? jitter : -jitter)) });
    state = fold(state, {
      kind: "reading",
      at: now,
      telemetry: reading,
      latency: milliseconds(1),
    });
    const here = pointOf(reading, ["voltage", "frequency"]);
    const look = windowOf({ state, telemetry: reading, policies: policies({}), now, here });
    if (look !== undefined) found.push([minute, look.sharp]);
  }
  return found;
}

test("a steady hashrate is sharp after one measurement", () => {
  expect(looks(0.001, 16)).toEqual([
    [15, true],
    [16, true],
  ]);
});

test("a noisy one is looked at twice a measurement until it is sharp", () => {
  const seen = looks(0.1, 60);
  expect(seen.slice(0, 4)).toEqual([
    [15, false],
    [20, false],
    [25, false],
    [30, false],
  ]);
  expect(seen.at(-1)?.[1]).toBe(true);
});
