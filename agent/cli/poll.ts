// `nockd poll TARGET`

import { driverOptions } from "../../config/schema.ts";
import {
  connectDevice,
  DeviceOptions,
  type DriverKind,
  drivers,
  identify,
} from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { systemClock } from "../clock.ts";
import { readConfig } from "./config-file.ts";
import { readingTable } from "./reading-table.ts";

export interface PollOptions {
  readonly config?: string;
  readonly driver?: string;
  readonly httpPort: number;
  readonly username?: string;
  readonly deadline: number;
  readonly json?: boolean;
}

const DEFAULT_PORT = 4028;

/** 0 with the reading on standard output; 1 when nothing was read; 2 for a wrong target or option. */
export async function poll(target: string, options: PollOptions): Promise<number> {
  const device =
    options.config === undefined
      ? await fromAddress(target, options)
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

function fromConfig(id: string, file: string): DeviceOptions | number {
  const config = readConfig(file);
  if (config === undefined) return 2;
  const found = config.devices.find((device) => device.id === id);
  if (found === undefined) {
    return complain(
      `${file} has no device "${id}"; it has ${config.devices.map((d) => d.id).join(", ") || "none"}`,
    );
  }
  return driverOptions(found);
}

async function fromAddress(target: string, options: PollOptions): Promise<DeviceOptions | number> {
  const address = parseTarget(target);
  if (address === undefined) return complain(`target "${target}": expected HOST or HOST:PORT`);
  const kind = options.driver ?? (await ask(address, options));
  if (kind === undefined) {
    process.stderr.write(
      `nockd: nothing that a driver knows answers at ${address.host} (ports ${address.port}, ${options.httpPort}); ` +
        `name one with --driver: ${drivers.map((driver) => driver.kind).join(", ")}\n`,
    );
    return 1;
  }
  const parsed = DeviceOptions.safeParse({
    driver: kind,
    host: address.host,
    port: address.port,
    httpPort: options.httpPort,
    deadlineSeconds: options.deadline,
    ...credentials(kind, options),
  });
  if (parsed.success) return parsed.data;
  return complain(
    parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  );
}

async function ask(
  address: { readonly host: string; readonly port: number },
  options: PollOptions,
): Promise<string | undefined> {
  const probe = openProbe({
    ...address,
    httpPort: options.httpPort,
    deadline: options.deadline * 1000,
  });
  return (await identify(probe))?.driver;
}

/** Only what this driver takes: a Whatsminer has no user name to give. */
function credentials(kind: string, options: PollOptions): Record<string, string> {
  const shape = drivers.find((driver) => driver.kind === (kind as DriverKind))?.options.shape ?? {};
  const password = process.env["NOCKD_PASSWORD"];
  return {
    ...(options.username !== undefined && "username" in shape
      ? { username: options.username }
      : {}),
    ...(password !== undefined && "password" in shape ? { password } : {}),
  };
}

/** `10.0.0.5`, `miner-7.lan:4028`, `[fd00::7]:4028`. */
export function parseTarget(target: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(target);
  if (match === null) return undefined;
  const port = match[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  const host = match[1] ?? match[2];
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

function complain(words: string): number {
  process.stderr.write(`nockd: ${words}\n`);
  return 2;
}
