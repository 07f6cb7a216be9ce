// A driver at the end of a cable that leads to a machine or to its twin. An order that is sent to the twin
// was answered with true bytes, and the machine that is read afterwards has done nothing.

import type { Session } from "../../drivers/contract/driver.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import { connectDevice, DeviceOptions, type DriverKind } from "../../drivers/index.ts";
import { type Bench, startBench } from "./bench.ts";
import { Cable } from "./cable.ts";
import type { SimulatedMachine } from "./machine.ts";

export interface Stage {
  readonly session: Session;
  readonly cable: Cable;
  readonly machine: SimulatedMachine;
  readonly twin: SimulatedMachine;
  now(): EpochMs;
  /**
   * The first reading, of both: they are alike, so that they give out the same keys and either knows the
   * key that the other gave.
   */
  begin(signal: AbortSignal): Promise<Telemetry>;
  /** Moves the clock of both, milliseconds. */
  advance(duration: number): void;
  /** Somebody else's session with one of the two, without the cable. */
  hand(machine: SimulatedMachine): Session;
  close(): Promise<void>;
}

/** Long enough for a machine to be at rest; averages of an hour are of no matter here. */
const MINUTES = 5;

/** Machine and twin are alike to the digit until one of them gets an order. `deadline` in seconds. */
export async function setStage(kind: DriverKind, deadline = 2): Promise<Stage> {
  const start = () => startBench(kind, 1, { minutes: MINUTES });
  const benches = [await start(), await start()] as const;
  const [{ machine, options, now }, { machine: twin }] = benches;
  const cable = new Cable(machine);
  await cable.start();
  const wired = { ...options, ...cable.ports, deadlineSeconds: deadline };
  const session = connectDevice(DeviceOptions.parse(wired), { now });
  const mirror = connectDevice(optionsOf(benches, twin), { now });
  return {
    session,
    cable,
    machine,
    twin,
    now,
    begin: async (signal) => {
      await mirror.read(signal);
      return await session.read(signal);
    },
    advance: (duration) => {
      for (const bench of benches) bench.advance(duration);
    },
    hand: (which) => connectDevice(optionsOf(benches, which), { now }),
    close: async () => {
      await session.close();
      await mirror.close();
      await cable.pull();
      await Promise.all([machine.stop(), twin.stop()]);
    },
  };
}

function optionsOf(benches: readonly Bench[], machine: SimulatedMachine): DeviceOptions {
  const bench = benches.find((each) => each.machine === machine);
  if (bench === undefined) throw new Error("no machine of this stage");
  return bench.options;
}
