// A driver's code is loaded when its first machine is spoken to: a board with one miner needs one driver.

import type { Controls } from "./controls.ts";
import type { Session } from "./driver.ts";
import { alike, shared } from "./shared.ts";
import type { Telemetry } from "./telemetry.ts";

/**
 * `open` runs at the first read or write, once; when it fails, the next call tries again. The knobs of equal
 * machines are one object: they are most of a reading, and seldom change.
 */
export function lazySession(open: () => Promise<Session>): Session {
  let opened: Promise<Session> | undefined;
  let controls: Controls | undefined;
  const session = (): Promise<Session> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  /** In the reading itself, so that the driver, which may keep it, keeps no knobs of its own either. */
  const withSharedControls = (telemetry: Telemetry): Telemetry => {
    if (controls === undefined || !alike(controls, telemetry.controls)) {
      controls = shared(telemetry.controls);
    }
    return Object.assign(telemetry, { controls });
  };
  return {
    read: async (signal) => withSharedControls(await (await session()).read(signal)),
    write: async (settings, signal) => (await session()).write(settings, signal),
    close: async () => {
      if (opened !== undefined) await (await opened).close();
    },
  };
}
