// The whole agent with a simulated machine, a real broker and real sockets, while cables are pulled.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Agent, createAgent } from "../../agent/agent.ts";
import { mqttReporter } from "../../agent/cli/mqtt-report.ts";
import { systemClock } from "../../agent/clock.ts";
import { createLog } from "../../agent/log.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { journalFile } from "../../agent/state/journal.ts";
import { configSchema } from "../../config/schema.ts";
import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import { ManualClock, Recorder, until } from "../agent/report/harness.ts";
import { Broker } from "../sim/broker.ts";
import { LuxosMachine } from "../sim/luxos.ts";
import { Gate } from "./gate.ts";

const MINUTE = 60_000;
const INTERVAL = 10_000;

interface Line {
  readonly time: number;
  readonly msg: string;
  readonly device?: string;
  readonly reason?: string;
}

let folder: string;
let broker: Broker;
let machine: LuxosMachine;
let gate: Gate;
/** Between agent and broker, so that a listener can be there before the agent is. */
let brokerGate: Gate;
let clock: ManualClock;
const now = (): EpochMs => epochMs(clock.now());
let agent: Agent;
let lines: Line[];
let decisions: string[];
let stop: AbortController;
let running: Promise<void>;
let readings: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nockd-outage-"));
  clock = new ManualClock();
  broker = await Broker.start();
  machine = new LuxosMachine({ host: "127.0.0.1", seed: 3, now });
  await machine.start();
  gate = new Gate(machine.address);
  await gate.open();
  brokerGate = new Gate({ host: "127.0.0.1", port: broker.port });
  await brokerGate.open();
  startAgent();
});

afterEach(async () => {
  await stopAgent();
  await gate.shut();
  await brokerGate.shut();
  await machine.stop();
  await broker.dispose();
  rmSync(folder, { recursive: true });
});

function startAgent(): void {
  lines = [];
  decisions = [];
  readings = 0;
  stop = new AbortController();
  const config = configSchema.parse({
    agent: { id: "gw", site: "test", stateDir: folder },
    mqtt: {
      url: `mqtt://127.0.0.1:${brokerGate.port}`,
      reconnectMinSeconds: 0.05,
      reconnectMaxSeconds: 0.2,
    },
    tuning: { mode: "act" },
    polling: { intervalSeconds: 10, maxIntervalSeconds: 60 },
    devices: [
      {
        id: "m1",
        driver: "luxos",
        host: "127.0.0.1",
        port: gate.port,
        deadlineSeconds: 1,
        // Real seconds, and the machine's session lives for 60 of its own.
        pauseSeconds: 0,
      },
    ],
  });
  const log = createLog({
    ...config.log,
    level: "debug",
    now,
    sink: { write: (text) => void lines.push(JSON.parse(text) as Line) },
  });
  const reporter = mqttReporter(config, "test", systemClock, log);
  if (reporter === undefined) throw new Error("the configuration names a broker");
  // Sees every turn, as the log does, but counts for itself.
  let last: DeviceState["decision"];
  const witness = {
    start: (signal: AbortSignal) => reporter.start(signal),
    stop: () => reporter.stop(),
    publish: (state: DeviceState) => {
      reporter.publish(state);
      readings += 1;
      const decision = state.decision;
      if (decision !== undefined && decision.reason !== last?.reason)
        decisions.push(decision.reason);
      last = decision;
    },
  };
  agent = createAgent({ config, clock: { now, sleep: clock.sleep }, log, reporter: witness });
  running = agent.run(stop.signal);
}

const told = (message: string): Line[] => lines.filter((line) => line.msg === message);

/** One turn of the machine: its loop sleeps, is woken, and sleeps again. */
async function step(): Promise<void> {
  await until("the loop rests", () => clock.sleepers === 1);
  clock.advance(INTERVAL);
  await until("the turn is over", () => clock.sleepers === 1);
}

async function simulated(minutes: number): Promise<void> {
  const end = clock.now() + minutes * MINUTE;
  while (clock.now() < end) await step();
}

/** Steps until it holds; so many simulated hours are enough for anything here. */
async function stepUntil(what: string, holds: () => boolean, hours = 3): Promise<void> {
  const end = clock.now() + hours * 60 * MINUTE;
  while (!holds()) {
    if (clock.now() > end) throw new Error(`${hours} simulated hours in vain: ${what}`);
    await step();
  }
}

/** While it leaves its machines the agent sleeps now and then: time must go on. */
async function stopAgent(): Promise<void> {
  stop.abort();
  let ended = false;
  void running.then(() => {
    ended = true;
  });
  await until("the agent has stopped", () => {
    if (clock.sleepers > 0) clock.advance(2_000);
    return ended;
  });
}

