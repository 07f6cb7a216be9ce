// Every way in which a real daemon goes wrong ends in an error of its own; nothing is ever read as zero.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { avalon } from "../../../drivers/avalon/index.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import type { DeviceErrorCode } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { AvalonMachine } from "../../sim/avalon.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { A1566 } from "./modules.ts";
import { NEVER, type Scripted, startScripted, statsOf, statusOf } from "./scripted.ts";

const DEADLINE = 1000;

describe("faults of the daemon", () => {
  let machine: AvalonMachine;
  let session: Session;
  let time = 1_800_000_000_000;

  beforeEach(async () => {
    const now = () => epochMs(time);
    machine = new AvalonMachine({ seed: 1, now });
    await machine.start();
    time += 600_000;
    machine.plant.advance(now());
    session = avalon.connect(
      avalon.options.parse({
        driver: "avalon",
        ...machine.address,
        deadlineSeconds: DEADLINE / 1000,
      }),
      { now },
    );
  });
  afterEach(() => machine.stop());

  test.each<[ReplyFault, DeviceErrorCode]>([
    ["drip", "NO_REPLY"],
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["silent", "NO_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["huge", "REPLY_TOO_LARGE"],
    ["lost-after-send", "CONNECTION_LOST"],
  ])("%s ends in %s, costs one deadline, and the next reading is whole", async (fault, code) => {
    machine.fault = fault;
    const started = performance.now();
    await expect(session.read(NEVER)).rejects.toMatchObject({ code });
    expect(performance.now() - started).toBeLessThan(DEADLINE + 5000);
    machine.fault = undefined;
    time += 10_000;
    expect((await session.read(NEVER)).power?.value).toBeGreaterThan(1000);
  });

  test.each<ReplyFault>(["split", "without-nul", "double", "control-characters"])(
    "%s is read with care",
    async (fault) => {
      machine.fault = fault;
      const telemetry = await session.read(NEVER);
      expect(telemetry.problems).toEqual([]);
      expect(telemetry.power?.value).toBeGreaterThan(1000);
      expect(telemetry.hashrate?.average?.value).toBeGreaterThan(70e12);
    },
  );

  test("nan leaves rates away", async () => {
    machine.fault = "nan";
    const telemetry = await session.read(NEVER);
    expect(telemetry.hashrate?.now).toBeUndefined();
    // From the module, whose text is no JSON number.
    expect(telemetry.hashrate?.average?.source).toBe("estats");
    expect(telemetry.shares?.accepted?.value).toBeGreaterThan(0);
  });

  test.each<ReplyFault>(["lost-after-send", "silent", "truncate", "empty"])(
    "a write whose answer is lost (%s) is silent and is not sent again",
    async (fault) => {
      await session.read(NEVER);
      const before = machine.connections;
      machine.fault = fault;
      await expect(session.write([{ knob: "mode", value: "eco" }], NEVER)).resolves.toMatchObject({
        answer: "silent",
      });
      expect(machine.connections - before).toBe(1);
    },
  );

  test("a machine that is off is unreachable", async () => {
    await machine.stop();
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  test("a reading that is broken off says so", async () => {
    machine.fault = "silent";
    const stop = new AbortController();
    const reading = session.read(stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("a part that fails", () => {
  let machine: Scripted | undefined;
  afterEach(() => machine?.stop());

  test("is a problem, and the rest is delivered", async () => {
    machine = await startScripted({
      estats: statsOf(A1566),
      summary: "<html></html>",
      version: `${statusOf("S", 22, "CGMiner versions")}`,
      pools: statusOf("E", 8, "No pools"),
    });
    const telemetry = await machine.read();
    expect(telemetry.problems.map(({ source, code }) => `${source} ${code}`)).toEqual([
      "summary HTML_REPLY",
      "version UNEXPECTED_SHAPE",
      "pools REJECTED",
    ]);
    expect(telemetry.power?.value).toBe(3731);
    expect(telemetry.hashrate?.now).toBeUndefined();
    expect(telemetry.pools).toEqual([]);
    expect(telemetry.shares).toBeUndefined();
  });

  test("a summary that fails later takes its old rates along", async () => {
    const summary = `${statusOf("S", 11, "Summary")}SUMMARY,Elapsed=10,MHS 5s=1000000.0,MHS av=1000000.0|`;
    machine = await startScripted({ estats: statsOf(A1566), summary });
    expect((await machine.read()).hashrate?.now?.value).toBe(1e12);
    machine.script = { estats: statsOf(A1566), summary: "" };
    machine.now = epochMs(machine.now + 10_000);
    const telemetry = await machine.read();
    expect(telemetry.hashrate?.now).toBeUndefined();
    expect(telemetry.problems).toMatchObject([{ source: "summary", code: "EMPTY_REPLY" }]);
  });

  test("an update that renames the main answer costs one reading", async () => {
    machine = await startScripted({ estats: statsOf(A1566) });
    await machine.read();
    machine.script = { litestats: statsOf(A1566) };
    await expect(machine.read()).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect((await machine.read()).power?.source).toBe("litestats");
  });
});
