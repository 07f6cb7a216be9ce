// `nockd demo`: three simulated machines, an embedded broker and the agent, all on loopback.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, createAgent } from "../../agent/agent.ts";
import { mqttReporter } from "../../agent/cli/mqtt-report.ts";
import { type Clock, scaledClock, systemClock } from "../../agent/clock.ts";
import { type Found, scanRange } from "../../agent/fleet/scan.ts";
import { createLog } from "../../agent/log.ts";
import { subscribe } from "../../agent/report/subscriber.ts";
import { type Config, configSchema } from "../../config/schema.ts";
import { LEVERS } from "../../drivers/contract/controls.ts";
import { type DemoMachine, startMachines } from "./demo-machines.ts";
import { type DemoView, demoScreen } from "./demo-screen.ts";
import { startEmbeddedBroker } from "./embedded-broker.ts";

export interface DemoOptions {
  /** Simulated seconds in one real second. */
  readonly speed: number;
  readonly seed: number;
  /** Real seconds until it stops by itself. */
  readonly seconds?: number;
}

const out = (text: string) => process.stdout.write(text);

/** 0 after an orderly end. */
export async function demo(options: DemoOptions): Promise<number> {
  const clock = scaledClock(options.speed);
  const stop = stopSignal(options.seconds);
  const folder = mkdtempSync(join(tmpdir(), "nockd-demo-"));
  const broker = await startEmbeddedBroker();
  const machines = await startMachines(options.seed, () => clock.now());
  try {
    out(
      `Three simulated machines answer at ${machines.map((m) => m.machine.address.host).join(", ")}.\n${howToTry(machines)}`,
    );
    await showScan(machines, stop);
    const config = demoConfig(machines, broker.url, folder);
    await tune(options, config, clock, machines, broker.url, stop);
  } finally {
    for (const { machine } of machines) await machine.stop();
    await broker.stop();
    rmSync(folder, { recursive: true });
  }
  return 0;
}

/** For a second terminal: the ports are other ones with every start. */
function howToTry(machines: readonly DemoMachine[]): string {
  const hosts = machines.map(({ machine }) => machine.address.host);
  const { port, httpPort } = machines.at(-1)?.machine.address ?? {};
  return (
    `try: node dist/nockd.mjs scan ${hosts.join(",")} --port ${port} --http-port ${httpPort}\n` +
    `try: node dist/nockd.mjs poll ${hosts[0]}:${port}\n`
  );
}

function stopSignal(seconds: number | undefined): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  }
  if (seconds !== undefined) setTimeout(() => stop.abort(), seconds * 1000).unref();
  return stop.signal;
}

/** The same scan as `nockd scan`, over the loopback addresses of the machines. */
async function showScan(machines: readonly DemoMachine[], signal: AbortSignal): Promise<void> {
  const first = machines[0]?.machine.address;
  if (first === undefined) return;
  const found: Found[] = [];
  await scanRange(
    {
      addresses: machines.map(({ machine }) => machine.address.host),
      port: first.port,
      httpPort: first.httpPort,
      apiPort3: 4433,
      deadline: 3000,
      connectDeadline: 3000,
      parallel: 8,
      signal,
    },
    (machine) => found.push(machine),
    () => undefined,
  );
  for (const { address, sighting } of found) {
    const { vendor, model, firmware, firmwareVersion } = sighting?.identity ?? {};
    out(`identified ${address}: ${vendor} ${model ?? ""}, ${firmware} ${firmwareVersion ?? ""}\n`);
  }
}

function demoConfig(machines: readonly DemoMachine[], url: string, folder: string): Config {
  return configSchema.parse({
    agent: { id: "demo", site: "demo", stateDir: folder },
    log: { file: join(folder, "nockd.log"), level: "debug" },
    mqtt: { url },
    polling: { intervalSeconds: 10 },
    // More restarts than a real day should see, because the demo shows many hours in minutes.
    tuning: { mode: "act", levers: [...LEVERS], restartsPerDay: 12, changesPerDay: 100 },
    devices: machines.map(({ id, machine, options }) => ({
      id,
      driver: machine.kind,
      ...machine.address,
      deadlineSeconds: 5,
      ...options,
    })),
  });
}

async function tune(
  options: DemoOptions,
  config: Config,
  clock: Clock,
  machines: readonly DemoMachine[],
  brokerUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const log = createLog({ ...config.log, now: () => clock.now() });
  const reporter = mqttReporter(config, "demo", systemClock, log);
  const agent = createAgent(
    reporter === undefined ? { config, clock, log } : { config, clock, log, reporter },
  );
  const ended = new AbortController();
  const listener = subscribe(
    {
      url: brokerUrl,
      keepAliveSeconds: 30,
      reconnectMinSeconds: 0.1,
      reconnectMaxSeconds: 1,
      version: "3.1.1",
    },
    () => undefined,
    {
      now: () => systemClock.now(),
      sleep: (duration, until) => systemClock.sleep(duration, until),
      log: () => undefined,
    },
    ended.signal,
  );
  const start = clock.now();
  const view = (): DemoView => ({
    ...options,
    elapsed: clock.now() - start,
    brokerUrl,
    messages: listener.counts.byType,
    machines: agent.states().map((state, index) => ({
      state,
      wallWatts: machines[index]?.machine.plant.truth.wallPower ?? Number.NaN,
    })),
  });
  const timer = show(agent, view);
  await agent.run(signal);
  clearInterval(timer);
  ended.abort();
  await listener.done;
  out(`\n\nStopped. Every machine is at its last known good point.\n\n${demoScreen(view())}\n`);
}

/** A terminal shows the whole screen; a file or a pipe gets each new decision as a line. */
function show(agent: Agent, view: () => DemoView): NodeJS.Timeout {
  if (process.stdout.isTTY) {
    return setInterval(() => out(`\u001b[H\u001b[2J${demoScreen(view())}\n\nCtrl-C stops.\n`), 500);
  }
  const told = new Map<string, string>();
  let count = 0;
  return setInterval(() => {
    for (const state of agent.states()) {
      const words = state.decision?.reason ?? "";
      if (words !== "" && words !== told.get(state.id)) out(`${state.id}: ${words}\n`);
      told.set(state.id, words);
    }
    count += 1;
    if (count % 40 === 0) out(`\n${demoScreen(view())}\n\n`);
  }, 250);
}
