// Pools, shares, power, activity and the machine's own complaints. Pure.

import type * as z from "zod";
import { presentOrNone, reader, readingOf, toNumber, toText } from "../contract/decoding.ts";
import type {
  Activity,
  MachineFault,
  Pool,
  PowerReading,
  RateReading,
  Shares,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, epochMs, hashesPerSecond, milliseconds, watts } from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import { type CgminerPool, cgminerPools } from "../transport/cgminer.ts";
import { WINDOW_5S } from "./decode-boards.ts";
import { sleepMode } from "./firmware.ts";
import { rateQuality } from "./rate.ts";
import type { LampsReply, Scalar, SummaryReply, WarningReply } from "./wire.ts";

/** Unused slots have no URL and are left out. */
export function decodePools(pools: readonly CgminerPool[], at: EpochMs): readonly Pool[] {
  const rows = pools.map((pool) => ({ ...pool, "Stratum Difficulty": parseCount(pool.Diff) }));
  return cgminerPools(rows, (row) => lastShareAt(row["Last Share Time"], at));
}

const COUNT_SUFFIX: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** "262K", "32.8K", 65536. */
export function parseCount(raw: unknown): number | undefined {
  const match = /^([\d.]+)\s*([kmgt]?)$/i.exec(toText(raw) ?? `${toNumber(raw) ?? ""}`);
  const value = match === null ? undefined : toNumber(match[1]);
  const factor = COUNT_SUFFIX[(match?.[2] ?? "").toLowerCase()];
  return value === undefined || factor === undefined ? undefined : value * factor;
}

/** Below this a number is an age or nonsense, not seconds since 1970. */
const EPOCH_FROM = 1e9;

