// How often what is asked, and what a question that fails costs.

import { afterEach, describe, expect, it } from "vitest";
import type { EpochMs } from "../../../drivers/contract/units.ts";
import {
  type Answers,
  type Clock,
  fixture,
  NEVER,
  open,
  RECORDED,
  type Served,
  said,
  serve,
} from "./served.ts";

const MINUTE = 60_000;
const ALL = ["summary", "capabilities", "network", "temps", "temps/chip", "hashrate", "clocks"];

let served: Served | undefined;
afterEach(() => served?.daemon.stop());

const later = (clock: Clock, duration: number) => {
  clock.now = (clock.now + duration) as EpochMs;
};

async function serveAndOpen(answers: Answers = fixture(), script?: Parameters<typeof serve>[1]) {
  served = await serve(answers, script);
  const clock: Clock = { now: RECORDED };
  return { served, clock, session: open(served.port, { clock, deadlineSeconds: 0.4 }) };
}

/** The fixture with some of its summary changed. */
function withSummary(change: Record<string, unknown>): Answers {
  const answers = fixture();
  return { ...answers, summary: { ...(answers["summary"] as object), ...change } };
}

describe("a session", () => {
  it("asks everything once, then a summary a look, over one connection", async () => {
    const { served, clock, session } = await serveAndOpen();
    await session.read(NEVER);
    expect(served.requests).toEqual(ALL);
    later(clock, 10_000);
    const second = await session.read(NEVER);
    expect(served.requests.slice(ALL.length)).toEqual(["summary"]);
    expect(served.daemon.connections).toBe(1);
    // What was not asked again says when it came.
    expect(second.boards[1]?.chips?.at).toBe(RECORDED);
    expect(second.boards[1]?.hashrate?.at).toBe(RECORDED + 10_000);
    await session.close();
  });

  it("asks the rest now and then", async () => {
    const { served, clock, session } = await serveAndOpen();
    await session.read(NEVER);
    const asked = async (duration: number) => {
      const before = served.requests.length;
      later(clock, duration);
      await session.read(NEVER);
      return served.requests.slice(before);
    };
    expect(await asked(MINUTE)).toEqual(["summary", "temps"]);
    expect(await asked(4 * MINUTE)).toEqual(["summary", "temps", "hashrate", "clocks"]);
    expect(await asked(10 * MINUTE)).toEqual(ALL);
    await session.close();
  });

  it("asks for the heat of chips at every look where chips have sensors", async () => {
    const heat = [{ Index: 1, Data: [71.5, 74, 0], Total: 0 }];
    const answers = { ...fixture(), "temps/chip": heat };
    const { served, clock, session } = await serveAndOpen(answers);
    const first = await session.read(NEVER);
    expect(first.temperature?.chip?.value).toBe(74);
    expect(first.boards[1]?.chipTemperature?.value).toBe(74);
    later(clock, 5000);
    const second = await session.read(NEVER);
    expect(served.requests.slice(ALL.length)).toEqual(["summary", "temps/chip"]);
    expect(second.temperature?.chip?.at).toBe(RECORDED + 5000);
    await session.close();
  });

  it("does not show the chips of before while the machine is stopped", async () => {
    let state = "Mining";
    const { served, clock, session } = await serveAndOpen(fixture(), (path) =>
      path === "summary"
        ? {
            body: JSON.stringify(
              withSummary({ Status: { "Operating State": state, "Last Command": "stop" } })[
                "summary"
              ],
            ),
          }
        : undefined,
    );
    expect((await session.read(NEVER)).boards[1]?.chips?.value).toBe(110);
    state = "Idling";
    later(clock, 6 * MINUTE);
    const asleep = await session.read(NEVER);
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    expect(asleep.boards[1]?.chips).toBeUndefined();
    expect(served.requests.slice(ALL.length)).not.toContain("hashrate");
    await session.close();
  });

  it("delivers the rest when a side question fails, and asks it again after a minute", async () => {
    let broken = true;
    const { served, clock, session } = await serveAndOpen(fixture(), (path) =>
      path === "capabilities" && broken ? { status: 500 } : undefined,
    );
    const first = await session.read(NEVER);
    expect(first.problems).toEqual([
      {
        code: "HTTP_STATUS",
        source: "capabilities",
        message: expect.stringContaining("HTTP 500"),
      },
    ]);
    expect(first.hashrate?.now?.value).toBeGreaterThan(90e12);
    // Who it is and what it can bear is not known without.
    expect(first.identity.modelKnown).toBe(false);
    expect(first.controls).toEqual({});
    broken = false;
    later(clock, 10_000);
    expect((await session.read(NEVER)).identity.modelKnown).toBe(false);
    later(clock, MINUTE);
    expect((await session.read(NEVER)).identity.modelKnown).toBe(true);
    expect(served.requests.filter((name) => name === "capabilities")).toHaveLength(2);
    await session.close();
  });

  it("waits for one silent question only, not for each", async () => {
    const { served, session } = await serveAndOpen(fixture(), (path) => {
      if (path === "capabilities" && served !== undefined) served.daemon.fault = "silent";
      return undefined;
    });
    served.daemon.fault = undefined;
    const silent = served.requests;
    const before = Date.now();
    // The answer to capabilities still comes; the next question finds silence.
    const telemetry = await session.read(NEVER);
    expect(Date.now() - before).toBeLessThan(1200);
    expect(telemetry.problems).toEqual([
      { code: "NO_REPLY", source: "network", message: expect.any(String) },
    ]);
    expect(silent).toEqual(["summary", "capabilities"]);
    await session.close();
  });

  it("is busy while the program refuses to tell", async () => {
    const { session } = await serveAndOpen(fixture(), (path) =>
      path === "summary" ? said(false, "Miner is starting") : undefined,
    );
    await expect(session.read(NEVER)).rejects.toMatchObject({
      code: "BUSY",
      message: expect.stringContaining("Miner is starting"),
    });
    await session.close();
  });

  it("refuses a summary in which nothing is known", async () => {
    const { session } = await serveAndOpen({ ...fixture(), summary: { hello: 1 } });
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
    await session.close();
  });

  it("offers nothing without a password, without a known model, and on another firmware", async () => {
    const { session, served } = await serveAndOpen();
    expect((await session.read(NEVER)).controls).toEqual({});
    const other = open(served.port, { password: "x" });
    expect(Object.keys((await other.read(NEVER)).controls)).toContain("frequency");
    await Promise.all([session.close(), other.close()]);
    await served.daemon.stop();
    const block = { ...(fixture()["capabilities"] as object), Model: "BlockMiner 520i" };
    for (const answers of [
      { ...fixture(), capabilities: block },
      withSummary({ Software: "Elsewhere 1.0" }),
    ]) {
      const another = await serve(answers);
      const reader = open(another.port, { password: "x" });
      const telemetry = await reader.read(NEVER);
      expect(telemetry.controls).toEqual({});
      expect(telemetry.hashrate?.now?.value).toBeGreaterThan(90e12);
      await reader.close();
      await another.daemon.stop();
    }
  });
});

describe("an idle machine", () => {
  it.each([
    [{ "Last Command": "stop", "Last Error": "old" }, {}, "sleeping"],
    [{}, {}, "sleeping"],
    [{ "Last Error": "Failed to detect hashboards" }, {}, "stopped"],
    [{}, { Stratum: { IsPoolConnected: false } }, "stopped"],
    [{}, { Stratum: { IsPoolConnected: false }, IdleOnConnectionLost: false }, "sleeping"],
  ])("%j %j is %s", async (status, rest, activity) => {
    const summary = withSummary({ Status: { "Operating State": "Idling", ...status }, ...rest });
    const { session } = await serveAndOpen(summary);
    expect((await session.read(NEVER)).activity?.value).toBe(activity);
    await session.close();
  });

  it.each([
    ["AdjustingClockVoltage", "ramping"],
    ["PreInitCooldown", "starting"],
    ["constructor", undefined],
  ])("%s is %s", async (state, activity) => {
    const { session } = await serveAndOpen(withSummary({ Status: { "Operating State": state } }));
    expect((await session.read(NEVER)).activity?.value).toBe(activity);
    await session.close();
  });
});
