// Every set of captures through the driver's real session, compared with every value that its source states.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { isDeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { connectDevice, DeviceOptions, type DriverKind, drivers } from "../../drivers/index.ts";
import { agrees, MEANINGS } from "./meanings.ts";
import { type Files, OPTIONS, serve } from "./serve.ts";

const Stated = z.record(z.string(), z.unknown());
const Index = z.looseObject({
  sets: z.array(
    z.looseObject({
      dir: z.string(),
      firmware: z.string().optional(),
      peer_expected: Stated.nullish(),
      files: z.array(
        z.looseObject({ expected: Stated.nullish(), peer_expected: Stated.nullish() }),
      ),
    }),
  ),
});
export type CaptureSet = z.output<typeof Index>["sets"][number];

export interface Difference {
  readonly field: string;
  readonly stated: unknown;
  readonly read: unknown;
}

export interface Row {
  readonly dir: string;
  readonly driver: DriverKind | undefined;
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Why the session gave no reading. */
  readonly failure?: string;
}

// From the root of the project, which tests and scripts run in; a bundle has another folder.
const FOLDER = resolve("../shared/captures");
const INDEX = join(FOLDER, "index.json");
export const capturesAreHere = existsSync(INDEX);

export const captureSets = (): readonly CaptureSet[] =>
  Index.parse(JSON.parse(readFileSync(INDEX, "utf8"))).sets;

/** By firmware where a maker's machines run several, by maker else. */
export function driverOf({ dir, firmware = "" }: CaptureSet): DriverKind | undefined {
  const maker = dir.split("/")[0];
  if (firmware.startsWith("braiins")) return "braiins";
  const word = maker === "antminer" && firmware in BY_FIRMWARE ? BY_FIRMWARE[firmware] : maker;
  return drivers.map(({ kind }) => kind as DriverKind).find((kind) => kind === word);
}

const BY_FIRMWARE: Readonly<Record<string, DriverKind>> = {
  stock: "antminer",
  mskminer: "antminer",
  vnish: "vnish",
  epic: "epic",
  luxos: "luxos",
};

function filesOf(dir: string): Files {
  const folder = join(FOLDER, dir);
  // Stand-ins for the answers to writes.
  const names = readdirSync(folder).filter((name) => !name.includes("__post"));
  return new Map(
    names.map((name) => [
      name.replace(/\.(?:json|txt)$/, ""),
      readFileSync(join(folder, name), "utf8"),
    ]),
  );
}

function statedOf(set: CaptureSet): Readonly<Record<string, unknown>> {
  const parts = set.files.flatMap(({ expected, peer_expected }) => [expected, peer_expected]);
  return Object.assign({}, set.peer_expected, ...parts);
}

/** Words about the source, no values of a machine. */
const NOTES = new Set(["note", "source_test"]);

export async function compareSet(set: CaptureSet): Promise<Row> {
  const driver = driverOf(set);
  const stated = Object.entries(statedOf(set)).filter(([field]) => !NOTES.has(field));
  const row = { dir: set.dir, driver, compared: 0, differences: [] };
  if (driver === undefined) return { ...row, failure: "no driver" };
  const reading = await read(driver, filesOf(set.dir));
  if (typeof reading === "string") return { ...row, failure: reading };
  const differences = stated.flatMap(([field, value]): Difference[] => {
    const found = MEANINGS[field]?.(reading);
    return agrees(found, value) ? [] : [{ field, stated: value, read: found }];
  });
  return { ...row, compared: stated.length, differences };
}

async function read(driver: DriverKind, files: Files): Promise<Telemetry | string> {
  const served = await serve(driver, files);
  const given = { driver, ...served.address, deadlineSeconds: 5, ...OPTIONS[driver] };
  const session = connectDevice(DeviceOptions.parse(given), { now: () => NOW });
  try {
    return await session.read(new AbortController().signal);
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return error.code;
  } finally {
    await session.close();
    await served.stop();
  }
}

const NOW = epochMs(1_776_446_528_000);

export function tableOf(rows: readonly Row[], reasons: Readonly<Record<string, string>>): string {
  const lines = rows.map(({ dir, driver = "none", compared, differences, failure }) => {
    const words = [
      ...(failure === undefined ? [] : [`${failure}: ${reasons[dir] ?? "NO REASON"}`]),
      ...differences.map(({ field }) => `${field}: ${reasons[`${dir} ${field}`] ?? "NO REASON"}`),
    ];
    const counts = `${String(compared).padStart(8)}  ${String(differences.length).padStart(5)}`;
    return `${dir.padEnd(54)}  ${driver.padEnd(10)}  ${counts}  ${words.join("; ")}`;
  });
  const head = `${"set".padEnd(54)}  ${"driver".padEnd(10)}  compared  differ  reasons`;
  return [head, ...lines].join("\n");
}
