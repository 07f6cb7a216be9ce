// A simulated machine and a session with it, for the tests of the driver. Time stands until it is moved.

import { braiins } from "../../../drivers/braiins/index.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { BraiinsMachine } from "../../sim/braiins.ts";

export const NEVER = new AbortController().signal;
export const MINUTE = 60_000;

export interface Rig {
  readonly machine: BraiinsMachine;
  readonly session: Session;
  now(): number;
  /** Milliseconds. */
  advance(duration: number): void;
  read(): Promise<Telemetry>;
  /** Writes, then moves the clock on and reads. */
  set(wish: Setting, settle?: number): Promise<Telemetry>;
  stop(): Promise<void>;
}

export async function startRig(options: Readonly<Record<string, unknown>> = {}): Promise<Rig> {
  let time = 1_800_000_000_000;
  const now = () => epochMs(time);
  const machine = new BraiinsMachine({ host: "127.0.0.1", seed: 7, now });
  await machine.start();
  time += 30 * MINUTE;
  const session = braiins.connect(
    braiins.options.parse({
      driver: "braiins",
      ...machine.address,
      password: "root",
      deadlineSeconds: 1,
      ...options,
    }),
    { now },
  );
  const advance = (duration: number) => {
    time += duration;
  };
  return {
    machine,
    session,
    now,
    advance,
    read: () => session.read(NEVER),
    set: async (wish, settle = 10 * MINUTE) => {
      await session.write([wish], NEVER);
      advance(settle);
      return session.read(NEVER);
    },
    stop: async () => {
      await session.close();
      await machine.stop();
    },
  };
}
