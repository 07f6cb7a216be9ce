// TARGET of a command: an address, or with --config the name of a device.

import { driverOptions } from "../../config/schema.ts";
import { DeviceOptions, type DriverKind, drivers } from "../../drivers/index.ts";
import { readConfig } from "./config-file.ts";

export interface TargetOptions {
  readonly config?: string;
  readonly driver?: string;
  readonly httpPort: number;
  readonly username?: string;
  /** Seconds. */
  readonly deadline: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 4028;

/** The device of this name; 2 after a complaint. */
export function fromConfig(id: string, file: string): DeviceOptions | number {
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

/** What a configuration would say of this machine; 2 after a complaint. */
export function fromAddress(
  address: Address,
  kind: string,
  options: TargetOptions,
): DeviceOptions | number {
  const parsed = DeviceOptions.safeParse({
    driver: kind,
    ...address,
    httpPort: options.httpPort,
    deadlineSeconds: options.deadline,
    ...credentials(kind, options),
  });
  if (parsed.success) return parsed.data;
  return complain(
    parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  );
}

/** Only what this driver takes: a Whatsminer has no user name to give. */
function credentials(kind: string, options: TargetOptions): Record<string, string> {
  const shape = drivers.find((driver) => driver.kind === (kind as DriverKind))?.options.shape ?? {};
  const password = process.env["NOCKD_PASSWORD"];
  return {
    ...(options.username !== undefined && "username" in shape
      ? { username: options.username }
      : {}),
    ...(password !== undefined && "password" in shape ? { password } : {}),
  };
}

/** `10.0.0.5`, `miner-7.lan:4028`, `[fd00::7]:4028`; 2 after a complaint. */
export function parseTarget(target: string): Address | number {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(target);
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) {
    return complain(`target "${target}": expected HOST or HOST:PORT`);
  }
  return { host, port };
}

/** Prints what is wrong with a command and resolves with its exit code. */
export function complain(words: string): number {
  process.stderr.write(`nockd: ${words}\n`);
  return 2;
}
