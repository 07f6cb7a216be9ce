import { afterEach, describe, expect, it } from "vitest";
import type { EpochMs } from "../../../drivers/contract/units.ts";
import { luxos } from "../../../drivers/luxos/index.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { type Answers, type Canned, fixture, RECORDED, serve } from "./canned.ts";

const never = new AbortController().signal;
const LIVE = "summary+devs+stats+power+temps+fans+tempctrl+config";

let canned: Canned | undefined;
afterEach(async () => {
  await canned?.daemon.stop();
  canned = undefined;
});

async function open(answers: Answers, batches = true, deadlineSeconds = 2) {
  const server = await serve(answers, batches);
  canned = server;
  const clock = { now: RECORDED };
  const options = luxos.options.parse({
    driver: "luxos",
    host: "127.0.0.1",
    port: server.port,
    deadlineSeconds,
    pauseSeconds: 0,
  });
  const session = luxos.connect(options, { now: () => clock.now });
  const later = (ms: number) => {
    clock.now = (clock.now + ms) as EpochMs;
  };
  return { session, server, later };
}

describe("a session with LuxOS", () => {
  it("asks everything in three connections, then one a look", async () => {
    const { session, server, later } = await open(fixture());
    const first = await session.read(never);
    expect(first.problems).toEqual([]);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]).toBe(LIVE);
    expect(server.requests[2]).toBe("voltageget 0");
    later(10_000);
    await session.read(never);
    expect(server.requests.slice(3)).toEqual([LIVE]);
  });

  it("needs two connections at most when slow answers fall due", async () => {
    const { session, server, later } = await open(fixture());
    await session.read(never);
    for (let look = 1; look <= 100; look += 1) {
      later(10_000);
      const before = server.daemon.connections;
      await session.read(never);
      expect(server.daemon.connections - before).toBeLessThanOrEqual(2);
    }
    const voltages = server.requests.filter((request) => request === "voltageget 0");
    expect(voltages.length).toBeGreaterThan(3);
  });

  it("leaves nothing out when it looks once a minute", async () => {
    const { session, server, later } = await open(fixture());
    await session.read(never);
    const before = server.requests.length;
    for (let look = 1; look <= 15; look += 1) {
      later(60_000);
      await session.read(never);
    }
    const asked = server.requests.slice(before);
    expect(asked.filter((request) => request === "voltageget 0").length).toBe(3);
    expect(asked.filter((request) => request.startsWith("pools+")).length).toBe(12);
    const rare = asked.filter((request) => request.includes("profiles"));
    expect(rare).toHaveLength(0);
  });

  it("keeps the time of each answer", async () => {
    const { session, later } = await open(fixture());
    await session.read(never);
    later(30_000);
    const second = await session.read(never);
    expect(second.setpoint.profile?.at).toBe(RECORDED + 30_000);
    expect(second.setpoint.pools?.at).toBe(RECORDED);
    expect(second.setpoint.voltage?.at).toBe(RECORDED);
  });

  it("asks for the voltage again as soon as the profile is another one", async () => {
    const answers = fixture();
    const { session, server, later } = await open(answers);
    await session.read(never);
    const config = answers["config"] as { CONFIG: { Profile: string }[] };
    config.CONFIG[0]!.Profile = "340MHz";
    later(10_000);
    await session.read(never);
    expect(server.requests.slice(-1)).toEqual(["voltageget 0"]);
  });

  it("asks one by one where a build does not take several at once", async () => {
    const { session, server } = await open(fixture(), false);
    const telemetry = await session.read(never);
    expect(telemetry.boards).toHaveLength(3);
    expect(telemetry.power?.value).toBe(1051);
    expect(server.requests).toContain("devs");
    const before = server.requests.length;
    await session.read(never);
    expect(server.requests.slice(before)).toEqual(LIVE.split("+"));
  });

  it("asks no more for what a build does not know, and does not call it a problem", async () => {
    const { events: _events, limits: _limits, ...older } = fixture();
    const { session, server, later } = await open(older);
    const telemetry = await session.read(never);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.controls.frequency?.max).toBe(690);
    later(3_600_000);
    await session.read(never);
    expect(server.requests.at(-1)).not.toMatch(/events|limits|autotunerget/);
  });

  it("delivers the rest when one answer fails, without its old values", async () => {
    const answers = fixture();
    const { session, later } = await open(answers);
    await session.read(never);
    const refused = { STATUS: [{ STATUS: "E", Code: 201, Msg: "No sensors" }], id: 1 };
    answers["temps"] = refused;
    later(10_000);
    const telemetry = await session.read(never);
    expect(telemetry.problems).toEqual([
      { code: "REJECTED", source: "temps", message: "temps: No sensors (code 201)" },
    ]);
    expect(telemetry.power?.value).toBe(1051);
    expect(telemetry.boards[0]?.inletTemperature).toBeUndefined();
    expect(telemetry.temperature?.board).toMatchObject({ value: 47, source: "devs" });
  });

  it("fails when the main answer is missing", async () => {
    const answers = fixture();
    answers["summary"] = { STATUS: [{ STATUS: "S", Code: 11, Msg: "Summary" }], id: 1 };
    const { session } = await open(answers);
    await expect(session.read(never)).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
  });

  it.each<[ReplyFault, string]>([
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["huge", "REPLY_TOO_LARGE"],
    ["silent", "NO_REPLY"],
  ])("maps %s to %s", async (fault, code) => {
    const { session, server } = await open(fixture(), true, fault === "silent" ? 0.3 : 5);
    server.daemon.fault = fault;
    await expect(session.read(never)).rejects.toMatchObject({ code });
  });

  it.each<ReplyFault>(["split", "without-nul", "double", "nan", "control-characters"])(
    "reads through %s",
    async (fault) => {
      const { session, server } = await open(fixture());
      server.daemon.fault = fault;
      const telemetry = await session.read(never);
      expect(telemetry.shares?.accepted?.value).toBe(1483);
    },
  );

  it("tells a refused connection and an abort apart", async () => {
    const { session, server } = await open(fixture());
    await server.daemon.stop();
    await expect(session.read(never)).rejects.toMatchObject({ code: "UNREACHABLE" });
    await expect(session.read(AbortSignal.abort())).rejects.toMatchObject({ code: "ABORTED" });
  });
});
