// Curtailment over the wire: every kind of machine that can be put to sleep, or told to draw less, does so
// when the site asks for it, and comes back.

import { describe, expect, test } from "vitest";
import type { Policies } from "../agent/decide/policies.ts";
import { createHands } from "../agent/fleet/hands.ts";
import { turn } from "../agent/loop.ts";
import { freshState } from "../agent/state/fold.ts";
import { safetyPolicy, tuningPolicy } from "../config/policy.ts";
import type { Signals } from "../config/signals.ts";
import { connectDevice, type DriverKind } from "../drivers/index.ts";
import { type Bench, startBench } from "./sim/bench.ts";

const MINUTE = 60_000;
const NEVER = new AbortController().signal;

interface Seen {
  readonly minute: number;
  readonly watts: number | undefined;
  readonly activity: string | undefined;
  readonly reason: string;
}

/** Turns every 30 s of the machine's own clock. */
async function live(
  bench: Bench,
  minutes: number,
  signalsAt: (minute: number) => Signals,
): Promise<Seen[]> {
  const start = bench.now();
  const minuteNow = () => (bench.now() - start) / MINUTE;
  const policies: Policies = {
    // Nothing is worth a trial of its own: what moves is moved by the site.
    tuning: tuningPolicy.parse({ mode: "act", minGain: 0.5 }),
    safety: safetyPolicy.parse({}),
    signals: () => signalsAt(minuteNow()),
  };
  const now = () => bench.now();
  const onBug = (error: unknown) => {
    throw error;
  };
  const hands = createHands(() => connectDevice(bench.options, { now }), now, onBug);
  const parts = { hands, policies, now, remember: () => true, report: () => undefined };
  let state = freshState("m", now());
  const seen: Seen[] = [];
  while (minuteNow() < minutes) {
    state = await turn(state, parts, NEVER);
    seen.push({
      minute: minuteNow(),
      watts: state.telemetry?.power?.value,
      activity: state.telemetry?.activity?.value,
      reason: state.decision?.refused ?? state.decision?.reason ?? "",
    });
    bench.advance(30_000);
  }
  await hands.close();
  return seen;
}

const wordsOf = (seen: readonly Seen[]): string =>
  seen
    .filter((each, index) => each.reason !== seen[index - 1]?.reason)
    .map(({ minute, watts, activity, reason }) => `${minute} ${activity} ${watts} W: ${reason}`)
    .join("\n");

const SLEEPERS: readonly DriverKind[] = [
  "luxos",
  "whatsminer",
  "avalon",
  "braiins",
  "epic",
  "vnish",
  "antminer",
  "auradine",
  "proto",
];

describe("a share of nothing", () => {
  test.each(SLEEPERS)("%s sleeps through it and hashes again", async (kind) => {
    const bench = await startBench(kind);
    const event = (minute: number): Signals =>
      minute >= 5 && minute < 30 ? { powerShare: 0 } : {};
    const seen = await live(bench, 75, event);
    await bench.machine.stop();
    const asleep = seen.filter(({ minute }) => minute >= 12 && minute < 30);
    expect(new Set(asleep.map((each) => each.activity)), wordsOf(seen)).toEqual(
      new Set([asleep.some((each) => each.activity === "stopped") ? "stopped" : "sleeping"]),
    );
    expect(seen.at(-1)?.activity, wordsOf(seen)).toBe("hashing");
  });
});

const LOWERED: readonly DriverKind[] = [
  "luxos",
  "whatsminer",
  "epic",
  "vnish",
  "bitaxe",
  "braiins",
];

describe("a share of 75 %", () => {
  // A Whatsminer takes ten minutes to come back, with a new limit each time.
  test.each(LOWERED)("%s draws less within ten minutes, and more again after", async (kind) => {
    const bench = await startBench(kind);
    const event = (minute: number): Signals =>
      minute >= 30 && minute < 60 ? { powerShare: 0.75 } : {};
    const seen = await live(bench, 110, event);
    await bench.machine.stop();
    const before = seen.find(({ minute }) => minute >= 28)?.watts ?? Number.NaN;
    const during = seen.filter(({ minute, watts }) => minute >= 40 && minute < 60 && watts);
    expect(during.length).toBeGreaterThan(10);
    for (const { watts } of during) expect(watts, wordsOf(seen)).toBeLessThan(before * 0.8);
    const after = seen.filter(({ minute }) => minute >= 85).map(({ watts }) => watts ?? 0);
    expect(Math.max(...after), wordsOf(seen)).toBeGreaterThan(before * 0.8);
  });
});
