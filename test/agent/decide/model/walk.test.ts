import { expect, test } from "vitest";
import { type ManualKnobs, nextChange } from "../../../../agent/decide/model/walk.ts";
import { milliseconds } from "../../../../drivers/contract/units.ts";

function knobs(restarts: boolean): ManualKnobs {
  const effect = { settles: milliseconds(60_000), restarts, persists: false };
  return {
    frequency: { min: 200, max: 600, step: 5, effect },
    voltage: { min: 11_000, max: 14_000, step: 20, effect },
  };
}

const HERE = { frequency: 590, voltage: 13_500 };
const THERE = { frequency: 531, voltage: 12_800 };

test("where a change stops nothing, one knob moves, the voltage first", () => {
  expect(nextChange(HERE, THERE, knobs(false), () => true)).toEqual({ ...HERE, voltage: 13_400 });
});

test("where each change stops mining, both move: a step beyond what the frequency carries", () => {
  // 10 % of the frequency carry 135 mV; 100 mV are the step of one knob.
  const to = nextChange(HERE, THERE, knobs(true), () => true);
  expect(to).toEqual({ frequency: 531, voltage: 13_280 });
});

test("what is not safe is not gone to, together or alone", () => {
  const safe = ({ voltage }: { voltage: number }) => voltage >= 13_400;
  expect(nextChange(HERE, THERE, knobs(true), safe)?.voltage).toBeGreaterThanOrEqual(13_400);
  expect(nextChange(HERE, THERE, knobs(true), safe)?.frequency).toBe(531);
});
