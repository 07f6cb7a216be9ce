// What every driver makes of every fault of its simulated machine, as the fault table says.

import { beforeAll, describe, expect, test } from "vitest";
import type { Telemetry } from "../drivers/contract/telemetry.ts";
import type { DriverKind } from "../drivers/index.ts";
import { type Heard, stage } from "./fault-scene.ts";
import { FAULT_TABLE, type Outcome, REFUSALS, type ReadFault } from "./fault-table.ts";
import type { Bench } from "./sim/bench.ts";
import type { Door } from "./sim/machine.ts";
import { HUGE_BYTES } from "./sim/reply-fault.ts";
import { SIMULATED } from "./sim/simulated.ts";
import { madeUp } from "./telemetry-walk.ts";

const KINDS = Object.keys(SIMULATED) as DriverKind[];
/** For faults that end with the deadline, seconds. */
const SHORT = 0.3;
/** Of a computer that is busy with other tests, milliseconds. */
const SLACK = 280;
/** The longest pause that a driver makes after a refusal or for a page that is missing, and more. */
const FORGIVEN_AFTER = 31 * 60_000;
const LATER = 10_000;

const isEndless = (fault: ReadFault): boolean => fault === "silent" || fault === "drip";

describe.each(KINDS)("driver %s", (kind) => {
  const rows = Object.entries(FAULT_TABLE[kind]) as [ReadFault, Outcome][];
  let faultless: Telemetry;
  let faultlessLater: Telemetry;

  beforeAll(async () => {
    faultless = await stage(kind, {}, (scene) => scene.read());
    faultlessLater = await stage(kind, { after: LATER }, (scene) => scene.read());
  });

  test.each(rows)(
    "%s: %s; nothing is made up, and afterwards all is read",
    async (fault, outcome) => {
      const staging = isEndless(fault) ? { deadline: SHORT } : {};
      await stage(kind, staging, async ({ setFault, hear, read, bench }) => {
        setFault(fault);
        const { heard, grown } = await watched(() => hear(faultless));
        expect(heard.outcome).toBe(outcome);
        if (fault === "huge") expect(grown).toBeLessThan(HUGE_BYTES * bench.machine.doors.length);
        if (fault === "silent") expect(heard.took).toBeLessThan(costOfHanging(bench));
        if (heard.telemetry !== undefined) expect(madeUp(heard.telemetry, faultless)).toEqual([]);
        setFault(undefined);
        bench.advance(FORGIVEN_AFTER);
        // The short deadline may be too short for a busy computer once.
        const after = await read().catch(read);
        expect(after.problems).toEqual([]);
        expect(after.boards).toHaveLength(faultless.boards.length);
      });
    },
  );

  test("a fault that comes between two readings leaves nothing made up", async () => {
    const { telemetry } = await stage(kind, { after: LATER }, ({ setFault, hear }) => {
      setFault("nan-everywhere");
      return hear(faultlessLater);
    });
    if (telemetry !== undefined) expect(madeUp(telemetry, faultlessLater)).toEqual([]);
  });

  test("401 to everything after a login, and without a password", async () => {
    const refusedLater = await stage(kind, { after: LATER }, ({ setFault, hear }) => {
      setFault("unauthorized");
      return hear(faultlessLater);
    });
    const bare = { password: false } as const;
    const open = await stage(kind, bare, (scene) => scene.read()).catch(() => faultless);
    const refused = await stage(kind, bare, ({ setFault, hear }) => {
      setFault("unauthorized");
      return hear(open);
    });
    expect({ afterLogin: refusedLater.outcome, withoutPassword: refused.outcome }).toEqual(
      REFUSALS[kind],
    );
  });

  test("a machine that hangs costs one deadline a port, wherever it stops to answer", async () => {
    for (const answered of [1, 3]) {
      const { heard, cost } = await hang(kind, answered, faultless);
      expect(["NO_REPLY", "part", "same"], `${answered} answers`).toContain(heard.outcome);
      expect(heard.took, `${answered} answers`).toBeLessThan(cost);
    }
  });
});

/** From its n-th answer on the machine says nothing, on whichever port. */
function hang(kind: DriverKind, answered: number, faultless: Telemetry) {
  return stage(kind, { deadline: SHORT }, async ({ bench, hear }) => {
    let left = answered;
    const doors = bench.machine.doors;
    for (const door of doors) silenceAfter(door, () => left-- > 0);
    const heard: Heard = await hear(faultless);
    for (const door of doors) silenceAfter(door, () => true);
    return { heard, cost: costOfHanging(bench) };
  });
}

/** The daemons look at their fault once a request. */
function silenceAfter(door: Door, answers: () => boolean): void {
  Object.defineProperty(door, "fault", {
    get: () => (answers() ? undefined : "silent"),
    set: () => {},
    configurable: true,
  });
}

/** Milliseconds: each port is another program, and costs its own deadline once. */
const costOfHanging = ({ machine }: Bench): number => machine.doors.length * SHORT * 1000 + SLACK;

/** `grown`: bytes of buffers and heap at their highest, above those before. */
async function watched(hear: () => Promise<Heard>) {
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, used());
  }, 1);
  const heard = await hear();
  clearInterval(watch);
  return { heard, grown: Math.max(most, used()) - before };
}
