// Eight machines of as many makers on real sockets: what one that hangs and one that drips cost the others.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAgent } from "../../../agent/agent.ts";
import { systemClock } from "../../../agent/clock.ts";
import { createLog } from "../../../agent/log.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { configSchema } from "../../../config/schema.ts";
import type { DriverKind } from "../../../drivers/index.ts";
import { type Bench, startBench } from "../../sim/bench.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { until } from "../report/harness.ts";

const HEALTHY = ["luxos", "whatsminer", "antminer", "avalon", "bitaxe", "vnish"] as const;
const HUNG = "braiins";
const DRIPPING = "epic";
/** Seconds. Between two readings, and of one request: several readings fit into a deadline. */
const INTERVAL = 0.5;
const DEADLINE = 3;
/** Turns of the hung machine during which the others are watched; who waits for it takes as many. */
const HUNG_TURNS = 2;
/** Milliseconds, for a computer that is busy with other tests. */
const PATIENCE = 20_000;

let folder: string;
let benches: Map<DriverKind, Bench>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nockd-neighbour-"));
  benches = new Map();
  for (const kind of [...HEALTHY, HUNG, DRIPPING] as const) {
    benches.set(kind, await startBench(kind));
  }
});
afterEach(async () => {
  for (const { machine } of benches.values()) await machine.stop();
  rmSync(folder, { recursive: true });
});

function setFault(kind: DriverKind, fault: ReplyFault | undefined): void {
  for (const door of benches.get(kind)?.machine.doors ?? []) door.fault = fault;
}

/** `turns`: what the agent knew after each turn, by device. */
function startAgent() {
  const turns = new Map<string, DeviceState[]>();
  const config = configSchema.parse({
    agent: { stateDir: folder },
    polling: { intervalSeconds: INTERVAL, maxIntervalSeconds: INTERVAL },
    tuning: { mode: "observe" },
    devices: [...benches].map(([kind, { options }]) => ({
      ...options,
      id: kind,
      deadlineSeconds: DEADLINE,
    })),
  });
  const log = createLog({
    ...config.log,
    now: () => systemClock.now(),
    sink: { write: () => undefined },
  });
  const reporter = {
    start: () => undefined,
    publish: (state: DeviceState) => {
      turns.set(state.id, [...(turns.get(state.id) ?? []), state]);
    },
    stop: () => Promise.resolve(),
  };
  const stop = new AbortController();
  const running = createAgent({ config, clock: systemClock, log, reporter }).run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { turns, end };
}

test("a machine that hangs and one that drips keep nobody else waiting, and come back", {
  timeout: 60_000,
}, async () => {
  setFault(HUNG, "silent");
  setFault(DRIPPING, "drip");
  const { turns, end } = startAgent();
  const of = (kind: DriverKind) => turns.get(kind) ?? [];
  const count = (kind: DriverKind) => of(kind).length;
  const all = [...HEALTHY, HUNG, DRIPPING] as const;
  // A driver's code is loaded at its first reading.
  await until("each had a turn", () => all.every((kind) => count(kind) > 0), PATIENCE);
  const begun = count(HUNG);
  await until("the hung one begins a turn", () => count(HUNG) > begun, PATIENCE);

  const before = new Map<DriverKind, number>(all.map((kind) => [kind, count(kind)]));
  const since = (kind: DriverKind) => count(kind) - (before.get(kind) ?? 0);
  await until("the hung one had its turns", () => since(HUNG) >= HUNG_TURNS, PATIENCE);
  for (const kind of HEALTHY) {
    expect(since(kind), kind).toBeGreaterThanOrEqual(2 * HUNG_TURNS);
    expect(
      of(kind).map(({ link }) => link.status),
      kind,
    ).not.toContain("down");
  }
  for (const kind of [HUNG, DRIPPING] as const) {
    expect(of(kind).map(({ link }) => link.code)).toContain("NO_REPLY");
    expect(
      of(kind).every(({ telemetry }) => telemetry === undefined),
      kind,
    ).toBe(true);
  }

  setFault(HUNG, undefined);
  setFault(DRIPPING, undefined);
  const isUp = (kind: DriverKind) => of(kind).at(-1)?.link.status === "up";
  await until("both came back", () => isUp(HUNG) && isUp(DRIPPING), PATIENCE);
  await end();
});
