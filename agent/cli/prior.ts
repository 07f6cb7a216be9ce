// `nockd prior export` and `nockd prior merge`

import { writeFileSync } from "node:fs";
import { learntOf } from "../decide/model/learnt.ts";
import {
  type FleetFile,
  fleetFileOf,
  mergeFiles,
  type Taught,
} from "../decide/model/prior-file.ts";
import { machinesIn } from "../memory.ts";
import { readConfig } from "./config-file.ts";
import { readPrior } from "./prior-read.ts";
import { recordsIn } from "./records.ts";
import { complain } from "./target.ts";

export interface ExportOptions {
  readonly state: readonly string[];
  readonly config?: string;
  readonly out: string;
}

/** 0 when the file was written, 1 when it could not be, 2 for a wrong command. */
export function exportPrior({ state, config: file, out }: ExportOptions): number {
  const folders = [...state];
  if (file !== undefined) {
    const config = readConfig(file);
    if (config === undefined) return 2;
    folders.push(config.agent.stateDir);
  }
  if (folders.length === 0) return complain("prior export: expected --state DIR or --config FILE");
  const machines: Taught[] = [];
  for (const folder of folders) {
    const records = recordsIn(folder);
    if (records === undefined) return 2;
    machines.push(...taughtIn(records));
  }
  return write(fleetFileOf(machines), out);
}

/** What each machine has learnt; those that do not tell their model, or were not measured, are left out. */
function taughtIn(records: ReadonlyMap<string, unknown>): Taught[] {
  return machinesIn(records).flatMap(({ unit: { model, firmware }, tuning }) => {
    if (model === undefined || firmware === undefined || tuning.evidence === undefined) return [];
    const learnt = learntOf(tuning.evidence, { model, firmware });
    return Object.keys(learnt).length === 0 ? [] : [{ model, firmware, learnt }];
  });
}

/** 0 when the file was written, 1 when it could not be, 2 for a wrong file. */
export function mergePriors(files: readonly string[], out: string): number {
  const read: FleetFile[] = [];
  for (const file of files) {
    const parsed = readPrior(file);
    if (!parsed.ok) return complain(parsed.errors.map((error) => `${file}: ${error}`).join("\n"));
    read.push(parsed.file);
  }
  return write(mergeFiles(read), out);
}

function write(file: FleetFile, out: string): number {
  const text = `${JSON.stringify(file, undefined, 2)}\n`;
  if (out === "-") {
    process.stdout.write(text);
    return 0;
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    process.stderr.write(`nockd: cannot write ${out}: ${code}\n`);
    return 1;
  }
  for (const { model, firmware, units } of file.models) {
    process.stdout.write(
      `${model} on ${firmware}: ${units} ${units === 1 ? "machine" : "machines"}\n`,
    );
  }
  if (file.models.length === 0) process.stdout.write("no machine has taught anything yet\n");
  return 0;
}
