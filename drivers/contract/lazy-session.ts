// A driver's code is loaded when its first machine is spoken to: a board with one miner needs one driver.

import type { Session } from "./driver.ts";

/** `open` runs at the first read or write, once; when it fails, the next call tries again. */
export function lazySession(open: () => Promise<Session>): Session {
  let opened: Promise<Session> | undefined;
  const session = (): Promise<Session> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    read: async (signal) => (await session()).read(signal),
    write: async (settings, signal) => (await session()).write(settings, signal),
    close: async () => {
      if (opened !== undefined) await (await opened).close();
    },
  };
}
