// Eyes and hands on one machine: reads it, writes to it, and tells both as observations.

import type { Session } from "../../drivers/contract/driver.ts";
import { isDeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import { milliseconds } from "../../drivers/contract/units.ts";
import type { Action, Approved } from "../state/action.ts";
import type { Observation } from "../state/observation.ts";
import { type Gate, openGate } from "./gate.ts";
import { createLane } from "./lane.ts";

/** Each request has its own deadline, so a write ends by itself. */
const UNINTERRUPTED = new AbortController().signal;
/** Failed readings in a row after which a session begins anew; what it had cached may be of another machine. */
const FAILURES_UNTIL_ANEW = 3;

export interface Hands {
  /** One reading, or the fault that came instead. */
  observe(signal: AbortSignal): Promise<Observation>;
  /**
   * Sends an approved action once; a lost connection is reported, never retried. It is not interrupted
   * by a stop of the agent, because half a write is worse than a late stop.
   */
  act(action: Approved<Action>): Promise<Observation>;
  close(): Promise<void>;
}

/**
 * `onBug` hears what a driver should never throw. To the head it is a machine that cannot be read, or a
 * write that may have acted: a bug must neither hide a machine's age nor be sent again and again.
 * Readings pass the gate; writes do not wait for other machines.
 */
export function createHands(
  open: () => Session,
  now: () => EpochMs,
  onBug: (error: unknown) => void,
  gate: Gate = openGate,
): Hands {
  const lane = createLane();
  let session = open();
  let failures = 0;

  /** Who answers after a silence may be another machine, of which this session knows nothing. */
  async function read(signal: AbortSignal): Promise<Telemetry> {
    const telemetry = await session.read(signal);
    const silent = failures >= FAILURES_UNTIL_ANEW;
    failures = 0;
    if (!silent) return telemetry;
    await session.close();
    session = open();
    return session.read(signal);
  }

  async function look(signal: AbortSignal): Promise<Observation> {
    const asked = performance.now();
    try {
      const telemetry = await read(signal);
      const latency = milliseconds(performance.now() - asked);
      return { kind: "reading", at: telemetry.at, telemetry, latency };
    } catch (error) {
      failures += 1;
      if (!isDeviceError(error)) {
        onBug(error);
        const message = `bug in the driver: ${String(error)}`;
        return { kind: "fault", at: now(), code: "UNEXPECTED_SHAPE", message };
      }
      return { kind: "fault", at: now(), code: error.code, message: error.message };
    }
  }

  return {
    observe: (signal) => gate.pass(() => lane.run(() => look(signal)), signal),
    act: (action) =>
      lane.run(async () => {
        try {
          const receipt = await session.write(action.settings, UNINTERRUPTED);
          return { kind: "sent", at: now(), action, ...receipt };
        } catch (error) {
          if (!isDeviceError(error)) {
            onBug(error);
            const detail = `bug in the driver: ${String(error)}`;
            return { kind: "sent", at: now(), action, answer: "silent", detail };
          }
          return {
            kind: "refused",
            at: now(),
            action,
            code: error.code,
            message: error.message,
          };
        }
      }),
    close: () => lane.run(() => session.close()),
  };
}
