// One machine's life in the agent: turns at its own pace, and an orderly leave.

import type { Logger } from "pino";
import type { Clock } from "./clock.ts";
import { farewell } from "./decide/farewell.ts";
import { guard } from "./decide/guard.ts";
import { nextDelay } from "./fleet/backoff.ts";
import { type Parts, turn } from "./loop.ts";
import type { DeviceState } from "./state/device-state.ts";
import { fold } from "./state/fold.ts";

/** After the stop signal a machine gets this long to take and show its last setting, ms of the clock. */
const FAREWELL_TIME = 60_000;
const FAREWELL_POLL = 2_000;
/** For one request while leaving, ms of real time. */
const FAREWELL_DEADLINE = 30_000;

export interface Runner {
  state(): DeviceState;
  /** Takes turns until the signal is aborted. A hung machine costs its own deadline only. */
  run(signal: AbortSignal): Promise<void>;
  /** Leaves the machine at its last known good point and ends the conversation. */
  leave(): Promise<void>;
}

export interface Pace {
  /** Milliseconds between two readings, and at most while the machine does not answer. */
  readonly interval: number;
  readonly longest: number;
}

export function createRunner(
  first: DeviceState,
  parts: Parts,
  clock: Clock,
  pace: Pace,
  log: Logger,
): Runner {
  let state = first;

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = clock.now();
      try {
        state = await turn(state, parts, signal);
      } catch (error) {
        // A bug in one device's turn must be loud, and must not take the other machines down.
        log.error({ err: error }, "bug: the turn of this device failed");
      }
      const delay = nextDelay(pace.interval, pace.longest, state.link.failures);
      await clock.sleep(Math.max(0, delay - (clock.now() - began)), signal);
    }
  }

  async function leave(): Promise<void> {
    const signal = AbortSignal.timeout(FAREWELL_DEADLINE);
    // What was sent last may have acted meanwhile: look before saying good-bye.
    state = fold(state, await parts.hands.observe(signal));
    const now = parts.now();
    const ruled = guard(farewell(state, parts.policies, now), state, parts.policies, now);
    const before = state;
    state = fold(before, { kind: "decided", at: now, decision: ruled.decision });
    parts.remember(state, before);
    if (ruled.action !== undefined) state = fold(state, await parts.hands.act(ruled.action));
    parts.report(state, before);
    await watchLastChange(signal);
    await parts.hands.close();
    log.info(
      { reason: ruled.decision.reason, refused: ruled.decision.refused },
      "device is left alone",
    );
  }

  async function watchLastChange(signal: AbortSignal): Promise<void> {
    const end = parts.now() + FAREWELL_TIME;
    while (state.write !== undefined && parts.now() < end && !signal.aborted) {
      await clock.sleep(FAREWELL_POLL, signal);
      const before = state;
      state = fold(before, await parts.hands.observe(signal));
      parts.report(state, before);
    }
  }

  return { state: () => state, run, leave };
}
