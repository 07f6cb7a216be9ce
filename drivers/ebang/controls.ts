// Pools and a restart: no page for frequency, voltage, fans or watts of these machines is public.

import type { Controls, Effect } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import { milliseconds } from "../contract/units.ts";

/** How long a start takes is in no source; others of its time need up to ten minutes. */
const RESTART: Effect = { settles: milliseconds(900_000), restarts: true, persists: true };

export const POOL_SLOTS = 3;

export function decodeControls(modelKnown: boolean, poolsRead: boolean): Controls {
  if (!modelKnown) return {};
  return present({
    pools: poolsRead ? { max: POOL_SLOTS, effect: RESTART } : undefined,
    restart: { effect: RESTART },
  });
}
