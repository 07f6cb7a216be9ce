// A simulated machine on a test bench: its clock stands still until the test moves it.

import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import { DeviceOptions, type DriverKind } from "../../drivers/index.ts";
import type { SimulatedMachine } from "./machine.ts";
import { SIMULATED, type Simulated } from "./simulated.ts";

export interface Bench {
  readonly machine: SimulatedMachine;
  readonly options: DeviceOptions;
  now(): EpochMs;
  /** Moves the machine's clock on, milliseconds. */
  advance(duration: number): void;
  /** Connections that the machine has accepted so far, on all of its ports. */
  connections(): number;
}

export interface BenchSetup {
  /** Another variant than the usual machine of the driver. */
  readonly simulated?: Simulated;
  /** Minutes that it has been hashing when it is handed over; an hour, the default, fills all averages. */
  readonly minutes?: number;
}

export async function startBench(
  kind: DriverKind,
  seed = 1,
  { simulated = SIMULATED[kind], minutes = 60 }: BenchSetup = {},
): Promise<Bench> {
  let time = 1_800_000_000_000;
  const now = () => epochMs(time);
  const { make, options } = simulated;
  const machine = make({ host: "127.0.0.1", seed, now });
  await machine.start();
  for (let minute = 0; minute < minutes; minute += 1) {
    time += 60_000;
    machine.plant.advance(now());
  }
  return {
    machine,
    options: DeviceOptions.parse({
      driver: kind,
      ...machine.address,
      deadlineSeconds: 2,
      ...options,
    }),
    now,
    advance: (duration) => {
      time += duration;
      machine.settle?.();
    },
    connections: () => machine.connections,
  };
}
