// The scanner of scripts/bench-scan.
//
// node scan.mjs MODE PORT HTTP_PORT PORT3 PARALLEL CONNECT DEADLINE: MODE "scan" is `nockd scan` over the
// range; "sweep" only connects to both ports of each address and hangs up: what the sockets alone cost.
// Times in milliseconds. Prints one JSON line.

import { createConnection } from "node:net";
import { type Found, scanRange } from "../../agent/fleet/scan.ts";
import { KINDS, machineAddresses, RANGE } from "./scan-address.ts";

const [mode = ""] = process.argv.slice(2, 3);
const [port = 0, httpPort = 0, apiPort3 = 0, parallel = 0, connectDeadline = 0, deadline = 0] =
  process.argv.slice(3).map(Number);

async function knock(host: string, at: number): Promise<void> {
  const socket = createConnection({ host, port: at });
  const timer = setTimeout(() => socket.destroy(), connectDeadline);
  socket.once("error", () => undefined);
  socket.once("connect", () => socket.destroy());
  await new Promise((resolve) => socket.once("close", resolve));
  clearTimeout(timer);
}

async function sweep(): Promise<void> {
  const left = RANGE.values();
  const worker = async () => {
    for (const address of left) {
      await knock(address, port);
      await knock(address, httpPort);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

async function scan(): Promise<Found[]> {
  const found: Found[] = [];
  const signal = new AbortController().signal;
  const request = { addresses: RANGE, port, httpPort, apiPort3, deadline, connectDeadline };
  await scanRange(
    { ...request, parallel, signal },
    (machine) => found.push(machine),
    () => undefined,
  );
  return found;
}

const cpu = process.cpuUsage();
const began = performance.now();
const found = mode === "scan" ? await scan() : await sweep();
const seconds = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
const right = KINDS.filter((kind, index) =>
  found?.some(
    ({ address, sighting }) =>
      address === machineAddresses[index] && sighting?.driver === kind.replace("-v3", ""),
  ),
);
process.stdout.write(
  `${JSON.stringify({
    addresses: RANGE.length,
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    right: right.length,
    found: found?.length ?? 0,
  })}\n`,
);
process.exit(0);