/** "0:00:05" ago, or seconds since 1970; "0" and "" while there was none. */
export function lastShareAt(raw: unknown, at: EpochMs): EpochMs | undefined {
  const age = /^(?:(\d{1,6}) days?,? )?(\d{1,6}):(\d\d):(\d\d)$/.exec(toText(raw) ?? "");
  if (age !== null) {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = age
      .slice(1)
      .map((part) => Number(part ?? 0));
    return epochMs(at - (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
  }
  const seconds = toNumber(raw);
  return seconds === undefined || seconds < EPOCH_FROM ? undefined : epochMs(seconds * 1000);
}

type SummaryRow = z.output<typeof SummaryReply>["SUMMARY"][number];

export function decodeShares(
  summary: SummaryRow | undefined,
  at: EpochMs,
  pools: readonly Pool[],
  poolsAt: EpochMs,
): Shares | undefined {
  const read = reader("summary", at);
  // The sum of the pools is the same count, where there is no summary.
  const count = (raw: unknown, key: "accepted" | "rejected" | "stale") =>
    read((value) => value, raw) ?? reader("pools", poolsAt)((value) => value, sumOf(pools, key));
  const times = pools.flatMap((pool) => (pool.lastShareAt === undefined ? [] : [pool.lastShareAt]));
  const last = times.length === 0 ? undefined : epochMs(Math.max(...times));
  return presentOrNone({
    accepted: count(summary?.Accepted, "accepted"),
    rejected: count(summary?.Rejected, "rejected"),
    stale: count(summary?.Stale, "stale"),
    difficultyAccepted: read((value) => value, summary?.["Difficulty Accepted"]),
    lastShareAt: readingOf(last, "pools", poolsAt),
  });
}

/** Only when every pool tells its own. */
function sumOf(pools: readonly Pool[], key: "accepted" | "rejected" | "stale"): number | undefined {
  const told = pools.flatMap((pool) => pool[key] ?? []);
  if (told.length === 0 || told.length < pools.length) return undefined;
  return told.reduce((sum, value) => sum + value, 0);
}

export interface RateFields {
  readonly now: unknown;
  readonly average: unknown;
  /** What this unit was graded or sold as. */
  readonly graded: unknown;
  readonly elapsed: unknown;
}

export interface RateContext {
  readonly unit: number;
  readonly model: AntminerModel | undefined;
  readonly source: string;
  readonly at: EpochMs;
  /** Sum of the boards' expectations. */
  readonly ideal: number | undefined;
}

export function decodeRates(fields: RateFields, context: RateContext): Telemetry["hashrate"] {
  const { unit, model, source, at } = context;
  const scaled = (raw: unknown) => {
    const value = toNumber(raw);
    return value === undefined ? undefined : hashesPerSecond(value * unit);
  };
  const rate = (raw: unknown, window: number): RateReading | undefined => {
    const value = scaled(raw);
    if (value === undefined) return undefined;
    return { value, at, source, quality: rateQuality(value, model), window: milliseconds(window) };
  };
  const graded = scaled(fields.graded);
  const ideal = context.ideal === undefined ? undefined : hashesPerSecond(context.ideal);
  return presentOrNone({
    now: rate(fields.now, WINDOW_5S),
    average: rate(fields.average, (toNumber(fields.elapsed) ?? 0) * 1000),
    ideal: readingOf(ideal, source, at),
    nameplate: readingOf(graded === 0 ? undefined : graded, source, at),
  });
}

/** Trust nothing of the first minutes: the supply starts, frequencies ramp, averages fill. */
const WARM_UP_SECONDS = 300;

/**
 * Asleep is the work mode AND no rate. `Mode` in the stats is no help on S19: asleep it still shows 2.
 */
export function decodeActivity(facts: {
  readonly rate: number | undefined;
  readonly elapsed: number | undefined;
  readonly asleepByMode: boolean | undefined;
}): Activity | undefined {
  const { rate, elapsed, asleepByMode } = facts;
  const young = elapsed !== undefined && elapsed < WARM_UP_SECONDS;
  if (rate !== undefined && rate > 0) return young ? "ramping" : "hashing";
  if (asleepByMode === true) return "sleeping";
  if (rate === undefined) return undefined;
  // Without the configuration a young machine at rest may be either.
  return young && asleepByMode === false ? "starting" : "stopped";
}

/** On S17 and T17 the stats show the work mode itself: an answer where the configuration cannot be read. */
export function asleepByStats(series: string, mode: unknown): true | undefined {
  return sleepMode(series) === 254 && toNumber(mode) === 254 ? true : undefined;
}

/** Only what the machine tells. `miner_power` is read from the supply; the others do not say from where. */
export function decodePower(
  measured: { readonly value: number; readonly at: EpochMs } | undefined,
  told: readonly { readonly raw: unknown; readonly source: string; readonly at: EpochMs }[],
  hashing = false,
): PowerReading | undefined {
  if (measured !== undefined && measured.value > 0) {
    const { value, at } = measured;
    return { value: watts(value), at, source: "miner_power", quality: "ok", basis: "psu" };
  }
  for (const { raw, source, at } of told) {
    // "3250 W"; Hiveon marks what its tuner may change: "967.50 (AB)".
    const value = toNumber(typeof raw === "string" ? raw.replace(/\s*(?:W|\(AB\))$/i, "") : raw);
    if (value === undefined || value <= 0) continue;
    // A Hiveon that had just started told 35 W with all its boards at work.
    const quality = hashing && value < LEAST_WATTS ? "implausible" : "ok";
    return { value: watts(value), at, source, quality, basis: "unknown" };
  }
  return undefined;
}

/** No Antminer hashes on less. */
const LEAST_WATTS = 100;

/** Red lamps of the start page, and the warnings of 2024 and later builds. */
export function decodeFaults(
  lamps: LampsReply | undefined,
  warnings: WarningReply | undefined,
): readonly MachineFault[] {
  const red = (lamps?.SUMMARY[0]?.status ?? []).filter((lamp) => lamp.status === "e");
  return [
    ...red.map((lamp) => ({
      code: codeOf(lamp.type, lamp.code),
      text: toText(lamp.msg) ?? `${lamp.type ?? "machine"}: error`,
    })),
    ...(warnings?.WARNING ?? []).map((warning) => ({
      code: toText(`${warning.code ?? ""}`) ?? "warning",
      text: [warning.cause, warning.suggestion].map(toText).filter(Boolean).join("; "),
    })),
  ];
}

const codeOf = (type: Scalar, code: Scalar): string =>
  [type, code].filter((part) => part !== undefined && part !== "" && part !== 0).join(":") ||
  "error";
