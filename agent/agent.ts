// The composition root: builds the rooms, runs one loop a device, and stops in order.

import { setMaxListeners } from "node:events";
import type { Logger } from "pino";
import { unmatchedPatterns } from "../config/credentials.ts";
import { policyFor } from "../config/policy.ts";
import { type Config, type DeviceConfig, driverOptions } from "../config/schema.ts";
import { present } from "../drivers/contract/decoding.ts";
import { connectDevice } from "../drivers/index.ts";
import { announce } from "./announce.ts";
import type { Clock } from "./clock.ts";
import type { PriorSource } from "./decide/model/prior.ts";
import { createGate, type Gate, placesFor } from "./fleet/gate.ts";
import { createHands } from "./fleet/hands.ts";
import { createEdges, type Edges } from "./log.ts";
import type { Parts } from "./loop.ts";
import { keeper, recall } from "./memory.ts";
import { createRunner, type Pace, type Runner } from "./runner.ts";
import { createSignals, type SignalsOf } from "./signals.ts";
import type { DeviceState } from "./state/device-state.ts";
import { type Journal, journalFile, openJournal } from "./state/journal.ts";

/** Who is told about every turn besides the log. */
export interface Reporter {
  start(signal: AbortSignal): void;
  publish(state: DeviceState): void;
  stop(): Promise<void>;
}

export interface AgentOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reporter?: Reporter;
  /** What other machines have taught; absent: what was published. */
  readonly prior?: PriorSource;
}

export interface Agent {
  /** Runs until the signal is aborted, then leaves every machine at its last known good point. */
  run(signal: AbortSignal): Promise<void>;
  states(): readonly DeviceState[];
}

/** A thousand machines are not asked in the same instant, now and at each interval after. Ms. */
const LONGEST_GAP = 100;

/** Throws what the file system says when the state folder cannot be written. */
export function createAgent(options: AgentOptions): Agent {
  const { config, log, reporter } = options;
  const journal = openJournal(journalFile(config.agent.stateDir));
  if (journal.damaged > 0) {
    log.warn({ lines: journal.damaged }, "journal has damaged lines: they are left out");
  }
  const now = () => options.clock.now();
  const edges = createEdges(log, now);
  const keep = keeper(journal, journalFile(config.agent.stateDir), edges);
  const enabled = config.devices.filter((device) => device.enabled);
  const signals = createSignals(config.signals, edges);
  const gate = createGate(placesFor(enabled.length, config.polling.intervalSeconds * 1000));
  const pace = {
    interval: config.polling.intervalSeconds * 1000,
    longest: config.polling.maxIntervalSeconds * 1000,
  };
  const common = { journal, keep, gate, signals, now, pace };
  const runners = enabled.map((device) => ({
    id: device.id,
    runner: buildRunner(device, options, common),
  }));

  return {
    states: () => runners.map(({ runner }) => runner.state()),
    async run(signal) {
      log.info({ devices: runners.length, mode: config.tuning.mode }, "agent started");
      warnOfPatterns(config, log);
      // One listener a device is no leak.
      setMaxListeners(0, signal);
      reporter?.start(signal);
      const gap = Math.min(LONGEST_GAP, (config.polling.intervalSeconds * 1000) / runners.length);
      await Promise.all(
        runners.map(async ({ runner }, index) => {
          if (index > 0) await options.clock.sleep(index * gap, signal);
          await runner.run(signal);
        }),
      );
      await Promise.all(runners.map(({ id, runner }) => leaveInOrder(id, runner, log)));
      await reporter?.stop();
      journal.close();
      log.info("agent stopped");
    },
  };
}

/** The machine that was meant answers that it may not be read, and nothing there points here. */
function warnOfPatterns({ credentials = [], devices }: Config, log: Logger): void {
  const patterns = unmatchedPatterns(credentials, devices);
  if (patterns.length > 0) log.warn({ patterns }, "credentials match no device");
}

/** What all devices have in common. */
interface Common {
  readonly journal: Journal;
  readonly keep: Parts["remember"];
  readonly gate: Gate;
  readonly signals: SignalsOf;
  readonly now: Clock["now"];
  readonly pace: Pace;
}

function buildRunner(
  device: DeviceConfig,
  options: AgentOptions,
  { journal, keep, gate, signals, now, pace }: Common,
): Runner {
  const { config, clock, reporter, prior } = options;
  const log = options.log.child({ device: device.id });
  const edges = createEdges(log, now);
  const { tuning, safety } = policyFor(config, device);
  const parts = {
    hands: createHands(
      () => connectDevice(driverOptions(device), { now }),
      now,
      (error) => log.error({ err: error }, "bug in the driver"),
      gate,
    ),
    // Not spread: that makes a hidden class for each machine.
    policies: present({ tuning, safety, signals: signals(device.id), prior }),
    now,
    remember: keep,
    report: (state: DeviceState, before: DeviceState) => {
      announce(log, state, before);
      publish(reporter, state, edges);
    },
  };
  return createRunner(recall(journal, device.id, now()), parts, clock, pace, log);
}

/** What cannot be told must not undo what was done: the turn stands. */
function publish(reporter: Reporter | undefined, state: DeviceState, edges: Edges): void {
  try {
    reporter?.publish(state);
    edges.clear("report", {}, "device is reported again");
  } catch (error) {
    edges.raise("report", { err: error }, "bug: this device could not be reported");
  }
}

async function leaveInOrder(id: string, runner: Runner, log: Logger): Promise<void> {
  try {
    await runner.leave();
  } catch (error) {
    log.error({ err: error, device: id }, "could not leave the device in order");
  }
}
