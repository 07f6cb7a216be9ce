// A process full of machines for scripts/bench-poll: each address repeats what one simulated machine says.
// Physics for thousands would measure the simulator; the bytes and the connections are the real ones.
//
// node farm.mjs KIND FIRST COUNT PORT DELAY: machines FIRST to FIRST+COUNT-1, one JSON line when ready,
// one with the number of connections for each line on standard input.

import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { DriverKind } from "../../drivers/index.ts";
import { exchange } from "../../drivers/transport/tcp.ts";
import { startBench } from "../sim/bench.ts";
import { farmAddress } from "./address.ts";

const [kind = "", first = "0", count = "0", port = "0", delay = "0"] = process.argv.slice(2);
const bench = await startBench(kind as DriverKind);
const known = new Map<string, Promise<string>>();
let connections = 0;

/** The simulated machine is asked once for each different request. */
function replyTo(request: string): Promise<string> {
  const asked = known.get(request);
  if (asked !== undefined) return asked;
  const { host, port: apiPort } = bench.machine.address;
  const answer = exchange({ host, port: apiPort, payload: request, deadline: 5000 });
  known.set(request, answer);
  return answer;
}

function listen(index: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("data", (chunk) => {
      void replyTo(chunk.toString("utf8")).then((reply) => {
        if (Number(delay) === 0) socket.end(reply);
        else setTimeout(() => socket.end(reply), Number(delay));
      });
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: farmAddress(index), port: Number(port), backlog: 8 }, () =>
      resolve(server),
    );
  });
}

for (let index = 0; index < Number(count); index += 1) await listen(Number(first) + index);
process.stdout.write(`${JSON.stringify({ ready: Number(count) })}\n`);
createInterface({ input: process.stdin })
  .on("line", () => process.stdout.write(`${JSON.stringify({ connections })}\n`))
  .on("close", () => process.exit(0));
