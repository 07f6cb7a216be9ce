// Pools that are in use, from `summary`; shares over all of them.

import {
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import type { Pool, Shares } from "../contract/telemetry.ts";
import { epochMs } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import { total } from "./rate.ts";
import type { RunningPool, Summary } from "./wire.ts";

export function decodePools(summary: Summary): readonly Pool[] {
  return (summary.POOLS ?? []).flatMap((pool, position) => {
    const url = toText(pool.URL);
    if (url === undefined) return [];
    return [
      present({
        index: toNumber(pool.POOL) ?? position,
        url,
        user: toText(pool.User) ?? "",
        status: statusOf(pool),
        active: toBoolean(pool["Stratum Active"]),
        priority: toNumber(pool.Priority),
        accepted: toNumber(pool.Accepted),
        rejected: toNumber(pool.Rejected),
        stale: toNumber(pool.Stale),
        difficulty: toNumber(pool["Stratum Difficulty"]),
        lastShareAt: lastShare(pool),
      }),
    ];
  });
}

function statusOf(pool: RunningPool): Pool["status"] {
  switch (toText(pool.Status)?.toLowerCase()) {
    case "alive":
      return "alive";
    case "dead":
      return "dead";
    case "disabled":
      return "disabled";
    default:
      return "unknown";
  }
}

/** Seconds since 1970; 0 is never. */
function lastShare(pool: RunningPool) {
  const seconds = toNumber(pool["Last Share Time"]) ?? 0;
  return seconds > 0 ? epochMs(seconds * 1000) : undefined;
}

/**
 * `sha256`: difficulties count in the usual unit there; an A9 prints 15.84 for all of them.
 */
export function decodeShares(held: Held<Summary>, sha256: boolean): Shares | undefined {
  const { DEVS: devs = [], POOLS: pools = [] } = held.value;
  const read = reader("summary", held.at);
  const work = pools.flatMap((pool) => toNumber(pool["Difficulty Accepted"]) ?? []);
  const times = pools.flatMap((pool) => lastShare(pool) ?? []);
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
