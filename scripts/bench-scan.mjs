// See scripts/bench-scan.

import { connect } from "node:net";
import { cpus } from "node:os";
import { join } from "node:path";
import { bundle, end, folder, freePort, start } from "./bench-children.mjs";

const SHARES = [0, 0.5, 1];
// As `nockd scan` has them without options.
const PARALLEL = 512;
const CONNECT = 1200;
const DEADLINE = 2000;

/** Two connections that nobody accepts fill a queue of one. */
async function fill(addresses, ports) {
  const sockets = addresses.flatMap((host) =>
    ports.flatMap((port) => [connect({ host, port }), connect({ host, port })]),
  );
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve, reject) => {
          socket.once("connect", resolve);
          socket.once("error", reject);
        }),
    ),
  );
  for (const socket of sockets) socket.on("error", () => undefined);
  return sockets;
}

async function connectionsOf(farm) {
  farm.child.stdin.write("\n");
  return (await farm.next()).connections;
}

async function measure(share, silentAddresses) {
  const [port, httpPort, apiPort3] = [await freePort(), await freePort(), await freePort()];
  const farm = start("scan-farm", [port, httpPort, apiPort3]);
  const silent = start("scan-silent", [share, port, httpPort]);
  await Promise.all([farm.next(), silent.next()]);
  const sockets = await fill(silentAddresses(share), [port, httpPort]);
  const run = (mode) =>
    start("scan", [mode, port, httpPort, apiPort3, PARALLEL, CONNECT, DEADLINE]).next();
  const sweep = await run("sweep");
  const before = await connectionsOf(farm);
  const scan = await run("scan");
  const after = await connectionsOf(farm);
  for (const socket of sockets) socket.destroy();
  silent.child.kill("SIGKILL");
  farm.child.stdin.end();
  return { sweep, scan, connections: after.map((count, index) => count - before[index]) };
}

const HEADER = [
  "what",
  "silent",
  "addresses",
  "seconds",
  "addr/s",
  "CPU s",
  "identified",
  "conn/machine",
  "most",
  "of sweep",
];
const WIDTHS = [8, 6, 9, 8, 8, 7, 12, 12, 5, 8];
const print = (cells) =>
  process.stdout.write(
    `${cells.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index]))).join("  ")}\n`,
  );

function row(name, silent, run, more) {
  print([
    name,
    `${Math.round(silent * 100)} %`,
    String(run.addresses),
    run.seconds.toFixed(2),
    (run.addresses / run.seconds).toFixed(0),
    run.cpuSeconds.toFixed(2),
    ...more,
  ]);
}

try {
  await Promise.all(["scan-address", "scan-farm", "scan-silent", "scan"].map(bundle));
  const { KINDS, silentAddresses } = await import(join(folder, "scan-address.mjs"));
  process.stdout.write(
    `node ${process.version}, ${cpus().length} cores shared by scanner and simulated machines; ${PARALLEL} addresses at a time, ${CONNECT} ms to connect, ${DEADLINE} ms a question\n`,
  );
  print(HEADER);
  const last = {};
  for (const share of SHARES) {
    const { sweep, scan, connections } = await measure(share, silentAddresses);
    row("sweep", share, sweep, ["", "", "", ""]);
    const sum = connections.reduce((total, count) => total + count, 0);
    row("scan", share, scan, [
      `${scan.right} of ${KINDS.length}`,
      (sum / KINDS.length).toFixed(1),
      String(Math.max(...connections)),
      (sweep.seconds / scan.seconds).toFixed(2),
    ]);
    for (const [index, kind] of KINDS.entries()) last[kind] = connections[index];
  }
  process.stdout.write(`\nconnections a machine, one question each: ${JSON.stringify(last)}\n`);
} finally {
  end();
}
