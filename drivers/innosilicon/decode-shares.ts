// Shares over all pools.

import { presentOrNone, reader, readingOf, toNumber } from "../contract/decoding.ts";
import type { Shares } from "../contract/telemetry.ts";
import { epochMs } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import { cgminerPools } from "../transport/cgminer.ts";
import { total } from "./rate.ts";
import type { Summary } from "./wire.ts";

/**
 * `sha256`: difficulties count in the usual unit there; an A9 prints 15.84 for all of them.
 */
export function decodeShares(held: Held<Summary>, sha256: boolean): Shares | undefined {
  const { DEVS: devs = [], POOLS: pools = [] } = held.value;
  const read = reader("summary", held.at);
  const work = pools.flatMap((pool) => toNumber(pool["Difficulty Accepted"]) ?? []);
  const times = cgminerPools(pools).flatMap(({ lastShareAt }) => lastShareAt ?? []);
  return presentOrNone({
    accepted: read(Number, total(devs, "Accepted")),
    rejected: read(Number, total(devs, "Rejected")),
    difficultyAccepted:
      sha256 && work.length > 0
        ? read(
            Number,
            work.reduce((sum, each) => sum + each, 0),
          )
        : undefined,
    lastShareAt:
      times.length === 0 ? undefined : readingOf(epochMs(Math.max(...times)), "summary", held.at),
  });
}
