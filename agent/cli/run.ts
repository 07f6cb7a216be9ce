// `nockd run --config FILE`

import { mkdirSync } from "node:fs";
import type { Config } from "../../config/schema.ts";
import { secretPaths } from "../../config/secrets.ts";
import { present } from "../../drivers/contract/decoding.ts";
import { createAgent } from "../agent.ts";
import { systemClock } from "../clock.ts";
import { fleetPrior } from "../decide/model/fleet-prior.ts";
import type { PriorSource } from "../decide/model/prior.ts";
import { createLog, type Log } from "../log.ts";
import { type Lock, lockFolder } from "../state/lock.ts";
import { readConfig } from "./config-file.ts";
import { mqttReporter } from "./mqtt-report.ts";
import { readPrior } from "./prior-read.ts";

/** 0 after an orderly stop, 1 when the agent could not start, 2 for a wrong configuration. */
export async function run(file: string, version: string): Promise<number> {
  const config = readConfig(file);
  if (config === undefined) return 2;
  const log = createLog({ ...config.log, redact: secretPaths(), now: () => systemClock.now() });
  const stop = new AbortController();
  stopOnSignals(stop, log);
  process.on("unhandledRejection", (error) => {
    // It belongs to one device at most; the others are tuned on.
    log.error({ err: error }, "bug: a failure was not handled");
  });
  process.on("uncaughtException", (error) => {
    // Nothing in memory can be trusted now; the journal can, and the next start goes by it.
    log.fatal({ err: error }, "bug: the agent ends; the next start restores what was on trial");
    process.exit(1);
  });
  let lock: Lock | undefined;
  try {
    mkdirSync(config.agent.stateDir, { recursive: true });
    lock = lockFolder(config.agent.stateDir);
    const reporter = mqttReporter(config, version, systemClock, log);
    const prior = priorOf(config, log);
    const ports = { config, clock: systemClock, log, ...present({ prior, reporter }) };
    const agent = createAgent(ports);
    await agent.run(stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ err: error }, "agent could not run");
    return 1;
  } finally {
    lock?.release();
  }
}

/** A wrong file must not leave machines without protection: they are tuned without it. */
function priorOf({ prior }: Config, log: Log): PriorSource | undefined {
  if (prior === undefined) return undefined;
  const read = readPrior(prior.file);
  if (read.ok) {
    log.info(
      { file: prior.file, models: read.file.models.length },
      "prior of other machines is used",
    );
    return fleetPrior(read.file);
  }
  log.error({ file: prior.file, errors: read.errors }, "prior cannot be used: tuned without it");
  return undefined;
}

function stopOnSignals(stop: AbortController, log: Log): void {
  // SIGHUP: the terminal is gone. Without a handler the process would end in the middle of a trial.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) {
        log.info({ signal: name }, "stopping");
        stop.abort();
      } else if (name !== "SIGHUP") {
        // The second signal is for those who cannot wait for the machines.
        process.exit(1);
      }
    });
  }
}
