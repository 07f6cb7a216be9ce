// The silent addresses of scripts/bench-scan: sockets that listen, in a process that never accepts. Once
// their queues are full the kernel drops every further attempt, as an empty address of a real network does.
//
// node scan-silent.mjs SHARE PORT...: one JSON line, then nothing more; it is ended by a signal.

import { createServer } from "node:net";
import { silentAddresses } from "./scan-address.ts";

const [share = 0, ...ports] = process.argv.slice(2).map(Number);
for (const host of silentAddresses(share)) {
  for (const port of ports) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host, port, backlog: 1 }, resolve));
  }
}
process.stdout.write(`${JSON.stringify({ ready: true })}\n`, () => {
  // Without a turn of the event loop nothing is accepted.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
