// The poller of scripts/bench-poll: reads every machine of a farm as fast as it answers.
//
// node poll.mjs KIND COUNT PORT SECONDS MODE: MODE "driver" reads through the driver; "floor" sends the one
// request of a steady reading and throws the reply away: what the sockets alone cost. Prints one JSON line.

import { systemClock } from "../../agent/clock.ts";
import { createHands } from "../../agent/fleet/hands.ts";
import { milliseconds } from "../../drivers/contract/units.ts";
import { connectDevice, DeviceOptions } from "../../drivers/index.ts";
import { exchange } from "../../drivers/transport/tcp.ts";
import { farmAddress } from "./address.ts";

const [kind = "", count = "0", port = "0", seconds = "0", mode = ""] = process.argv.slice(2);
const NEVER = new AbortController().signal;
/** The steady request of each protocol, for the floor. */
const STEADY: Readonly<Record<string, string>> = {
  luxos: '{"command":"summary+devs+power+temps+fans"}',
  whatsminer: '{"cmd":"summary+pools+edevs"}',
};

type Read = () => Promise<boolean>;

function reader(index: number): Read {
  const host = farmAddress(index);
  if (mode === "floor") {
    const payload = STEADY[kind] ?? "{}";
    return async () => {
      await exchange({ host, port: Number(port), payload, deadline: 30_000 });
      return true;
    };
  }
  const options = DeviceOptions.parse({
    driver: kind,
    host,
    port: Number(port),
    httpPort: 1,
    deadlineSeconds: 30,
    ...(kind === "luxos" ? { pauseSeconds: 0 } : {}),
  });
  const now = () => systemClock.now();
  const hands = createHands(
    () => connectDevice(options as DeviceOptions, { now }),
    now,
    (bug) => {
      throw bug;
    },
  );
  // One signal a machine, as in the agent: thousands of listeners on one would be the bottleneck.
  const { signal } = new AbortController();
  return async () => (await hands.observe(signal)).kind === "reading";
}

const latencies: number[] = [];
let failed = 0;
let measuring = false;
let running = true;

async function loop(read: Read): Promise<void> {
  while (running) {
    const began = performance.now();
    const good = await read();
    if (!measuring) continue;
    if (good) latencies.push(performance.now() - began);
    else failed += 1;
  }
}

const readers = Array.from({ length: Number(count) }, (_, index) => reader(index));
// The first reading asks everything; it is not what a steady poll costs.
for (let start = 0; start < readers.length; start += 100) {
  await Promise.all(readers.slice(start, start + 100).map((read) => read()));
}
const loops = readers.map(loop);
await systemClock.sleep(milliseconds(1000), NEVER);
process.stdout.write(`${JSON.stringify({ warm: true })}\n`);
measuring = true;
const cpu = process.cpuUsage();
const began = performance.now();
await systemClock.sleep(milliseconds(Number(seconds) * 1000), NEVER);
const elapsed = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
measuring = false;
running = false;
const polls = latencies.length;
latencies.sort((a, b) => a - b);
const quantile = (share: number) => latencies[Math.floor(share * (polls - 1))];
process.stdout.write(
  `${JSON.stringify({
    polls,
    failed,
    perSecond: polls / elapsed,
    cpuMs: (used.user + used.system) / 1000 / Math.max(1, polls),
    rssMb: process.memoryUsage().rss / 1e6,
    p50: quantile(0.5),
    p99: quantile(0.99),
  })}\n`,
);
await Promise.all(loops);
process.exit(0);
