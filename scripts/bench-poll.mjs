// See scripts/bench-poll.

import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { bundle, end, folder, freePort, start } from "./bench-children.mjs";

const sizes = process.argv.includes("all") ? [1000, 10_000] : [1000];
const SECONDS = 10;
const KINDS = ["luxos", "whatsminer"];
const FARMS = 2;
// Of the poller. Not the fixed heap of scripts/bench-footprint, which a fleet outgrows: V8 collects when the heap
// is a quarter above what lived last time, instead of up to four times that. Nor does it make what a site of code
// makes old from the start because much of it lived long while the fleet was read for the first time.
const FLAGS = [
  "--max-semi-space-size=1",
  "--heap-growing-percent=25",
  "--no-allocation-site-pretenuring",
];
const env = { ...process.env, UV_USE_IO_URING: "0", MALLOC_ARENA_MAX: "1" };

async function connectionsOf(farms) {
  let sum = 0;
  for (const farm of farms) {
    farm.child.stdin.write("\n");
    sum += (await farm.next()).connections;
  }
  return sum;
}

async function measure(kind, count, delay, mode, port) {
  const farms = Array.from({ length: FARMS }, (_, index) => {
    const share = Math.ceil(count / FARMS);
    return start("farm", [kind, index * share, share, port, delay], { env });
  });
  for (const farm of farms) await farm.next();
  const state = mkdtempSync(join(folder, "state-"));
  const poller = start("poll", [kind, count, port, SECONDS, mode, state], { flags: FLAGS, env });
  await poller.next();
  const before = await connectionsOf(farms);
  const result = await poller.next();
  const after = await connectionsOf(farms);
  poller.child.kill("SIGKILL");
  for (const farm of farms) farm.child.stdin.end();
  await Promise.all(
    farms.map((farm) => new Promise((resolve) => farm.child.once("exit", resolve))),
  );
  return { ...result, connections: (after - before) / Math.max(1, result.polls) };
}

/** RSS of a node that does nothing, MB. */
async function bareNode() {
  const code = "setTimeout(() => console.log(process.memoryUsage().rss / 1e6), 500)";
  const bare = spawn(process.execPath, [...FLAGS, "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  let text = "";
  for await (const piece of bare.stdout) text += piece;
  return Number(text);
}

const HEADER = [
  "driver",
  "machines",
  "delay ms",
  "polls/s",
  "failed",
  "conn/poll",
  "CPU ms/poll",
  "RSS MB",
  "of files",
  "heap MB",
  "KB/machine",
  "p50 ms",
  "p99 ms",
  "of floor",
];
const WIDTHS = [20, 8, 8, 8, 6, 9, 11, 7, 8, 7, 10, 7, 7, 8];
const print = (cells) =>
  process.stdout.write(
    `${cells.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index]))).join("  ")}\n`,
  );

function row(name, count, delay, m, { floor, one } = {}) {
  const each = one && count > 1 ? (m.rssMb - one.rssMb) / (count - 1) : undefined;
  print([
    name,
    String(count),
    String(delay),
    m.perSecond.toFixed(0),
    String(m.failed),
    m.connections.toFixed(2),
    m.cpuMs.toFixed(2),
    m.rssMb.toFixed(0),
    m.fileMb.toFixed(0),
    m.heapMb.toFixed(0),
    each === undefined ? "" : (each * 1000).toFixed(0),
    m.p50.toFixed(0),
    m.p99.toFixed(0),
    floor === undefined ? "" : (m.perSecond / floor.perSecond).toFixed(2),
  ]);
}

async function compare(kind, one) {
  for (const count of sizes) {
    for (const delay of [0, 50]) {
      const floor = await measure(kind, count, delay, "floor", await freePort());
      row(`${kind} sockets only`, count, delay, floor);
      const agent = await measure(kind, count, delay, "agent", await freePort());
      row(kind, count, delay, agent, { floor, one });
    }
  }
}

try {
  await Promise.all(["farm", "poll"].map(bundle));
  process.stdout.write(
    `node ${process.version} ${FLAGS.join(" ")}, bare ${(await bareNode()).toFixed(0)} MB RSS; ${cpus().length} cores shared by poller and ${FARMS} farms; recorded answers of simulated machines, free running, ${SECONDS} s each\n`,
  );
  print(HEADER);
  for (const kind of KINDS) {
    const one = await measure(kind, 1, 0, "agent", await freePort());
    row(kind, 1, 0, one);
    await compare(kind, one);
  }
} finally {
  end();
}
