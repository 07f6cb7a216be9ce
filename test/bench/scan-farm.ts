// The machines of scripts/bench-scan, and the addresses that accept a connection and say nothing.
//
// node scan-farm.mjs PORT HTTP_PORT PORT3: one JSON line when ready; for each line on standard input one
// with the connections that each machine has accepted so far.

import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { epochMs } from "../../drivers/contract/units.ts";
import { type DriverKind, identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { SIMULATED } from "../sim/simulated.ts";
import { WhatsminerV3Machine } from "../sim/whatsminer-v3.ts";
import { KINDS, machineAddresses, muteAddresses } from "./scan-address.ts";

const [port = 0, httpPort = 0, apiPort3 = 0] = process.argv.slice(2).map(Number);
const now = () => epochMs(1_800_000_000_000);

const machines = KINDS.map((kind, index) => {
  const place = { host: machineAddresses[index] ?? "", port, httpPort, seed: index + 1, now };
  if (kind !== "whatsminer-v3") return SIMULATED[kind as DriverKind].make(place);
  return new WhatsminerV3Machine({ ...place, apiPort3 });
});
for (const machine of machines) {
  await machine.start();
  if (machine instanceof WhatsminerV3Machine) machine.v2.refusing = true;
}
// The first answers of a program are slow; a machine in a rack has given many.
for (const machine of machines) {
  const place = { ...machine.address, apiPort3 };
  await identify(openProbe({ ...place, deadline: 10_000 }));
}
for (const host of muteAddresses) {
  for (const at of [port, httpPort]) {
    const server = createServer((socket) => socket.on("error", () => undefined));
    await new Promise<void>((resolve) => server.listen({ host, port: at }, resolve));
  }
}

process.stdout.write(`${JSON.stringify({ ready: machines.length })}\n`);
createInterface({ input: process.stdin })
  .on("line", () => {
    const connections = machines.map((machine) => machine.connections);
    process.stdout.write(`${JSON.stringify({ connections })}\n`);
  })
  .on("close", () => process.exit(0));
