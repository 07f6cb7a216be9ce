// CPU and memory of the head: a gateway of machines, each tuned through simulated hours by the agent's
// own turn, against machines that are only read. See scripts/bench-decide.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { celsius, type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import { agentMethod } from "../tunebench/agent-method.ts";
import type { MachineClass } from "../tunebench/class.ts";
import { CLASSES } from "../tunebench/classes.ts";
import { policiesFor } from "../tunebench/job.ts";
import { BenchMachine } from "../tunebench/machine.ts";
import { type Method, published } from "../tunebench/method.ts";
import { stock } from "../tunebench/methods/stock.ts";

const [MACHINES, HOURS] = [Number(process.argv[2] ?? 100), Number(process.argv[3] ?? 12)];
const MINUTE = 60_000;
/** CPU of a turn, ms, that none should exceed. */
const LIMIT_MS = 10;
/** A turn that takes longer than this has learnt something; the others only looked. */
const LEARNT_MS = 0.2;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function heap(): number {
  for (let round = 0; round < 3; round += 1) collect();
  return process.memoryUsage().heapUsed;
}

interface Cost {
  /** CPU of each turn, ms, rising; that of compiler and collector is in it, other processes' is not. */
  readonly turns: readonly number[];
  readonly bytes: number;
}

async function cost(kind: MachineClass, method: Method): Promise<Cost> {
  let time = 1_800_000_000_000;
  const now = (): EpochMs => epochMs(time);
  const machines = Array.from(
    { length: MACHINES },
    (_, index) => new BenchMachine(kind, { seed: index + 1, now, inlet: () => celsius(25) }),
  );
  const before = heap();
  const heads = machines.map((session, index) =>
    method.start({
      session,
      policies: policiesFor(0.9),
      now,
      seed: index + 1,
      family: kind.family,
      published: published(kind),
    }),
  );
  const turns: number[] = [];
  for (let minute = 1; minute <= HOURS * 60; minute += 1) {
    time += MINUTE;
    for (const [index, head] of heads.entries()) {
      machines[index]?.advance();
      const start = process.cpuUsage();
      await head.turn();
      const { user, system } = process.cpuUsage(start);
      turns.push((user + system) / 1000);
    }
  }
  const held = heap() - before;
  // Named after the measurement, or the collector would have taken what is measured.
  if (heads.length !== machines.length) throw new Error("a head for every machine");
  // Turn times are the bench's own; eight bytes each.
  return { turns: turns.sort((a, b) => a - b), bytes: Math.max(0, held - 8 * turns.length) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const at = (rising: readonly number[], share: number): number =>
  rising[Math.min(rising.length - 1, Math.floor(share * rising.length))] ?? Number.NaN;

process.stdout.write(
  `node ${process.version}; ${MACHINES} simulated machines a class, ${HOURS} simulated hours, one turn a minute\n` +
    `class  turn µs  of reading alone  learning ms p50    p99    max  > ${LIMIT_MS} ms %  KB a machine  1,000 machines, s a minute\n`,
);
for (const kind of CLASSES) {
  const read = await cost(kind, stock);
  const { turns, bytes } = await cost(kind, agentMethod);
  const learning = turns.filter((ms) => ms >= LEARNT_MS);
  const cells = [
    kind.id.padEnd(5),
    (1000 * mean(turns)).toFixed(0).padStart(7),
    `${(mean(turns) / mean(read.turns)).toFixed(1)} x`.padStart(16),
    at(learning, 0.5).toFixed(2).padStart(15),
    at(learning, 0.99).toFixed(2).padStart(5),
    at(learning, 1).toFixed(2).padStart(5),
    ((100 * turns.filter((ms) => ms > LIMIT_MS).length) / turns.length).toFixed(3).padStart(9),
    (bytes / MACHINES / 1024).toFixed(0).padStart(12),
    mean(turns).toFixed(2).padStart(26),
  ];
  process.stdout.write(`${cells.join("  ")}\n`);
}
