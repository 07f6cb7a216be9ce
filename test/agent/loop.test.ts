// One turn with hands that the test moves.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Hands } from "../../agent/fleet/hands.ts";
import { createEdges, createLog } from "../../agent/log.ts";
import { type Parts, turn } from "../../agent/loop.ts";
import { keeper, recall, remember } from "../../agent/memory.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { freshState } from "../../agent/state/fold.ts";
import { type Journal, openJournal } from "../../agent/state/journal.ts";
import { type EpochMs, epochMs, milliseconds } from "../../drivers/contract/units.ts";
import { policies, START } from "./example.ts";
import { Toy } from "./toy.ts";

const TUNING = { levers: ["voltage"] };

class Turns {
  readonly machine: Toy;
  answer: "accepted" | "silent" = "accepted";
  now: EpochMs = START;
  state: DeviceState;
  disk: (state: DeviceState, before: DeviceState) => boolean = () => true;

  constructor(state: DeviceState, machine = new Toy()) {
    this.state = state;
    this.machine = machine;
  }

  readonly #hands: Hands = {
    observe: () =>
      Promise.resolve({
        kind: "reading" as const,
        at: this.now,
        telemetry: this.machine.read(this.now),
        latency: milliseconds(1),
      }),
    act: (action) => {
      this.machine.write(action.settings);
      return Promise.resolve({
        kind: "sent" as const,
        at: this.now,
        action,
        answer: this.answer,
        detail: "ok",
      });
    },
    close: () => Promise.resolve(),
  };

  async run(minutes: number): Promise<void> {
    const parts: Parts = {
      hands: this.#hands,
      policies: policies(TUNING),
      now: () => this.now,
      remember: (state, before) => this.disk(state, before),
      report: () => undefined,
    };
    const end = this.now + minutes * 60_000;
    while (this.now < end) {
      this.now = epochMs(this.now + 10_000);
      this.state = await turn(this.state, parts, new AbortController().signal);
    }
  }
}

let folder: string;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-loop-"));
  journal = openJournal(join(folder, "journal"));
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

describe("while the journal cannot be written", () => {
  test("no trial is begun, and tuning goes on when it can be written again", async () => {
    const turns = new Turns(recall(journal, "toy", START));
    turns.disk = () => false;
    await turns.run(60);
    expect(turns.machine.written).toEqual([]);
    expect(turns.state.decision?.refused).toContain("journal");
    expect(turns.state.tuning.trial).toBeUndefined();
    turns.disk = () => true;
    await turns.run(1);
    expect(turns.machine.voltage).toBe(13_100);
  });

  test("it is told once, and once when it can", async () => {
    let full = true;
    const disk: Journal = {
      ...journal,
      append: (key, record) => {
        if (full) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        journal.append(key, record);
      },
    };
    const told: string[] = [];
    const sink = { write: (line: string) => void told.push(JSON.parse(line).msg) };
    const log = createLog({ level: "info", maxFileBytes: 1e6, maxFiles: 1, now: () => 0, sink });
    const turns = new Turns(recall(disk, "toy", START));
    turns.disk = keeper(
      disk,
      "journal",
      createEdges(log, () => 0),
    );
    await turns.run(30);
    expect(turns.machine.written).toEqual([]);
    full = false;
    await turns.run(30);
    expect(turns.machine.voltage).toBeLessThan(13_200);
    expect(told).toEqual([
      "journal cannot be written: no new trials",
      "journal can be written again",
    ]);
  });

  test("a too hot machine is stopped all the same", async () => {
    const turns = new Turns(recall(journal, "toy", START));
    turns.disk = () => false;
    turns.machine.ambient = 65;
    await turns.run(1);
    expect(turns.machine.asleep).toBe(true);
  });
});

describe("an order whose answer was lost", () => {
  test("and that acted is judged by what is seen, and nothing is sent meanwhile", async () => {
    const turns = new Turns(recall(journal, "toy", START));
    turns.answer = "silent";
    while (turns.state.write === undefined) await turns.run(0.1);
    expect(turns.state.write.answer).toBe("silent");
    while (turns.state.write !== undefined) await turns.run(0.1);
    expect(turns.state.outcome?.verdict).toBe("applied");
    expect(turns.machine.written).toHaveLength(1);
  });

  test("and that never acted is not sent again", async () => {
    const turns = new Turns(recall(journal, "toy", START), new Toy({ deaf: true }));
    turns.answer = "silent";
    await turns.run(240);
    expect(turns.state.outcome?.verdict).toBe("ignored");
    expect(turns.machine.written).toHaveLength(1);
  });
});

test("a change counts for the day's budget although the agent dies right after it", async () => {
  const turns = new Turns(recall(journal, "toy", START));
  turns.disk = (state, before) => {
    remember(journal, state, before);
    return true;
  };
  while (turns.state.changes.length === 0) await turns.run(0.1);
  await turns.run(0.1);
  expect(recall(journal, "toy", turns.now).changes).toHaveLength(1);
});

test.each([null, "text", { tuning: {} }, { tuning: { phase: "trial", since: 1 } }])(
  "a record of another version is left aside: %j",
  (record) => {
    journal.append("toy", record);
    expect(recall(journal, "toy", START)).toEqual(freshState("toy", START));
  },
);
