// Reads a configuration file for a command, or says everything that is wrong with it.

import { readFileSync } from "node:fs";
import { checkConfig, formatErrors } from "../../config/check.ts";
import type { Config } from "../../config/schema.ts";

/** The configuration, or undefined after its errors were printed to standard error. */
export function readConfig(file: string): Config | undefined {
  let text: Uint8Array;
  try {
    text = readFileSync(file);
  } catch (error) {
    process.stderr.write(`nockd: cannot read ${file}: ${(error as NodeJS.ErrnoException).code}\n`);
    return undefined;
  }
  const checked = checkConfig(text);
  if (checked.ok) return checked.config;
  process.stderr.write(`${formatErrors(checked.errors, file)}\n`);
  return undefined;
}
