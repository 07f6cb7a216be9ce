// cgminer's API as several makers kept it: JSON over TCP, STATUS in front, tables behind it.

import * as z from "zod";
import { lookUp, present, reader, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import { type Origin, rateReading, scaled } from "../contract/quantities.ts";
import type { Pool, Shares } from "../contract/telemetry.ts";
import { type EpochMs, epochMs } from "../contract/units.ts";
import { parseReply } from "./json.ts";
import { listOf, shaped } from "./json-http.ts";
import { exchange } from "./tcp.ts";

export interface ApiAddress {
  readonly host: string;
  readonly port: number;
  /** Milliseconds. */
  readonly deadline: number;
}

const raw = z.unknown().optional();
const Status = z.looseObject({ STATUS: raw, Code: raw, Msg: raw });
const Envelope = z.looseObject({ STATUS: z.unknown().optional() });

export const CgminerSummary = z.looseObject({
  Elapsed: raw,
  "MHS 5s": raw,
  "MHS 5m": raw,
  "MHS 15m": raw,
  "MHS av": raw,
  Accepted: raw,
  Rejected: raw,
  Stale: raw,
  "Difficulty Accepted": raw,
});
export type CgminerSummary = z.output<typeof CgminerSummary>;

export const SummaryReply = z.looseObject({ SUMMARY: z.tuple([CgminerSummary]).rest(z.unknown()) });

export const CgminerPool = z.looseObject({
  POOL: raw,
  URL: raw,
  User: raw,
  Status: raw,
  Priority: raw,
  Accepted: raw,
  Rejected: raw,
  Stale: raw,
  Diff: raw,
  "Stratum Active": raw,
  "Stratum Difficulty": raw,
  "Difficulty Accepted": raw,
  "Last Share Time": raw,
});
export type CgminerPool = z.output<typeof CgminerPool>;

export const PoolsReply = z.looseObject({ POOLS: listOf(CgminerPool) });

/** The same of `pools.cgi`, a page of Bitmain's and of those who copied it; it lacks the pool in use. */
export const PagePool = z
  .looseObject({
    index: raw,
    url: raw,
    user: raw,
    status: raw,
    priority: raw,
    accepted: raw,
    rejected: raw,
    stale: raw,
    diff: raw,
    lstime: raw,
  })
  .transform(
    (pool): CgminerPool => ({
      POOL: pool.index,
      URL: pool.url,
      User: pool.user,
      Status: pool.status,
      Priority: pool.priority,
      Accepted: pool.accepted,
      Rejected: pool.rejected,
      Stale: pool.stale,
      Diff: pool.diff,
      "Last Share Time": pool.lstime,
    }),
  );

/**
 * One command, one connection. Throws what the exchange and parsing throw, and for a refusal
 * UNSUPPORTED, WRITE_DISABLED or REJECTED.
 */
export async function askCgminer<Shape extends z.ZodType>(
  address: ApiAddress,
  request: { readonly command: string; readonly parameter?: string },
  shape: Shape,
  signal: AbortSignal,
): Promise<z.output<Shape>> {
  const text = await exchange({ ...address, payload: JSON.stringify(request), signal });
  const reply = parseReply(text, request.command);
  mustBeGranted(reply, request.command);
  return shaped(shape, reply, request.command);
}

/** cgminer's numbers for "Invalid command" and "Access denied". */
const CODES: ReadonlyMap<number, DeviceErrorCode> = new Map([
  [14, "UNSUPPORTED"],
  [45, "WRITE_DISABLED"],
]);

/** Throws for STATUS E and F; S, I and W are answers. */
export function mustBeGranted(reply: unknown, command: string): void {
  const status = statusOf(reply);
  if (status === undefined) return;
  const word = toText(status.STATUS);
  if (word !== "E" && word !== "F") return;
  const code = CODES.get(toNumber(status.Code) ?? -1) ?? "REJECTED";
  throw new DeviceError(code, `${command}: ${toText(status.Msg) ?? "refused without a reason"}`);
}

/** In the machine's own words. */
export function messageOf(reply: unknown): string {
  return toText(statusOf(reply)?.Msg) ?? "done";
}

function statusOf(reply: unknown): z.output<typeof Status> | undefined {
  const envelope = Envelope.safeParse(reply);
  if (!envelope.success) return undefined;
  const { STATUS: list } = envelope.data;
  return Status.safeParse(Array.isArray(list) ? list[0] : list).data;
}

const MEGA = 1e6;
const SECOND = 1000;

/** Rates of the whole machine in MH/s, as `summary` tells them. */
export function summaryRates(summary: CgminerSummary, origin: Origin) {
  const rate = (value: unknown, window: number) =>
    rateReading(value, { scale: MEGA, window }, origin);
  return {
    now: rate(summary["MHS 5s"], 5 * SECOND),
    recent: rate(summary["MHS 5m"], 300 * SECOND),
    average: rate(summary["MHS av"], scaled(summary.Elapsed, SECOND) ?? 0),
  };
}

export function summaryShares(summary: CgminerSummary, { source, at }: Origin): Shares {
  const read = reader(source, at);
  const count = (value: number) => value;
  return present({
    accepted: read(count, summary.Accepted),
    rejected: read(count, summary.Rejected),
    stale: read(count, summary.Stale),
    difficultyAccepted: read(count, summary["Difficulty Accepted"]),
  });
}

/** Empty slots left out; the last share in seconds since 1970 unless `lastShareAt` reads another clock. */
export function cgminerPools<Row extends CgminerPool>(
  rows: readonly Row[],
  lastShareAt: (row: Row) => EpochMs | undefined = sinceEpoch,
): Pool[] {
  return rows.flatMap((row, position) => {
    const url = toText(row.URL);
    if (url === undefined) return [];
    return {
      index: toNumber(row.POOL) ?? position,
      url,
      user: toText(row.User) ?? "",
      status: poolState(row.Status),
      ...present({
        active: toBoolean(row["Stratum Active"]),
        priority: toNumber(row.Priority),
        accepted: toNumber(row.Accepted),
        rejected: toNumber(row.Rejected),
        stale: toNumber(row.Stale),
        difficulty: toNumber(row["Stratum Difficulty"]),
        lastShareAt: lastShareAt(row),
      }),
    };
  });
}

/** 0 stands for none yet. */
function sinceEpoch(row: CgminerPool): EpochMs | undefined {
  const seconds = toNumber(row["Last Share Time"]);
  return seconds !== undefined && seconds > 0 ? epochMs(seconds * SECOND) : undefined;
}

export function poolState(raw: unknown): Pool["status"] {
  return lookUp(STATES, toText(raw)?.toLowerCase()) ?? "unknown";
}

const STATES: Readonly<Record<string, Pool["status"]>> = {
  alive: "alive",
  dead: "dead",
  /** Bitmain's spelling. */
  deed: "dead",
  rejecting: "dead",
  unreachable: "dead",
  disabled: "disabled",
};
