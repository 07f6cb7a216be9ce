// Which of the answers serves which reading: 4028 first, the pages where it is silent. Pure.

import type * as z from "zod";
import { present, readingOf, toNumber } from "../contract/decoding.ts";
import type { Board, Fan, Telemetry } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import type { Held } from "../transport/answer.ts";
import type { ConfigView } from "./config.ts";
import { decodePower } from "./decode.ts";
import {
  chainSum,
  decodeChains,
  decodeFans,
  decodeSlots,
  fanSpeeds,
  mergeBoards,
} from "./decode-boards.ts";
import { rateScale } from "./rate.ts";
import {
  type BlinkStatus,
  type ChainStatsReply,
  type LampsReply,
  type MinerType,
  PAGES,
  SLOTS,
  type StatsReply,
  type StatsRow,
  type SummaryReply,
  type SystemInfo,
  slot,
  type VersionReply,
  type WarningReply,
} from "./wire.ts";
import type { MinerConf } from "./wire-config.ts";
import type { PoolsReply } from "./wire-pools.ts";

export const CHAINS = "stats.cgi";

export type Maybe<Value> = Held<Value> | undefined;

export interface Answers {
  readonly stats: Maybe<z.output<typeof StatsReply>>;
  readonly version: Maybe<z.output<typeof VersionReply>>;
  readonly summary: Maybe<z.output<typeof SummaryReply>>;
  readonly pools: Maybe<z.output<typeof PoolsReply>>;
  /** The same of the page, asked only where 4028 is closed. */
  readonly pagePools: Maybe<z.output<typeof PoolsReply>>;
  readonly power: Maybe<number>;
  readonly system: Maybe<SystemInfo>;
  readonly type: Maybe<MinerType>;
  readonly conf: Maybe<MinerConf>;
  readonly chains: Maybe<ChainStatsReply>;
  readonly lamps: Maybe<LampsReply>;
  readonly warning: Maybe<WarningReply>;
  readonly blink: Maybe<BlinkStatus>;
}

export interface MainRow {
  readonly now: unknown;
  readonly average: unknown;
  readonly graded: unknown;
  readonly elapsed: unknown;
  readonly source: string;
  readonly at: EpochMs;
}

/** `stats`; `summary` where stats is cut to its first element (S21, T21 asleep); else the page. */
export function mainRow(answers: Answers): MainRow {
  const { stats, summary, chains } = answers;
  const row = stats?.value.STATS[1];
  if (stats !== undefined && row?.["GHS 5s"] !== undefined) {
    return {
      now: row["GHS 5s"],
      average: row["GHS av"],
      graded: row.total_rateideal,
      elapsed: row.Elapsed,
      source: "stats",
      at: stats.at,
    };
  }
  const totals = summary?.value.SUMMARY[0];
  if (stats !== undefined && summary !== undefined && totals !== undefined) {
    return {
      now: totals["GHS 5s"],
      average: totals["GHS av"],
      graded: undefined,
      elapsed: totals.Elapsed,
      source: "summary",
      at: summary.at,
    };
  }
  const page = chains?.value.STATS[0];
  const at = (chains ?? stats)?.at;
  if (at === undefined) throw new Error("neither stats nor stats.cgi was read");
  return {
    now: page?.rate_5s,
    average: page?.rate_avg,
    graded: page?.rate_ideal,
    elapsed: page?.elapsed,
    source: CHAINS,
    at,
  };
}

export interface Scales {
  readonly total: number;
  readonly chain: number;
  /** Of stats.cgi, which names its unit. */
  readonly page: number;
}

export function scalesOf(
  answers: Answers,
  algorithm: Telemetry["algorithm"],
  model: string | undefined,
): Scales | undefined {
  if (algorithm === undefined) return undefined;
  const facts = { algorithm, ...(model === undefined ? {} : { model }) };
  const row = answers.stats?.value.STATS[1];
  const page = answers.chains?.value.STATS[0];
  const total = toNumber(row?.["GHS 5s"] ?? answers.summary?.value.SUMMARY[0]?.["GHS 5s"]);
  const chains = row === undefined ? undefined : chainSum(row);
  const api = rateScale({ ...facts, unit: row?.rate_unit, total, chains });
  return { ...api, page: rateScale({ ...facts, unit: page?.rate_unit }).chain };
}

export function boardsOf(
  answers: Answers,
  model: AntminerModel | undefined,
  scales: Scales | undefined,
): readonly Board[] {
  const { stats, chains } = answers;
  const row = stats?.value.STATS[1];
  const slots =
    stats === undefined || row === undefined
      ? []
      : decodeSlots(row, { model, unit: scales?.chain, source: "stats", at: stats.at });
  const page = chains?.value.STATS[0]?.chain ?? [];
  const listed =
    chains === undefined
      ? []
      : decodeChains(page, { model, unit: scales?.page, source: CHAINS, at: chains.at });
  return mergeBoards(slots, listed);
}

/** Whether 4028 told the rates of the boards, or the page must. */
export function slotsHaveRates(answers: Partial<Answers>): boolean {
  const row = answers.stats?.value.STATS[1];
  return row !== undefined && chainSum(row) !== undefined;
}

/** Only when every board that has chips tells its own. */
export function idealOf(boards: readonly Board[]): number | undefined {
  const present = boards.filter((board) => board.chips?.value !== 0);
  const known = present.flatMap((board) => (board.ideal === undefined ? [] : [board.ideal.value]));
  if (known.length === 0 || known.length < present.length) return undefined;
  return known.reduce((total, value) => total + value, 0);
}

export function powerOfAnswers({ power, stats, chains }: Answers): Telemetry["power"] {
  const row = stats?.value.STATS[1];
  const page = chains?.value.STATS[0];
  const fromStats = [
    row?.power,
    row?.watt,
    row?.chain_power,
    row?.total_power,
    row && consumption(row),
  ];
  const told = [
    ...(stats === undefined
      ? []
      : fromStats.map((raw) => ({ raw, source: "stats", at: stats.at }))),
    ...(chains === undefined
      ? []
      : [page?.power, page?.watt].map((raw) => ({ raw, source: CHAINS, at: chains.at }))),
  ];
  return decodePower(power, told, (toNumber(row?.["GHS 5s"]) ?? 0) > 0);
}

/** VNish 2 and 3 tell the watts of each board and no sum. */
function consumption(row: StatsRow): number {
  const slots = Array.from({ length: SLOTS }, (_, index) =>
    slot(row, "chain_consumption", index + 1),
  );
  return slots.reduce<number>((sum, raw) => sum + (toNumber(raw) ?? 0), 0);
}

export function fansOf(
  answers: Answers,
  expected: number | undefined,
  config: ConfigView | undefined,
): readonly Fan[] {
  const { stats, chains } = answers;
  const row = stats?.value.STATS[1];
  const page = chains?.value.STATS[0];
  const fans =
    row !== undefined &&
    stats !== undefined &&
    fanSpeeds(row).some((speed) => toNumber(speed) !== undefined)
      ? decodeFans(fanSpeeds(row), expected ?? toNumber(row.fan_num), "stats", stats.at)
      : chains === undefined
        ? []
        : decodeFans(page?.fan ?? [], expected ?? toNumber(page?.fan_num), CHAINS, chains.at);
  const fixed = config !== undefined && typeof config.fan === "number" ? config : undefined;
  if (fixed === undefined) return fans;
  const duty = readingOf(fixed.duty, PAGES.conf, fixed.at);
  return fans.map((fan) => present({ ...fan, duty }));
}
