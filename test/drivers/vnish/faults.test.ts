import { afterEach, describe, expect, test } from "vitest";
import type { DeviceErrorCode } from "../../../drivers/contract/errors.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { answers } from "./answers.ts";
import { connect, ELAPSED, NEVER, type Scripted, serve } from "./scripted.ts";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

async function start(fault?: ReplyFault) {
  machine = await serve({ ...answers(), ...ELAPSED });
  // 16 MB take their time on a busy machine.
  const deadlineSeconds = fault === "huge" ? 10 : 0.5;
  return { served: machine, ...connect(machine, { deadlineSeconds }) };
}

const READABLE: readonly ReplyFault[] = ["split", "without-nul", "double", "control-characters"];

const BROKEN: readonly (readonly [ReplyFault, DeviceErrorCode])[] = [
  ["drip", "NO_REPLY"],
  ["silent", "NO_REPLY"],
  ["truncate", "CONNECTION_LOST"],
  ["reset", "CONNECTION_LOST"],
  ["lost-after-send", "CONNECTION_LOST"],
  ["html", "HTML_REPLY"],
  ["empty", "EMPTY_REPLY"],
  ["huge", "REPLY_TOO_LARGE"],
];

describe("a web server with faults", () => {
  test.each(READABLE)("%s is read with care", async (fault) => {
    const { served, session } = await start();
    served.web.fault = fault;
    const telemetry = await session.read(NEVER);
    expect(telemetry.hashrate?.now?.value).toBe(173_870.94e9);
    expect(telemetry.identity.modelKnown).toBe(true);
  });

  test("a token that fits into no header is refused, the rest is read", async () => {
    const { served, session } = await start();
    served.web.fault = "control-characters";
    const { problems } = await session.read(NEVER);
    expect(problems.map(({ code, source }) => [code, source])).toContainEqual([
      "UNEXPECTED_SHAPE",
      "settings",
    ]);
  });

  test.each(BROKEN)("%s is %s", async (fault, code) => {
    const { served, session } = await start(fault);
    served.web.fault = fault;
    await expect(session.read(NEVER)).rejects.toMatchObject({ code });
  });

  test.each(BROKEN)("after %s (%s) it is read again", async (fault) => {
    const { served, session, clock } = await start(fault);
    served.web.fault = fault;
    await session.read(NEVER).catch(() => undefined);
    served.web.fault = undefined;
    clock.now += 10_000;
    expect((await session.read(NEVER)).problems).toEqual([]);
  });

  test("a machine that hangs costs one deadline", async () => {
    const { served, session, clock } = await start();
    await session.read(NEVER);
    clock.now += 20 * 60_000;
    served.web.fault = "silent";
    const begun = performance.now();
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "NO_REPLY" });
    expect(performance.now() - begun).toBeLessThan(900);
  });

  test("one that hangs after its main answer costs one deadline too, and is read", async () => {
    const served = await serve({ ...answers(), ...ELAPSED }, ({ what }) => {
      if (what === "GET summary") return undefined;
      served.web.fault = "silent";
      return undefined;
    });
    machine = served;
    const { session } = connect(served);
    const begun = performance.now();
    // The request that finds the fault is answered; the one after it hangs.
    const telemetry = await session.read(NEVER);
    expect(performance.now() - begun).toBeLessThan(900);
    expect(telemetry.hashrate?.now).toBeDefined();
    expect(telemetry.problems.map(({ code }) => code)).toEqual(["NO_REPLY"]);
  });

  test("numbers that are no numbers are absent, not zero", async () => {
    const { served, session } = await start();
    served.web.fault = "nan";
    const telemetry = await session.read(NEVER);
    expect(telemetry).not.toHaveProperty("hashrate.now");
    expect(telemetry).not.toHaveProperty("hashrate.ideal");
    expect(telemetry.boards[0]).not.toHaveProperty("hashrate");
    expect(zeros(telemetry)).toEqual([]);
  });
});

describe("4028 with faults", () => {
  const CODES: readonly (readonly [ReplyFault, DeviceErrorCode])[] = [
    ["drip", "NO_REPLY"],
    ["silent", "NO_REPLY"],
    ["truncate", "TRUNCATED_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["lost-after-send", "CONNECTION_LOST"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["huge", "REPLY_TOO_LARGE"],
    ["nan", "UNEXPECTED_SHAPE"],
  ];

  test.each(CODES)("%s is the problem %s of a reading that is delivered", async (fault, code) => {
    const { served, session } = await start(fault);
    served.api.fault = fault;
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toMatchObject([{ code, source: "summary (4028)" }]);
    expect(telemetry).not.toHaveProperty("uptime");
    expect(telemetry.hashrate?.now).toBeDefined();
  });
});

/** Readings that are 0. */
function zeros(telemetry: Telemetry): string[] {
  const found: string[] = [];
  const visit = (value: unknown, path: string) => {
    if (typeof value !== "object" || value === null) return;
    if ("quality" in value && "value" in value && value.value === 0) found.push(path);
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
  };
  visit(telemetry, "telemetry");
  // Counts of what did not happen.
  return found.filter((path) => !path.endsWith(".stale"));
}
