// See scripts/bench-footprint. Memory is read from /proc/PID/smaps_rollup; times are wall clock of this machine.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const seconds = Number(process.argv[2] ?? 60);
if (!(seconds >= 5)) {
  process.stderr.write("usage: scripts/bench-footprint [seconds, 5 or more]\n");
  process.exit(2);
}
const root = new URL("..", import.meta.url).pathname;
const bundle = join(root, "dist/nockd.mjs");
const simulator = join(root, "dist/nockd-sim.mjs");
const folder = mkdtempSync(join(tmpdir(), "nockd-footprint-"));
const children = [];

// The flags for a small control board: a bounded heap and no io_uring threads.
const FLAGS = ["--max-semi-space-size=1", "--max-old-space-size=48"];
const ENVIRONMENT = { ...process.env, UV_USE_IO_URING: "0", MALLOC_ARENA_MAX: "1" };

function start(args, options = {}) {
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: ENVIRONMENT,
    cwd: folder,
    ...options,
  });
  children.push(child);
  return child;
}

async function firstLine(child, wanted) {
  for await (const line of createInterface({ input: child.stdout })) {
    if (wanted(line)) return line;
  }
  throw new Error("the process ended before it was ready");
}

function memory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return { rss: kilobytes("Rss") / 1024, anonymous: kilobytes("Anonymous") / 1024 };
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function stopAll() {
  for (const child of children) child.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}

async function measureAgent(flags) {
  const began = performance.now();
  const agent = start([...flags, bundle, "run", "--config", join(folder, "nockd.yaml")]);
  await firstLine(agent, (line) => line.includes('"device identified"'));
  const ready = performance.now() - began;
  agent.stdout.resume();
  const before = cpuSeconds(agent.pid);
  await wait(seconds * 1000);
  const cpu = ((cpuSeconds(agent.pid) - before) / seconds) * 100;
  const used = { ...memory(agent.pid), ready, cpu };
  agent.kill("SIGTERM");
  await new Promise((resolve) => agent.once("exit", resolve));
  return used;
}

async function measureBare(flags) {
  const began = performance.now();
  const bare = start([...flags, "-e", 'console.log("ready"); setInterval(() => {}, 1000)']);
  await firstLine(bare, () => true);
  const ready = performance.now() - began;
  await wait(seconds * 1000);
  const used = { ...memory(bare.pid), ready, cpu: (cpuSeconds(bare.pid) / seconds) * 100 };
  bare.kill("SIGTERM");
  return used;
}

try {
  await build({
    absWorkingDir: root,
    entryPoints: ["test/sim/serve.ts"],
    outfile: simulator,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "warning",
  });
  const sim = start([simulator, "luxos"], { env: process.env });
  const machine = JSON.parse(await firstLine(sim, (line) => line.startsWith("{")));
  sim.stdout.resume();
  writeFileSync(
    join(folder, "nockd.yaml"),
    `agent: { stateDir: ${folder}/state }\npolling: { intervalSeconds: 1 }\n` +
      `devices:\n  - { id: miner, driver: luxos, host: 127.0.0.1, port: ${machine.port}, httpPort: ${machine.httpPort} }\n`,
  );
  process.stdout.write(
    `node ${process.version}, ${seconds} s with one simulated miner at 1 poll/s\n`,
  );
  const [bare, plain] = await Promise.all([measureBare([]), measureAgent([])]);
  const lean = await measureAgent(FLAGS);
  const rows = [
    ["", "ready ms", "RSS MiB", "anonymous MiB", "CPU %"],
    ...[
      ["bare node -e", bare],
      ["nockd", plain],
      [`nockd ${FLAGS.join(" ")}`, lean],
    ].map(([name, m]) => [
      name,
      m.ready.toFixed(0),
      m.rss.toFixed(1),
      m.anonymous.toFixed(1),
      m.cpu.toFixed(2),
    ]),
    [
      "ratio nockd / bare",
      (plain.ready / bare.ready).toFixed(2),
      (plain.rss / bare.rss).toFixed(2),
      (plain.anonymous / bare.anonymous).toFixed(2),
      "",
    ],
    [
      "ratio with flags / bare",
      (lean.ready / bare.ready).toFixed(2),
      (lean.rss / bare.rss).toFixed(2),
      (lean.anonymous / bare.anonymous).toFixed(2),
      "",
    ],
  ];
  const widths = rows[0].map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  for (const row of rows) {
    process.stdout.write(
      `${row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join("  ")}\n`,
    );
  }
  const image = join(folder, "image");
  execFileSync(process.execPath, [join(root, "scripts/build.mjs"), "--drivers=luxos", image]);
  for (const [name, file] of [
    ["all drivers", bundle],
    ["an image with one driver (--drivers=luxos)", join(image, "nockd.mjs")],
  ]) {
    const bytes = readFileSync(file);
    process.stdout.write(
      `bundle with ${name}: ${(bytes.length / 1000).toFixed(0)} kB, ${(gzipSync(bytes).length / 1000).toFixed(0)} kB gzip\n`,
    );
  }
} finally {
  stopAll();
}
