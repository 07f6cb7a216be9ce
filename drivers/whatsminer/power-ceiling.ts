// How high a power limit may be asked for.

import { type Watts, watts } from "../contract/units.ts";
import type { WhatsminerModel } from "../hardware/whatsminer.ts";

/**
 * Air-cooled machines run on supplies of the P21/P22 series: 3600 W by name (P21-12-3600-E); limits of
 * 3500 and 3600 W were read on M20S, M30S and M60S, and 3573 W were drawn on a P221B.
 */
const AIR_SUPPLY: Watts = watts(3600);

/**
 * The highest limit worth asking for: the unit's "ordinary power", which firmware never exceeds and never
 * tells. Power Limit is that only while nobody has lowered it. So, best first: what the configuration
 * says; the rating of the supply, which is safe because the firmware holds the unit's own border below
 * it; for an unknown liquid-cooled supply, or after a refusal, the largest limit seen.
 */
export class PowerCeiling {
  readonly #configured: Watts | undefined;
  #largestSeen: Watts | undefined;
  #refused = false;

  /** `configured`: powerCeilingWatts. */
  constructor(configured: Watts | undefined) {
    this.#configured = configured;
  }

  /** A Power Limit that was read. */
  saw(limit: Watts): void {
    if (this.#largestSeen === undefined || limit > this.#largestSeen) this.#largestSeen = limit;
  }

  /** The machine said no to this limit: so the largest one seen is its own border, or close to it. */
  refused(limit: Watts): void {
    if (this.#largestSeen !== undefined && limit > this.#largestSeen) this.#refused = true;
  }

  /** Undefined before any limit was read. `psu` may have its rating in its name: `P21-12-3600-E`. */
  for(model: WhatsminerModel | undefined, psu: string | undefined): Watts | undefined {
    const seen = this.#largestSeen;
    if (this.#configured !== undefined) return this.#configured;
    if (seen === undefined || this.#refused) return seen;
    const named = /-(\d{4,5})-/.exec(psu ?? "")?.[1];
    const rating = named === undefined ? undefined : watts(Number(named));
    const bound = rating ?? (model !== undefined && model.fans > 0 ? AIR_SUPPLY : undefined);
    return bound === undefined || bound < seen ? seen : bound;
  }
}
