// The composition root with machines that refuse the connection: what one part does to the others.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAgent } from "../../agent/agent.ts";
import { createLog } from "../../agent/log.ts";
import { configSchema } from "../../config/schema.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { ManualClock, until } from "./report/harness.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-agent-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(devices: number, publish: () => void = () => undefined, patterns: string[] = []) {
  const clock = new ManualClock();
  const lines: { msg: string; level: number; patterns?: string[] }[] = [];
  const now = () => epochMs(clock.now());
  const config = configSchema.parse({
    agent: { stateDir: folder },
    credentials: patterns.map((match) => ({ match, password: "secret" })),
    devices: Array.from({ length: devices }, (_, index) => ({
      id: `m${index}`,
      driver: "antminer",
      host: "127.0.0.1",
      // Nobody listens on the discard port.
      port: 9,
      httpPort: 9,
      deadlineSeconds: 5,
    })),
  });
  const sink = { write: (text: string) => void lines.push(JSON.parse(text)) };
  const log = createLog({ ...config.log, now, sink });
  const reporter = { start: () => undefined, publish, stop: () => Promise.resolve() };
  const agent = createAgent({ config, clock: { now, sleep: clock.sleep }, log, reporter });
  const stop = new AbortController();
  const running = agent.run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { agent, clock, lines, end };
}

describe("the agent", () => {
  test("spreads the first readings of many machines over an interval", async () => {
    const { agent, clock, end } = start(200);
    const seen = () => agent.states().filter((state) => state.link.status !== "unknown").length;
    await until("the first machine was asked", () => seen() === 1);
    clock.advance(5_000);
    await until("half of them were asked", () => seen() > 90);
    expect(seen()).toBeLessThan(110);
    await end();
  });

  test("a reporter that throws loses no turn and is told once", async () => {
    const { agent, clock, lines, end } = start(1, () => {
      throw new RangeError("no such metric");
    });
    await until("the first turn is over", () => clock.sleepers === 1);
    clock.advance(10_000);
    await until("the second turn is over", () => (agent.states()[0]?.link.failures ?? 0) === 2);
    await end();
    const told = lines.filter((line) => line.msg.includes("could not be reported"));
    expect(told).toHaveLength(1);
  });

  test("says once at the start which credentials match no machine, without their passwords", async () => {
    const { clock, lines, end } = start(1, undefined, ["127.0.0.*", "10.0.1.*"]);
    await until("the first turn is over", () => clock.sleepers === 1);
    await end();
    const told = lines.filter((line) => line.patterns !== undefined);
    expect(told).toMatchObject([{ patterns: ["10.0.1.*"], msg: "credentials match no device" }]);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });
});
