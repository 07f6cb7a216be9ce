// What a thousand machines say alike is one object.

import { describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { lazySession } from "../../../drivers/contract/lazy-session.ts";
import { alike, shared } from "../../../drivers/contract/shared.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs, milliseconds } from "../../../drivers/contract/units.ts";

const NEVER = new AbortController().signal;

describe("shared", () => {
  test("gives equal values back as one, frozen all the way down", () => {
    const first = shared({ rows: [{ name: "a", watts: 3000 }] });
    expect(shared({ rows: [{ name: "a", watts: 3000 }] })).toBe(first);
    expect(shared({ rows: [{ name: "a", watts: 3001 }] })).not.toBe(first);
    expect(Object.isFrozen(first.rows[0])).toBe(true);
  });
});

test.each<[unknown, unknown, boolean]>([
  [{ a: [1, { b: "c" }] }, { a: [1, { b: "c" }] }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [[1, 2], [1, 2, 3], false],
  [{ a: null }, { a: {} }, false],
  ["1", 1, false],
])("%j and %j are alike: %s", (one, other, expected) => {
  expect(alike(one, other)).toBe(expected);
});

describe("sessions of equal machines", () => {
  const effect = { settles: milliseconds(60_000), restarts: false, persists: true };

  function telemetry(max: number): Telemetry {
    const identity = { vendor: "v", firmware: "f", modelKnown: true };
    const lists = { fans: [], boards: [], pools: [], faults: [], problems: [], setpoint: {} };
    return { at: epochMs(0), identity, ...lists, controls: { pools: { max, effect } } };
  }

  function open(readings: Telemetry[]): Session {
    const inner: Session = {
      read: async () => readings.shift() ?? telemetry(0),
      write: async () => ({ answer: "accepted", detail: "" }),
      close: async () => undefined,
    };
    return lazySession(async () => inner);
  }

  test("tell the same knobs, in the reading that the driver keeps too", async () => {
    const kept = telemetry(3);
    const one = await open([kept]).read(NEVER);
    const other = await open([telemetry(3)]).read(NEVER);
    expect(one).toBe(kept);
    expect(other.controls).toBe(one.controls);
  });

  test("tell new knobs as soon as they change", async () => {
    const session = open([telemetry(3), telemetry(3), telemetry(4)]);
    const first = await session.read(NEVER);
    expect((await session.read(NEVER)).controls).toBe(first.controls);
    expect((await session.read(NEVER)).controls).toEqual({ pools: { max: 4, effect } });
  });
});
