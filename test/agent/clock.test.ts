import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { steadyTime } from "../../agent/clock.ts";
import { recall, remember } from "../../agent/memory.ts";
import { freshState } from "../../agent/state/fold.ts";
import { openJournal } from "../../agent/state/journal.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { START } from "./example.ts";

describe("the agent's time", () => {
  const HOUR = 3_600_000;
  function clock() {
    const time = { wall: 100 * HOUR, monotonic: 5_000.25 };
    const now = steadyTime(
      () => time.wall,
      () => time.monotonic,
    );
    const pass = (ms: number) => {
      time.wall += ms;
      time.monotonic += ms;
    };
    return { time, now, pass };
  }

  test("goes on when the system's time is set back, and follows it once it has caught up", () => {
    const { time, now, pass } = clock();
    pass(1_000);
    const before = now();
    time.wall -= 2 * HOUR;
    expect(now()).toBe(before);
    pass(600_000.6);
    expect(now()).toBe(before + 600_000);
    pass(HOUR - 0.6);
    time.wall += 2 * HOUR + 7_000;
    expect(now()).toBe(time.wall);
  });

  test("follows a jump forwards: the first NTP answer of a board without a battery", () => {
    const { time, now } = clock();
    time.wall += 1_000_000 * HOUR;
    expect(now()).toBe(time.wall);
  });
});

test("times ahead of now, remembered before the clock was set back, do not block for ever", () => {
  const folder = mkdtempSync(join(tmpdir(), "nockd-clock-"));
  const journal = openJournal(join(folder, "journal"));
  const later = epochMs(START + 3_600_000);
  const state = {
    ...freshState("d", later),
    changes: [epochMs(START - 1), later],
    restarts: [later],
    crashes: [later],
    overheatedAt: later,
    tuning: { ...freshState("d", later).tuning, phase: "holding" as const },
  };
  remember(journal, state, freshState("d", START));
  const again = recall(journal, "d", START);
  expect(again.tuning.since).toBe(START);
  expect(again.changes).toEqual([START - 1, START]);
  expect([again.restarts, again.crashes, again.overheatedAt]).toEqual([[START], [START], START]);
  journal.close();
  rmSync(folder, { recursive: true });
});