const status = (): string | undefined => agent.states()[0]?.link.status;

/** Each decision that a turn came to stands in the log, in the same order. */
function expectEveryDecisionLogged(): void {
  const logged = lines
    .filter((line) => line.msg === "decision" || line.msg === "decision refused by the guard")
    .map((line) => line.reason);
  let at = 0;
  for (const decision of decisions) {
    const found = logged.indexOf(decision, at);
    expect(found, `the log lacks: ${decision}`).toBeGreaterThanOrEqual(0);
    at = found;
  }
  expect(decisions.length).toBeGreaterThan(1);
}

describe("ten minutes without", () => {
  test("the miner: told once, and once when it is back; the loop goes on", {
    timeout: 60_000,
  }, async () => {
    await stepUntil("the machine answers", () => status() === "up");
    await gate.shut();
    await stepUntil("the loss is noticed", () => status() === "down");
    const before = readings;
    await simulated(10);
    expect(readings).toBeGreaterThan(before + 3);
    await gate.open();
    await stepUntil("the machine is back", () => status() === "up");
    await simulated(3);
    expect(told("device does not answer")).toHaveLength(1);
    expect(told("device answers again")).toHaveLength(1);
    expectEveryDecisionLogged();
  });

  test("the broker: told once, and once when it is back; machines are tuned on", {
    timeout: 60_000,
  }, async () => {
    await until("the broker is there", () => told("broker is connected").length === 1);
    await stepUntil("the machine answers", () => status() === "up");
    await broker.stop();
    const before = readings;
    await simulated(10);
    expect(readings).toBeGreaterThan(before + 30);
    await broker.start();
    await until("the broker is back", () => told("broker is connected").length === 2);
    await simulated(1);
    expect(told("broker is lost: machines are tuned on, reports wait")).toHaveLength(1);
    expect(told("broker is connected")).toHaveLength(2);
    expectEveryDecisionLogged();
  });

  test("both, with births of node and device after it", { timeout: 60_000 }, async () => {
    await until("the broker is there", () => told("broker is connected").length === 1);
    await stepUntil("the machine answers", () => status() === "up");
    await gate.shut();
    await brokerGate.shut();
    await broker.stop();
    await simulated(10);
    await broker.start();
    const recorder = await Recorder.open(broker.port);
    await brokerGate.open();
    await gate.open();
    await stepUntil("the machine is back", () => status() === "up");
    await until("node and device are born again", () => {
      const { counts } = recorder.checker;
      return (counts["NBIRTH"] ?? 0) >= 1 && (counts["DBIRTH"] ?? 0) >= 1;
    });
    expect(told("device does not answer")).toHaveLength(1);
    expect(told("device answers again")).toHaveLength(1);
    expect(told("broker is lost: machines are tuned on, reports wait")).toHaveLength(1);
    expectEveryDecisionLogged();
    await recorder.close();
  });
});

describe("an end in the middle of a trial", () => {
  const tuning = () => agent.states()[0]?.tuning;
  const volts = () => agent.states()[0]?.telemetry?.setpoint.voltage?.value;

  async function untilTrial(): Promise<number> {
    await stepUntil("a lower voltage is on trial and was taken", () => {
      const good = tuning()?.best?.point.voltage;
      const tried = tuning()?.trial?.to.voltage;
      return good !== undefined && tried !== undefined && tried < good && volts() === tried;
    });
    return tuning()?.best?.point.voltage ?? Number.NaN;
  }

  test("a kill: the next start goes back to the known good point", async () => {
    const good = await untilTrial();
    const journal = journalFile(folder);
    const onDisk = readFileSync(journal);
    await gate.shut();
    await stopAgent();
    // What kill -9 leaves behind: the journal as it was, and a machine that heard nothing more.
    writeFileSync(journal, onDisk);
    await gate.open();
    startAgent();
    await stepUntil(
      "the good point is restored",
      () => volts() === good && tuning()?.phase !== "reverting",
    );
    const crashed = tuning()?.evidence?.filter((each) => each.crashed === true) ?? [];
    expect(crashed).toHaveLength(1);
    expect(crashed[0]?.point.voltage).toBeLessThan(good);
  });

  test("a stop: the machine is left at the known good point", async () => {
    const good = await untilTrial();
    await stopAgent();
    expect(volts()).toBe(good);
    expect(machine.plant.truth.boards[0]?.voltage).toBe(good);
    expect(told("device is left alone")).toHaveLength(1);
    startAgent();
  });
});
