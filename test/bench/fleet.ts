// The whole agent on a farm, free running: each machine is asked again as soon as it was dealt with.

import { type Agent, createAgent, type Reporter } from "../../agent/agent.ts";
import type { Clock } from "../../agent/clock.ts";
import { systemClock } from "../../agent/clock.ts";
import { createLog } from "../../agent/log.ts";
import { type Config, configSchema } from "../../config/schema.ts";
import type { DriverKind } from "../../drivers/index.ts";
import { farmAddress } from "./address.ts";

/** As many as one configuration may hold. */
const MOST_DEVICES = 5000;

/** No pauses between turns; timers of the drivers and of the gate are the real ones. */
const restless: Clock = {
  now: () => systemClock.now(),
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
};

export interface Turn {
  readonly id: string;
  readonly good: boolean;
  /** Time to read the machine, ms, without the wait at the gate. */
  readonly latency: number;
}

function configOf(kind: DriverKind, count: number, port: number, stateDir: string): Config {
  const devices = Array.from({ length: count }, (_, index) => ({
    id: `machine-${index}`,
    driver: kind,
    host: farmAddress(index),
    port,
    httpPort: 1,
    deadlineSeconds: 30,
    ...(kind === "luxos" ? { pauseSeconds: 0 } : {}),
  }));
  const base = configSchema.parse({ agent: { stateDir } });
  const parts: Config["devices"][] = [];
  for (let start = 0; start < count; start += MOST_DEVICES) {
    const some = devices.slice(start, start + MOST_DEVICES);
    parts.push(configSchema.parse({ agent: { stateDir }, devices: some }).devices);
  }
  return { ...base, devices: parts.flat() };
}

/** The agent of `count` machines with the settings that a configuration has by itself. */
export function restlessAgent(
  kind: DriverKind,
  farm: { readonly count: number; readonly port: number },
  stateDir: string,
  onTurn: (turn: Turn) => void,
): Agent {
  const config = configOf(kind, farm.count, farm.port, stateDir);
  const reporter: Reporter = {
    start: () => undefined,
    publish: ({ id, link }) =>
      onTurn({
        id,
        good: link.status === "up" && link.failures === 0,
        latency: link.latency ?? Number.NaN,
      }),
    stop: async () => undefined,
  };
  const sink = { write: () => undefined };
  const log = createLog({ ...config.log, now: () => restless.now(), sink });
  return createAgent({ config, clock: restless, log, reporter });
}
