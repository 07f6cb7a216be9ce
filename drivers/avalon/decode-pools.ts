// Pools and shares.

import { presentOrNone, reader, readingOf, toNumber } from "../contract/decoding.ts";
import type { Pool, Reading, Shares } from "../contract/telemetry.ts";
import { type EpochMs, epochMs } from "../contract/units.ts";
import { type CgminerPool, cgminerPools } from "../transport/cgminer.ts";
import type { Answered, Answers } from "./answers.ts";

export function decodePools(answer: Answers["pools"]): Pool[] {
  if (answer === undefined) return [];
  return cgminerPools(answer.value, (pool) => lastShareOf(pool, answer));
}

/** Ten years in seconds: what is older was counted by another clock. */
const LONGEST_AGO = 10 * 365 * 86_400;

/** By the machine's clock (`When`), which need not be ours: K210 counts from its start. 0 for never. */
function lastShareOf(pool: CgminerPool, { at, when }: Answered<unknown>): EpochMs | undefined {
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
