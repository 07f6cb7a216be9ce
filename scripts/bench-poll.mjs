// See scripts/bench-poll.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "nockd-bench-"));
const sizes = process.argv.includes("all") ? [1000, 10_000] : [1000];
const SECONDS = 10;
const KINDS = ["luxos", "whatsminer"];
const FARMS = 2;
const children = new Set();

async function bundle(name) {
  await build({
    absWorkingDir: root,
    entryPoints: [`test/bench/${name}.ts`],
    outfile: join(folder, `${name}.mjs`),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    minify: true,
    logLevel: "warning",
  });
}

function start(name, args) {
  const child = spawn(process.execPath, [join(folder, `${name}.mjs`), ...args.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early`);
    return JSON.parse(value);
  };
  return { child, next };
}

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
    const share = count / FARMS;
    return start("farm", [kind, index * share, share, port, delay]);
  });
  for (const farm of farms) await farm.next();
  const poller = start("poll", [kind, count, port, SECONDS, mode]);
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

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const HEADER = [
  "driver",
  "machines",
  "delay ms",
  "polls/s",
  "failed",
  "conn/poll",
  "CPU ms/poll",
  "RSS MB",
  "p50 ms",
  "p99 ms",
  "of floor",
];
const WIDTHS = [20, 8, 8, 8, 6, 9, 11, 7, 7, 7, 8];
const print = (cells) =>
  process.stdout.write(
    `${cells.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index]))).join("  ")}\n`,
  );

function row(name, count, delay, m, floor) {
  print([
    name,
    String(count),
    String(delay),
    m.perSecond.toFixed(0),
    String(m.failed),
    m.connections.toFixed(2),
    m.cpuMs.toFixed(2),
    m.rssMb.toFixed(0),
    m.p50.toFixed(0),
    m.p99.toFixed(0),
    floor === undefined ? "" : (m.perSecond / floor.perSecond).toFixed(2),
  ]);
}

try {
  await Promise.all(["farm", "poll"].map(bundle));
  process.stdout.write(
    `node ${process.version}, ${cpus().length} cores shared by poller and ${FARMS} farms; recorded answers of simulated machines, free running, ${SECONDS} s each\n`,
  );
  print(HEADER);
  for (const count of sizes) {
    for (const kind of KINDS) {
      for (const delay of [0, 50]) {
        const floor = await measure(kind, count, delay, "floor", await freePort());
        row(`${kind} sockets only`, count, delay, floor);
        row(
          kind,
          count,
          delay,
          await measure(kind, count, delay, "driver", await freePort()),
          floor,
        );
      }
    }
  }
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
}
