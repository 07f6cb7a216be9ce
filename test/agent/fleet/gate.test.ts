import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGate, placesFor } from "../../../agent/fleet/gate.ts";

const NEVER = new AbortController().signal;

/** A reading that ends when the test says so. */
function reading(gate: ReturnType<typeof createGate>, signal = NEVER) {
  let end = () => {};
  let fail = () => {};
  const promise = new Promise<string>((resolve, reject) => {
    end = () => resolve("read");
    fail = () => reject(new Error("broken"));
  });
  const seen = { started: false };
  const passed = gate.pass(() => {
    seen.started = true;
    return promise;
  }, signal);
  passed.catch(() => undefined);
  return { seen, end, fail, passed };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const started = (readings: readonly ReturnType<typeof reading>[]) =>
  readings.map(({ seen }) => seen.started);

describe("the gate of a fleet", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("lets as many through as it has places, the others in order of arrival", async () => {
    const gate = createGate(2, 500);
    const all = [reading(gate), reading(gate), reading(gate), reading(gate)];
    await settle();
    expect(started(all)).toEqual([true, true, false, false]);
    all[1]?.end();
    await settle();
    expect(started(all)).toEqual([true, true, true, false]);
    expect(await all[1]?.passed).toBe("read");
  });

  it("has the place back from a reading that failed", async () => {
    const gate = createGate(1, 500);
    const [broken, next] = [reading(gate), reading(gate)];
    await settle();
    broken.fail();
    await settle();
    await expect(broken.passed).rejects.toThrow("broken");
    expect(next.seen.started).toBe(true);
  });

  it("does not let a machine that hangs keep its place, nor give it back twice", async () => {
    const gate = createGate(1, 500);
    const hung = reading(gate);
    const all = [reading(gate), reading(gate), reading(gate)];
    await vi.advanceTimersByTimeAsync(499);
    expect(started(all)).toEqual([false, false, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect(started(all)).toEqual([true, false, false]);
    hung.end();
    expect(await hung.passed).toBe("read");
    await settle();
    expect(started(all)).toEqual([true, false, false]);
    all[0]?.end();
    await settle();
    expect(started(all)).toEqual([true, true, false]);
  });

  it("keeps the pace of a fleet of which every machine hangs", async () => {
    const interval = 10_000;
    const gate = createGate(placesFor(1000, interval));
    const all = Array.from({ length: 1000 }, () => reading(gate));
    await vi.advanceTimersByTimeAsync(interval);
    expect(started(all)).not.toContain(false);
    for (const each of all) each.end();
    await Promise.all(all.map(({ passed }) => passed));
  });

  it("lets who is told to stop through at once, in the queue or before it, and keeps its order", async () => {
    const gate = createGate(1, 500);
    const first = reading(gate);
    const stop = new AbortController();
    const [stopped, next] = [reading(gate, stop.signal), reading(gate)];
    await settle();
    stop.abort();
    const late = reading(gate, stop.signal);
    await settle();
    expect(started([stopped, next, late])).toEqual([true, false, true]);
    stopped.end();
    late.end();
    await settle();
    expect(next.seen.started).toBe(false);
    first.end();
    await settle();
    expect(next.seen.started).toBe(true);
  });
});
