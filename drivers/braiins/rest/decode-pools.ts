// Pools, shares and what the machine complains about.

import {
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../../contract/decoding.ts";
import type { MachineFault, Pool, Shares } from "../../contract/telemetry.ts";
import { type EpochMs, epochMs } from "../../contract/units.ts";
import type { Known } from "./known.ts";
import { type PoolGroup, sourceOf } from "./wire.ts";

type WirePool = NonNullable<PoolGroup["pools"]>[number];

export function decodePools(known: Known): Pool[] {
  const groups = known.answers.pools?.answer ?? [];
  return groups
    .flatMap((group, number) =>
      (group.pools ?? []).map((pool, priority) => ({ pool, priority, number })),
    )
    .map(({ pool, priority, number }, index) =>
      present({
        index,
        url: pool.url ?? "",
        user: pool.user ?? "",
        status: statusOf(pool),
        active: toBoolean(pool.active),
        priority,
        group: groups.length > 1 ? number : undefined,
        accepted: toNumber(pool.stats?.accepted_shares),
        rejected: toNumber(pool.stats?.rejected_shares),
        stale: toNumber(pool.stats?.stale_shares),
        difficulty: toNumber(pool.stats?.last_difficulty),
        lastShareAt: secondsToTime(pool.stats?.last_share_time?.seconds),
      }),
    );
}

function statusOf(pool: WirePool): Pool["status"] {
  if (toBoolean(pool.enabled) === false) return "disabled";
  const alive = toBoolean(pool.alive);
  return alive === undefined ? "unknown" : alive ? "alive" : "dead";
}

/** 0 is "never". */
function secondsToTime(raw: unknown): EpochMs | undefined {
  const seconds = toNumber(raw);
  return seconds === undefined || seconds <= 0 ? undefined : epochMs(seconds * 1000);
}

export function decodeShares(known: Known): Shares | undefined {
  const heard = known.answers.stats;
  const stats = heard?.answer.pool_stats;
  if (heard === undefined) return undefined;
  const source = sourceOf("stats");
  const read = reader(source, heard.at);
  return presentOrNone({
    accepted: read(Number, stats?.accepted_shares),
    rejected: read(Number, stats?.rejected_shares),
    stale: read(Number, stats?.stale_shares),
    lastShareAt: readingOf(secondsToTime(stats?.last_share_time?.seconds), source, heard.at),
  });
}

/** `miner/errors` is a history of months (25.07 capture): an hour later it tells nothing about now. */
const NEWS_FOR = 3_600_000;

/** Entries without a code are log lines, such as names that could not be resolved. */
export function decodeFaults(known: Known, now: EpochMs): MachineFault[] {
  return (known.answers.errors?.answer.errors ?? []).flatMap((entry) => {
    const age = now - Date.parse(entry.timestamp ?? "");
    if (!(Math.abs(age) < NEWS_FOR)) return [];
    const [component] = entry.components ?? [];
    const where = [toText(component?.name), toNumber(component?.index)].filter(
      (word) => word !== undefined,
    );
    return (entry.error_codes ?? []).flatMap(({ code, reason }) =>
      toText(code) === undefined
        ? []
        : [
            present({
              code: toText(code) ?? "",
              text: toText(reason) ?? toText(entry.message) ?? "",
              component: where.length === 0 ? undefined : where.join(" "),
            }),
          ],
    );
  });
}
