// Pools and shares.

import {
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import type { Pool, Reading, Shares } from "../contract/telemetry.ts";
import { type EpochMs, epochMs } from "../contract/units.ts";
import type { Answered, Answers } from "./answers.ts";
import type { Pool as WirePool } from "./wire.ts";

export function decodePools(answer: Answers["pools"]): Pool[] {
  if (answer === undefined) return [];
  return answer.value.map((pool, index) =>
    present({
      index: toNumber(pool.POOL) ?? index,
      url: toText(pool.URL) ?? "",
      user: toText(pool.User) ?? "",
      status: statusOf(pool),
      active: toBoolean(pool["Stratum Active"]),
      priority: toNumber(pool.Priority),
      accepted: toNumber(pool.Accepted),
      rejected: toNumber(pool.Rejected),
      stale: toNumber(pool.Stale),
      difficulty: toNumber(pool["Stratum Difficulty"]),
      lastShareAt: lastShareOf(pool, answer),
    }),
  );
}

function statusOf(pool: WirePool): Pool["status"] {
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

/** Ten years in seconds: what is older was counted by another clock. */
const LONGEST_AGO = 10 * 365 * 86_400;

/** By the machine's clock, which need not be ours: K210 counts from its start. */
function lastShareOf(pool: WirePool, { at, when }: Answered<unknown>): EpochMs | undefined {
  const share = toNumber(pool["Last Share Time"]);
  if (share === undefined || share <= 0 || when === undefined) return undefined;
  const ago = when - share;
  // A second of rounding; more is a clock that was set in between.
  if (ago < -1 || ago > LONGEST_AGO) return undefined;
  return epochMs(at - Math.max(0, ago) * 1000);
}

export function decodeShares({ summary, pools }: Answers): Shares | undefined {
  const read = reader("summary", summary?.at ?? epochMs(0));
  const count = (raw: unknown) => read((value) => value, raw);
  const counts = summary?.value;
  return presentOrNone({
    accepted: count(counts?.Accepted),
    rejected: count(counts?.Rejected),
    stale: count(counts?.Stale),
    difficultyAccepted: count(counts?.["Difficulty Accepted"]),
    lastShareAt: lastOf(pools),
  });
}

function lastOf(pools: Answers["pools"]): Reading<EpochMs> | undefined {
  if (pools === undefined) return undefined;
  const times = pools.value
    .map((pool) => lastShareOf(pool, pools))
    .filter((at) => at !== undefined);
  if (times.length === 0) return undefined;
  return readingOf(epochMs(Math.max(...times)), "pools", pools.at);
}
