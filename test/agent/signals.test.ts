import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Edges } from "../../agent/log.ts";
import { createSignals, ramped } from "../../agent/signals.ts";
import { type Signals, signalsSection } from "../../config/signals.ts";
import { epochMs } from "../../drivers/contract/units.ts";

const MINUTE = 60_000;
const NOON = Date.parse("2026-11-24T12:00:00Z");
const at = (minutes: number) => epochMs(NOON + minutes * MINUTE);
const entry = (values: object): string =>
  JSON.stringify([{ from: "2026-11-24T12:00:00Z", to: "2026-11-24T18:00:00Z", ...values }]);

describe("the signals file", () => {
  let folder: string;
  let told: string[];
  const edges: Edges = {
    raise: (_key, fields, message) => {
      told.push(`${message}: ${String((fields as { err?: Error }).err?.message)}`);
      return true;
    },
    clear: () => false,
    forget: () => undefined,
    active: new Map(),
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nockd-signals-"));
    told = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is read again when it changes; what it said last holds while it is wrong or gone", () => {
    const file = join(folder, "signals.json");
    const config = signalsSection.parse({ tariffPerKwh: 0.06, file });
    const signals = createSignals(config, edges)("m1");
    expect(signals(at(0))).toEqual({ tariffPerKwh: 0.06 });
    expect(told).toHaveLength(1);
    writeFileSync(file, entry({ tariffPerKwh: 0.2 }));
    expect(signals(at(1)).tariffPerKwh).toBe(0.2);
    writeFileSync(file, entry({ tariffPerKwh: "much" }));
    expect(signals(at(2)).tariffPerKwh).toBe(0.2);
    expect(told[1]).toContain("[0].tariffPerKwh");
    unlinkSync(file);
    expect(signals(at(3)).tariffPerKwh).toBe(0.2);
    writeFileSync(file, entry({ tariffPerKwh: 0.1, powerShare: 0.5 }));
    expect(signals(at(4))).toEqual({ tariffPerKwh: 0.1, powerShare: 0.5 });
    // Beyond its last entry it says nothing.
    expect(signals(at(361)).tariffPerKwh).toBe(0.06);
  });

  test("machines come back spread over the ramp, each at its own moment, and go down together", () => {
    const config = signalsSection.parse({
      windows: [{ from: "12:00", to: "12:15", powerShare: 0 }],
      rampMinutes: 20,
    });
    const signalsOf = createSignals(config, edges);
    const back = Array.from({ length: 50 }, (_, index) => {
      const signals = signalsOf(`m${index}`);
      expect(signals(at(-1)).powerShare).toBeUndefined();
      for (let minute = 0; minute < 15; minute += 1) expect(signals(at(minute)).powerShare).toBe(0);
      let minute = 15;
      while (signals(at(minute)).powerShare !== undefined) minute += 1;
      return minute;
    });
    expect(Math.min(...back)).toBeLessThan(19);
    expect(Math.max(...back)).toBeGreaterThan(30);
    expect(Math.max(...back)).toBeLessThanOrEqual(35);
  });

  test("a deeper cut within the ramp acts at once", () => {
    let share: number | undefined = 0.5;
    const signals = ramped(
      (): Signals => (share === undefined ? {} : { powerShare: share }),
      10 * MINUTE,
    );
    expect(signals(at(0)).powerShare).toBe(0.5);
    share = undefined;
    expect(signals(at(5)).powerShare).toBe(0.5);
    share = 0.2;
    expect(signals(at(6)).powerShare).toBe(0.2);
    share = 0.8;
    expect(signals(at(7)).powerShare).toBe(0.2);
    expect(signals(at(17)).powerShare).toBe(0.8);
  });
});
