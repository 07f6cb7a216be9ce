// `nockd capture TARGET --out DIR`

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { DeviceOptions } from "../../drivers/index.ts";
import { systemClock } from "../clock.ts";
import {
  type CaptureFiles,
  type CaptureIndex,
  captureFiles,
  sanitiserOf,
} from "./capture-files.ts";
import { record } from "./record.ts";
import { complain, fromAddress, fromConfig, parseTarget, type TargetOptions } from "./target.ts";

export interface CaptureOptions extends TargetOptions {
  readonly out: string;
}

/** 0 when DIR holds the answers; 1 when none came; 2 for a wrong target, option or DIR. */
export async function capture(target: string, options: CaptureOptions): Promise<number> {
  const folder = resolve(options.out);
  const unfit = whyUnfit(folder);
  if (unfit !== undefined) return complain(`--out ${options.out}: ${unfit}`);
  const asked = options.config === undefined ? atAddress(target, options) : named(target, options);
  if (typeof asked === "number") return asked;
  let wrong = 0;
  const recording = await record({
    ...asked.address,
    deadline: options.deadline * 1000,
    now: () => systemClock.now(),
    deviceOf: (sighting) => {
      const device = asked.deviceOf(sighting?.driver);
      if (typeof device !== "number") return device;
      wrong = device;
      return undefined;
    },
  });
  if (wrong !== 0) return wrong;
  if (!recording.heard.some(({ reply, status }) => reply.length > 0 || status !== undefined)) {
    process.stderr.write(`nockd: nothing answers at ${target}; nothing was written\n`);
    return 1;
  }
  const files = captureFiles(recording, sanitiserOf(recording, asked.address.host));
  writeCapture(folder, files);
  process.stdout.write(summary(files, options.out));
  return 0;
}

interface Asked {
  readonly address: { readonly host: string; readonly port: number; readonly httpPort: number };
  readonly deviceOf: (kind: string | undefined) => DeviceOptions | number | undefined;
}

function named(id: string, options: CaptureOptions): Asked | number {
  const device = fromConfig(id, options.config ?? "");
  if (typeof device === "number") return device;
  const { host, port, httpPort } = device;
  return { address: { host, port, httpPort }, deviceOf: () => device };
}

function atAddress(target: string, options: CaptureOptions): Asked | number {
  const address = parseTarget(target);
  if (typeof address === "number") return address;
  return {
    address: { ...address, httpPort: options.httpPort },
    deviceOf: (sighted) => {
      const kind = options.driver ?? sighted;
      return kind === undefined ? undefined : fromAddress(address, kind, options);
    },
  };
}

/** A folder with anything in it stays as it is: two captures in one are none. */
function whyUnfit(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  try {
    const held = readdirSync(folder);
    if (held.includes("index.json")) return "holds a capture already; name a new folder";
    return held.length > 0 ? "is not empty; name a new folder" : undefined;
  } catch (error) {
    return `cannot be used as a folder: ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Written beside it and renamed, so that the folder is complete or not there. Throws what the disk says. */
export function writeCapture(folder: string, { index, replies }: CaptureFiles): void {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const part = join(parent, `.${basename(folder)}.part-${process.pid}`);
  rmSync(part, { recursive: true, force: true });
  try {
    mkdirSync(part);
    for (const [name, bytes] of replies) writeFileSync(join(part, name), bytes);
    writeFileSync(join(part, "index.json"), `${JSON.stringify(index, undefined, 2)}\n`);
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}

function summary({ index, replies }: CaptureFiles, out: string): string {
  const lines = [
    `${replies.size} replies of ${whoAnswers(index)} are in ${out}`,
    ...(index.failure === undefined
      ? []
      : [`no reading came of them: ${index.failure.code}: ${index.failure.message}`]),
    ...(index.reading?.problems ?? []).map(
      ({ source, code, message }) => `not read: ${source}: ${code}: ${message}`,
    ),
    "wallets, workers, passwords, addresses, MACs and serials are masked; look through it before you send it",
  ];
  return `${lines.join("\n")}\n`;
}

function whoAnswers({ driver, identity }: CaptureIndex): string {
  if (driver === undefined) return "a machine that no driver knows";
  const model = identity?.model ?? "without a model name";
  return `a ${driver} machine (${model}${identity?.modelKnown === true ? "" : ", unknown model"})`;
}
