// Wires the report room to a configuration and a log.

import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../../config/schema.ts";
import type { Reporter } from "../agent.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../report/log.ts";
import { createReporter } from "../report/reporter.ts";

/** Undefined where the configuration names no broker. */
export function mqttReporter(
  config: Config,
  version: string,
  clock: Clock,
  log: Logger,
): Reporter | undefined {
  const { mqtt, agent } = config;
  if (mqtt === undefined) return undefined;
  const options = {
    mqtt: { ...mqtt, group: mqtt.group ?? agent.site },
    node: agent.id ?? hostname(),
    version,
    stateFile: join(agent.stateDir, "bdseq"),
  };
  return createReporter(options, {
    now: () => clock.now(),
    sleep: (duration, signal) => clock.sleep(duration, signal),
    log: reportLog(log),
    onLink: ({ up, reason }) => {
      if (up) log.info({ broker: mqtt.url }, "broker is connected");
      else
        log.warn(
          { broker: mqtt.url, reason },
          "broker is lost: machines are tuned on, reports wait",
        );
    },
  });
}

export function reportLog(log: Logger): Log {
  return (level, message, facts = {}) => log[level](facts, message);
}
