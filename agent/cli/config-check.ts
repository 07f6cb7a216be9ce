// `nockd config check FILE`

import { readConfig } from "./config-file.ts";
import { readPrior } from "./prior-read.ts";

/** 0 when the file is a valid configuration, 2 otherwise. */
export function checkFile(file: string): number {
  const config = readConfig(file);
  if (config === undefined) return 2;
  const { devices, tuning, mqtt, prior } = config;
  const read = prior === undefined ? undefined : readPrior(prior.file);
  if (prior !== undefined && read?.ok === false) {
    for (const error of read.errors) process.stderr.write(`prior.file: ${prior.file}: ${error}\n`);
    return 2;
  }
  process.stdout.write(
    `${file}: valid; ${devices.length} devices, tuning.mode ${tuning.mode}, ` +
      `${mqtt === undefined ? "no MQTT" : `MQTT at ${mqtt.url}`}\n`,
  );
  return 0;
}
