// The poller of scripts/bench-poll: reads every machine of a farm as fast as it answers.
//
// node poll.mjs KIND COUNT PORT SECONDS MODE FOLDER: MODE "agent" runs the agent, its state in FOLDER;
// "floor" sends the one request of a steady reading and throws the reply away: what the sockets alone cost,
// as many at once as the agent would have. Prints one JSON line when each machine was read, one at the end.

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { createGate, placesFor } from "../../agent/fleet/gate.ts";
import { configSchema } from "../../config/schema.ts";
import type { DriverKind } from "../../drivers/index.ts";
import { exchange } from "../../drivers/transport/tcp.ts";
import { farmAddress } from "./address.ts";
import { restlessAgent, type Turn } from "./fleet.ts";

const [kind = "", count = "0", port = "0", seconds = "0", mode = "", folder = ""] =
  process.argv.slice(2);
const machines = Number(count);
/** The steady request of each protocol, for the floor. */
const STEADY: Readonly<Record<string, string>> = {
  luxos: '{"command":"summary+devs+stats+power+temps+fans+tempctrl+config"}',
  whatsminer: '{"cmd":"summary+pools+edevs"}',
};
const NEVER = new AbortController().signal;

const seen = new Set<string>();
const latencies: number[] = [];
let failed = 0;
let measuring = false;
let warm = () => {};
const warmed = new Promise<void>((resolve) => {
  warm = resolve;
});

function onTurn({ id, good, latency }: Turn): void {
  if (!measuring) {
    if (good) seen.add(id);
    if (seen.size === machines) warm();
  } else if (good) latencies.push(latency);
  else failed += 1;
}

function startFloor(): void {
  const { polling } = configSchema.parse({ agent: { stateDir: folder } });
  const gate = createGate(placesFor(machines, polling.intervalSeconds * 1000));
  const payload = STEADY[kind] ?? "{}";
  const ask = async (host: string) => {
    for (;;) {
      await gate.pass(async () => {
        const began = performance.now();
        await exchange({ host, port: Number(port), payload, deadline: 30_000 });
        onTurn({ id: host, good: true, latency: performance.now() - began });
      }, NEVER);
    }
  };
  // Each loop that waits listens to the one signal.
  setMaxListeners(0, NEVER);
  for (let index = 0; index < machines; index += 1) void ask(farmAddress(index));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

if (mode === "floor") startFloor();
else {
  const farm = { count: machines, port: Number(port) };
  void restlessAgent(kind as DriverKind, farm, folder, onTurn).run(NEVER);
}
await warmed;
// The first readings ask everything; they are not what a steady poll costs.
await pause(1000);
process.stdout.write(`${JSON.stringify({ warm: true })}\n`);
measuring = true;
const cpu = process.cpuUsage();
const began = performance.now();
await pause(Number(seconds) * 1000);
const elapsed = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
measuring = false;
const polls = latencies.length;
latencies.sort((a, b) => a - b);
const quantile = (share: number) => latencies[Math.floor(share * (polls - 1))];
const memory = process.memoryUsage();
/** Of the RSS what the kernel mapped from files: Node's own program, shared and given back under pressure. */
const file = readFileSync("/proc/self/status", "utf8").match(/^RssFile:\s+(\d+) kB/m)?.[1];
process.stdout.write(
  `${JSON.stringify({
    polls,
    failed,
    perSecond: polls / elapsed,
    cpuMs: (used.user + used.system) / 1000 / Math.max(1, polls),
    rssMb: memory.rss / 1e6,
    fileMb: file === undefined ? Number.NaN : (Number(file) * 1024) / 1e6,
    heapMb: memory.heapUsed / 1e6,
    p50: quantile(0.5),
    p99: quantile(0.99),
  })}\n`,
);
process.exit(0);
