// Pools, shares, and what the machine itself says is wrong.

import { present, presentOrNone, readingOf, toNumber, toText } from "../contract/decoding.ts";
import type { MachineFault, Pool, Reading, Shares } from "../contract/telemetry.ts";
import { type EpochMs, epochMs } from "../contract/units.ts";
import { type Known, minerOf, SOURCES } from "./known.ts";
import { withScheme } from "./pool-url.ts";
import type { PoolStats } from "./wire.ts";

export function decodePools(known: Known): Pool[] {
  const heard = known.summary;
  if (heard === undefined) return [];
  return (heard.answer.miner?.pools ?? []).map((pool, place) => decodePool(pool, place, heard.at));
}

function decodePool(pool: PoolStats, place: number, at: EpochMs): Pool {
  const difficulty = toNumber(pool.ls_diff);
  return present({
    index: toNumber(pool.id) ?? place,
    // The firmware's own pools have no address, only a name.
    url: pool.pool_type === "UserPool" ? withScheme(pool.url ?? "") : (pool.url ?? ""),
    user: pool.user ?? "",
    status: statusOf(pool.status),
    active: pool.status === undefined ? undefined : pool.status === "active",
    accepted: toNumber(pool.accepted),
    rejected: toNumber(pool.rejected),
    stale: toNumber(pool.stale),
    difficulty: difficulty === 0 ? undefined : difficulty,
    lastShareAt: sinceClock(pool.ls_time, at),
  });
}

/** A pool that rejects everything is no use to the machine either. */
function statusOf(word: string | undefined): Pool["status"] {
  switch (word) {
    case "active":
    case "working":
      return "alive";
    case "offline":
    case "rejecting":
      return "dead";
    case "disabled":
      return "disabled";
    default:
      return "unknown";
  }
}

/** `0:00:04` ago; `0` means never. */
function sinceClock(raw: unknown, at: EpochMs): EpochMs | undefined {
  const parts = /^(\d{1,6}):(\d{1,2}):(\d{1,2})$/.exec(String(raw ?? ""));
  if (parts === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  return epochMs(at - ((hours * 60 + minutes) * 60 + seconds) * 1000);
}

/** Shares for the developer are work of this machine too: all pools count. */
export function decodeShares(known: Known): Shares | undefined {
  const heard = known.summary;
  const pools = heard?.answer.miner?.pools ?? [];
  if (heard === undefined || pools.length === 0) return undefined;
  const sum = (key: "accepted" | "rejected" | "stale" | "diffa"): Reading<number> | undefined => {
    const counts = pools.map((pool) => toNumber(pool[key]));
    if (counts.includes(undefined)) return undefined;
    const total = counts.reduce<number>((all, count) => all + (count ?? 0), 0);
    return readingOf(total, SOURCES.summary, heard.at);
  };
  const last = decodePools(known).flatMap((pool) => pool.lastShareAt ?? []);
  return presentOrNone({
    accepted: sum("accepted"),
    rejected: sum("rejected"),
    stale: sum("stale"),
    difficultyAccepted: sum("diffa"),
    lastShareAt:
      last.length === 0
        ? undefined
        : readingOf(epochMs(Math.max(...last)), SOURCES.summary, heard.at),
  });
}

export function decodeFaults(known: Known): MachineFault[] {
  return [...machineFaults(known), ...chainFaults(known), ...fanFaults(known)];
}

function machineFaults(known: Known): MachineFault[] {
  const status = minerOf(known)?.miner_status ?? known.status?.answer;
  if (status?.miner_state !== "failure") return [];
  const code = toNumber(status.failure_code);
  const text = toText(status.description) ?? "the firmware gave up and says no reason";
  return [{ code: code === undefined ? "failure" : String(code), text }];
}

function chainFaults(known: Known): MachineFault[] {
  return (minerOf(known)?.chains ?? []).flatMap((chain, place) => {
    const state = chain.status?.state;
    if (state !== "failure" && state !== "disconnected") return [];
    const component = `board ${(toNumber(chain.id) ?? place + 1) - 1}`;
    const text = toText(chain.status?.description) ?? `the board is in state ${state}`;
    return [{ code: state, text, component }];
  });
}

function fanFaults(known: Known): MachineFault[] {
  return (minerOf(known)?.cooling?.fans ?? []).flatMap((fan, place) =>
    fan.status === "lost"
      ? [
          {
            code: "lost",
            text: "the fan does not turn",
            component: `fan ${toNumber(fan.id) ?? place}`,
          },
        ]
      : [],
  );
}
