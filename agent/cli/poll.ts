// `nockd poll TARGET`

import { connectDevice, type DeviceOptions, drivers, identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { systemClock } from "../clock.ts";
import { readingTable } from "./reading-table.ts";
import {
  type Address,
  fromAddress,
  fromConfig,
  parseTarget,
  type TargetOptions,
} from "./target.ts";

export interface PollOptions extends TargetOptions {
  readonly json?: boolean;
}

/** 0 with the reading on standard output; 1 when nothing was read; 2 for a wrong target or option. */
export async function poll(target: string, options: PollOptions): Promise<number> {
  const device =
    options.config === undefined
      ? await atAddress(target, options)
      : fromConfig(target, options.config);
  if (typeof device === "number") return device;
  const session = connectDevice(device, { now: () => systemClock.now() });
  try {
    const telemetry = await session.read(AbortSignal.timeout(options.deadline * 10_000));
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(telemetry, undefined, 2)}\n`
        : readingTable(telemetry),
    );
    return 0;
  } finally {
    await session.close();
  }
}

async function atAddress(target: string, options: PollOptions): Promise<DeviceOptions | number> {
  const address = parseTarget(target);
  if (typeof address === "number") return address;
  const kind = options.driver ?? (await ask(address, options));
  if (kind !== undefined) return fromAddress(address, kind, options);
  process.stderr.write(
    `nockd: nothing that a driver knows answers at ${address.host} (ports ${address.port}, ${options.httpPort}); ` +
      `name one with --driver: ${drivers.map((driver) => driver.kind).join(", ")}; ` +
      "`nockd capture` collects what it answers\n",
  );
  return 1;
}

async function ask(address: Address, options: PollOptions): Promise<string | undefined> {
  const probe = openProbe({
    ...address,
    httpPort: options.httpPort,
    deadline: options.deadline * 1000,
  });
  return (await identify(probe))?.driver;
}
