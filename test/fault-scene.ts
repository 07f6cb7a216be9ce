// One reading of a simulated machine whose answers go wrong, told as the fault table tells it.

import { isDeviceError } from "../drivers/contract/errors.ts";
import type { Telemetry } from "../drivers/contract/telemetry.ts";
import { connectDevice, DeviceOptions, type DriverKind } from "../drivers/index.ts";
import type { Outcome } from "./fault-table.ts";
import { type Bench, startBench } from "./sim/bench.ts";
import type { ReplyFault } from "./sim/reply-fault.ts";

const NEVER = new AbortController().signal;

export interface Staging {
  /** Seconds. Default: long enough for every answer that comes at all. */
  readonly deadline?: number;
  /** false leaves user name and password out of the configuration. */
  readonly password?: false;
  /** The fault comes after a reading that succeeded, so many milliseconds later; default before any. */
  readonly after?: number;
}

export interface Scene {
  readonly bench: Bench;
  /** On all ports of the machine. */
  setFault(fault: ReplyFault | undefined): void;
  read(): Promise<Telemetry>;
  /** Reads, and compares with what the machine's twin says without a fault. */
  hear(faultless: Telemetry): Promise<Heard>;
}

export interface Heard {
  readonly outcome: Outcome;
  readonly telemetry?: Telemetry;
  /** Milliseconds of real time. */
  readonly took: number;
}

/** Machines of the same staging are twins: what they say differs by their faults only. */
export async function stage<Result>(
  kind: DriverKind,
  { deadline = 8, password, after }: Staging,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const bench = await startBench(kind);
  const options = password === false ? withoutPassword(bench.options) : bench.options;
  const session = connectDevice({ ...options, deadlineSeconds: deadline }, { now: bench.now });
  const read = () => session.read(NEVER);
  const setFault = (fault: ReplyFault | undefined) => {
    for (const door of bench.machine.doors) door.fault = fault;
  };
  try {
    if (after !== undefined) {
      await read();
      bench.advance(after);
    }
    return await play({ bench, setFault, read, hear: (faultless) => hear(read, faultless) });
  } finally {
    setFault(undefined);
    await session.close();
    await bench.machine.stop();
  }
}

async function hear(read: () => Promise<Telemetry>, faultless: Telemetry): Promise<Heard> {
  const began = performance.now();
  try {
    const telemetry = await read();
    const took = performance.now() - began;
    const same = JSON.stringify(telemetry) === JSON.stringify(faultless);
    return { outcome: same ? "same" : "part", telemetry, took };
  } catch (error) {
    // Anything else is a bug of the driver.
    if (!isDeviceError(error)) throw error;
    return { outcome: error.code, took: performance.now() - began };
  }
}

function withoutPassword(options: DeviceOptions): DeviceOptions {
  const rest = Object.entries(options).filter(([name]) => !/^(username|password)$/.test(name));
  return DeviceOptions.parse(Object.fromEntries(rest));
}
