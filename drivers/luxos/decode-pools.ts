// Pools, and what the machine's own diary says went wrong.

import { present, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { MachineFault, Pool } from "../contract/telemetry.ts";
import { type EpochMs, epochMs } from "../contract/units.ts";
import type { Known } from "./known.ts";
import type { Report } from "./wire.ts";

type WirePool = NonNullable<Report<"pools">["POOLS"]>[number];
type WireEvent = NonNullable<Report<"events">["EVENTS"]>[number];

export function decodePools(known: Known): Pool[] {
  const heard = known.reports.pools;
  if (heard === undefined) return [];
  return (heard.answer.POOLS ?? [])
    .map((pool, place) => decodePool(pool, place, heard.at))
    .sort((a, b) => a.index - b.index);
}

function decodePool(pool: WirePool, place: number, at: EpochMs): Pool {
  const accepted = toNumber(pool.Accepted);
  const difficulty = toNumber(pool["Stratum Difficulty"]);
  return present({
    index: toNumber(pool.POOL) ?? place,
    url: pool.URL ?? "",
    user: pool.User ?? "",
    status: statusOf(pool.Status),
    active: toBoolean(pool["Stratum Active"]),
    priority: toNumber(pool.Priority),
    group: toNumber(pool.GROUP),
    accepted,
    rejected: toNumber(pool.Rejected),
    stale: toNumber(pool.Stale),
    // Never connected: 0.
    difficulty: difficulty === 0 ? undefined : difficulty,
    // Without a share this field counts from the start of the program.
    lastShareAt: accepted ? sinceClock(pool["Last Share Time"], at) : undefined,
  });
}

/** Unknown words are no life sign. */
function statusOf(word: string | undefined): Pool["status"] {
  if (word === undefined) return "unknown";
  if (word === "Alive") return "alive";
  return word === "Disabled" ? "disabled" : "dead";
}

/** `00:00:01` ago. */
function sinceClock(raw: unknown, at: EpochMs): EpochMs | undefined {
  const parts = /^(\d{1,6}):(\d{1,2}):(\d{1,2})$/.exec(String(raw ?? ""));
  if (parts === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  return epochMs(at - ((hours * 60 + minutes) * 60 + seconds) * 1000);
}

/** What the machine writes down in the course of a good day. */
const GOOD_NEWS = new Set(["MINER_TUNING", "MINER_TUNED", "IDLE", "SLEEP"]);
/** `events` is a history without an end to an entry: after a day it tells nothing about now. */
const NEWS_FOR = 24 * 3_600_000;

export function decodeFaults(known: Known): MachineFault[] {
  const heard = known.reports.events;
  if (heard === undefined) return [];
  // By the machine's own clock, which may be hours off ours.
  const when = toNumber(heard.answer.STATUS?.[0]?.When);
  const now = when === undefined ? heard.at : when * 1000;
  return (heard.answer.EVENTS ?? []).flatMap((event) => decodeFault(event, now));
}

function decodeFault(event: WireEvent, now: number): MachineFault[] {
  const code = toText(event.Code);
  const created = Date.parse(event.CreatedAt ?? "");
  if (code === undefined || GOOD_NEWS.has(code) || !(now - created < NEWS_FOR)) return [];
  const board = event.Target === "BOARD" ? toNumber(event.ID) : undefined;
  return [
    present({
      code,
      text: toText(event.Description) ?? code,
      component: board === undefined ? toText(event.Target)?.toLowerCase() : `board ${board}`,
    }),
  ];
}
