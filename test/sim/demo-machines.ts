// The three machines of the demo, on one port of three loopback addresses, as a real site has them.

import { createServer } from "node:net";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { SIMULATED } from "./simulated.ts";

export interface DemoMachine {
  readonly id: string;
  readonly machine: SimulatedMachine;
  /** What a configuration adds for this one: credentials, overrides. */
  readonly options: Readonly<Record<string, unknown>>;
}

const NAMES = {
  luxos: "s19k-pro-luxos",
  whatsminer: "m50s-btminer",
  antminer: "s19-stock",
} as const;
type Kind = keyof typeof NAMES;

const ATTEMPTS = 20;

/** Tries ports until one is free on all three addresses. */
export async function startMachines(seed: number, now: () => EpochMs): Promise<DemoMachine[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnOnePort(seed, now);
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnOnePort(seed: number, now: () => EpochMs): Promise<DemoMachine[]> {
  const httpPort = await freePort();
  const first = build({ host: "127.0.10.1", httpPort, seed, now }, "luxos");
  await first.machine.start();
  const { port } = first.machine.address;
  const started = [first];
  try {
    for (const [index, kind] of (["whatsminer", "antminer"] as const).entries()) {
      const host = `127.0.10.${index + 2}`;
      const next = build({ host, port, httpPort, seed: seed + index + 1, now }, kind);
      await next.machine.start();
      started.push(next);
    }
    return started;
  } catch (error) {
    for (const { machine } of started) await machine.stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no free port was found");
  return address.port;
}

function build(options: MachineOptions, kind: Kind): DemoMachine {
  const { make, options: more } = SIMULATED[kind];
  return { id: NAMES[kind], machine: make(options), options: more };
}
