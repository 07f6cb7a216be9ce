// `nockd run --config FILE`

import { mkdirSync } from "node:fs";
import { secretPaths } from "../../config/secrets.ts";
import { createAgent } from "../agent.ts";
import { systemClock } from "../clock.ts";
import { createLog } from "../log.ts";
import { readConfig } from "./config-file.ts";
import { mqttReporter } from "./mqtt-report.ts";

/** 0 after an orderly stop, 1 when the agent could not start, 2 for a wrong configuration. */
export async function run(file: string, version: string): Promise<number> {
  const config = readConfig(file);
  if (config === undefined) return 2;
  const log = createLog({ ...config.log, redact: secretPaths(), now: () => systemClock.now() });
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // The second signal is for those who cannot wait for the machines.
      if (stop.signal.aborted) process.exit(1);
      log.info({ signal: name }, "stopping");
      stop.abort();
    });
  }
  try {
    mkdirSync(config.agent.stateDir, { recursive: true });
    const reporter = mqttReporter(config, version, systemClock, log);
    const ports = { config, clock: systemClock, log };
    const agent = createAgent(reporter === undefined ? ports : { ...ports, reporter });
    await agent.run(stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ err: error }, "agent could not run");
    return 1;
  }
}
