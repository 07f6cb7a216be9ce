import { afterEach, describe, expect, test } from "vitest";
import { type Answers, answers } from "./answers.ts";
import { type Asked, connect, ELAPSED, NEVER, type Scripted, serve, TOKEN } from "./scripted.ts";

const MINUTE = 60_000;

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

const complete = (): Answers => ({ ...answers(), ...ELAPSED });

async function start(...given: Parameters<typeof serve>) {
  const served = await serve(...given);
  machine = served;
  return served;
}

describe("reading", () => {
  test("asks everything first, then only what moves", async () => {
    const served = await start(complete());
    const { session, clock } = connect(served);
    const first = await session.read(NEVER);
    expect(first.problems).toEqual([]);
    expect(served.take()).toEqual([
      "GET summary",
      "GET info",
      "GET status",
      "GET perf-summary",
      "GET settings",
      "POST unlock",
      "GET settings",
      "GET autotune/presets",
      "GET chains/factory-info",
      // Asked where each build has them; this one tells nothing of its chips.
      "GET chains",
      "GET boards",
      "GET chips",
    ]);
    clock.now += 10_000;
    await session.read(NEVER);
    expect(served.take()).toEqual(["GET summary"]);
    clock.now += MINUTE;
    await session.read(NEVER);
    expect(served.take()).toEqual([
      "GET summary",
      "GET status",
      "GET perf-summary",
      "GET settings",
    ]);
  });

  test("a reading costs two connections", async () => {
    const served = await start(complete());
    const { session } = connect(served);
    await session.read(NEVER);
    expect(served.web.connections + served.api.connections).toBe(2);
  });

  test("readings keep the time of their own answer", async () => {
    const served = await start(complete());
    const { session, clock } = connect(served);
    const first = await session.read(NEVER);
    clock.now += 30_000;
    const second = await session.read(NEVER);
    expect(second.hashrate?.now?.at).toBe(clock.now);
    expect(second.setpoint.profile?.at).toBe(first.at);
    expect(second.at).toBe(clock.now);
  });

  test("without a password a machine is only read", async () => {
    const served = await start(complete());
    const { session } = connect(served, { password: null });
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.controls).toEqual({});
    expect(telemetry.hashrate?.now).toBeDefined();
    expect(served.take()).not.toContain("POST unlock");
  });

  test("what a build does not have is asked once and is no problem", async () => {
    const { "chains/factory-info": _without, ...rest } = complete();
    const served = await start(rest);
    const { session, clock } = connect(served);
    expect((await session.read(NEVER)).problems).toEqual([]);
    served.take();
    clock.now += 20 * MINUTE;
    await session.read(NEVER);
    expect(served.take()).not.toContain("GET chains/factory-info");
  });

  test("a side answer that failed is told until it comes, and the rest is delivered", async () => {
    let broken = true;
    const served = await start(complete(), ({ what }) =>
      broken && what === "GET perf-summary" ? { status: 500, body: '{"err":"no"}' } : undefined,
    );
    const { session, clock } = connect(served);
    const problem = { code: "REJECTED", source: "perf-summary" };
    const first = await session.read(NEVER);
    expect(first.problems).toMatchObject([problem]);
    expect(first.hashrate?.now).toBeDefined();
    clock.now += 10_000;
    expect((await session.read(NEVER)).problems).toMatchObject([problem]);
    broken = false;
    clock.now += MINUTE;
    expect((await session.read(NEVER)).problems).toEqual([]);
  });

  test("without 4028 there is no uptime, and it is knocked at once a minute", async () => {
    const served = await start(complete());
    await served.api.stop();
    const { session, clock } = connect(served);
    const first = await session.read(NEVER);
    expect(first.problems).toMatchObject([{ code: "UNREACHABLE", source: "summary (4028)" }]);
    expect(first).not.toHaveProperty("uptime");
    // The time in the present state is the least that the average can span.
    expect(first.hashrate?.average?.window).toBe(4_422_000);
    await served.api.start();
    clock.now += 10_000;
    expect((await session.read(NEVER)).problems).toEqual(first.problems);
    clock.now += MINUTE;
    expect(await session.read(NEVER)).toMatchObject({ problems: [], uptime: { value: 4_423_000 } });
  });

  test("a miner program that is just starting is asked again at the next reading", async () => {
    const served = await start(complete());
    served.api.fault = "empty";
    const { session, clock } = connect(served);
    expect((await session.read(NEVER)).problems).toMatchObject([{ code: "EMPTY_REPLY" }]);
    served.api.fault = undefined;
    clock.now += 10_000;
    expect((await session.read(NEVER)).problems).toEqual([]);
  });

  test("a machine without miner program is seen through its status, each time", async () => {
    const served = await start({ ...complete(), summary: { miner: null } });
    const { session, clock } = connect(served);
    expect((await session.read(NEVER)).activity?.source).toBe("status");
    served.take();
    clock.now += 10_000;
    await session.read(NEVER);
    expect(served.take()).toEqual(["GET summary", "GET status"]);
  });

  test.each([["{}"], ["[]"], ["7"], ['{"miner":[]}']])(
    "the summary %s is unexpected",
    async (body) => {
      const { status: _without, ...rest } = complete();
      const served = await start(rest, ({ what }) =>
        what === "GET summary" ? { body } : undefined,
      );
      const { session } = connect(served);
      await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
    },
  );

  test("an abort ends the reading", async () => {
    const served = await start(complete());
    const { session } = connect(served);
    const aborted = AbortSignal.abort();
    await expect(session.read(aborted)).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("the token", () => {
  /** Gives `token-1`, `token-2`, ...; only the last one opens. */
  function keeper() {
    const state = { given: 0, valid: "" };
    const intercept = ({ what, authorization }: Asked) => {
      if (what === "POST unlock") {
        state.given += 1;
        state.valid = `token-${state.given}`;
        return { body: JSON.stringify({ token: state.valid }) };
      }
      if (what !== "GET settings") return undefined;
      if (authorization !== `Bearer ${state.valid}`) return { status: 401, body: "" };
      return { body: JSON.stringify(answers()["settings"]) };
    };
    return { state, intercept };
  }

  test("is kept from reading to reading and given back at the end", async () => {
    const served = await start(complete());
    const { session, clock } = connect(served);
    await session.read(NEVER);
    clock.now += 10 * MINUTE;
    await session.read(NEVER);
    expect(served.asked.filter(({ what }) => what === "POST unlock")).toHaveLength(1);
    await session.close();
    expect(served.asked.at(-1)).toMatchObject({
      what: "POST lock",
      authorization: `Bearer ${TOKEN}`,
    });
  });

  test("that was revoked is renewed, at most once a minute", async () => {
    const { state, intercept } = keeper();
    const served = await start(complete(), intercept);
    const { session, clock } = connect(served);
    await session.read(NEVER);
    clock.now += 2 * MINUTE;
    state.valid = "somebody else's";
    expect((await session.read(NEVER)).problems.map(({ source }) => source)).not.toContain(
      "settings",
    );
    expect(state.given).toBe(2);
    // Again within the minute.
    state.valid = "somebody else's";
    await expect(session.write([{ knob: "fan", value: "auto" }], NEVER)).rejects.toMatchObject({
      code: "BUSY",
    });
    expect(state.given).toBe(2);
    clock.now += MINUTE;
    await session.read(NEVER);
    expect(state.given).toBe(3);
  });

  test.each([401, 403])("a password refused with %i is not tried again soon", async (status) => {
    let attempts = 0;
    const served = await start(complete(), ({ what }) => {
      if (what !== "POST unlock") return undefined;
      attempts += 1;
      return { status, body: '{"unlock_timeout":null}' };
    });
    const { session, clock } = connect(served, { password: "wrong" });
    const first = await session.read(NEVER);
    expect(first.problems).toMatchObject([
      { code: "UNAUTHORIZED", source: "settings" },
      { code: "UNAUTHORIZED", source: "autotune/presets" },
    ]);
    expect(JSON.stringify(first.problems)).not.toContain("wrong");
    for (let minute = 0; minute < 14; minute += 1) {
      clock.now += MINUTE;
      await session.read(NEVER);
    }
    expect(attempts).toBe(1);
    clock.now += 2 * MINUTE;
    await session.read(NEVER);
    expect(attempts).toBe(2);
  });

  test("the firmware's lock is waited out", async () => {
    let attempts = 0;
    const served = await start(complete(), ({ what }) => {
      if (what !== "POST unlock") return undefined;
      attempts += 1;
      return { status: 429, body: '{"unlock_timeout":300}' };
    });
    const { session, clock } = connect(served);
    const { problems } = await session.read(NEVER);
    expect(problems[0]).toMatchObject({ code: "BUSY" });
    expect(problems[0]?.message).toContain("locked for 300 s");
    clock.now += 4 * MINUTE;
    await session.read(NEVER);
    expect(attempts).toBe(1);
    clock.now += 2 * MINUTE;
    await session.read(NEVER);
    expect(attempts).toBe(2);
  });

  test("closing a session of a machine that is gone throws nothing", async () => {
    const served = await start(complete());
    const { session } = connect(served);
    await session.read(NEVER);
    await served.stop();
    await expect(session.close()).resolves.toBeUndefined();
  });
});
