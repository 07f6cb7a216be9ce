// Whether the machine stands at a point that was set by hand, which nothing but an order moves.

import { toBoolean, toNumber } from "../contract/decoding.ts";
import type { Standing } from "./chip-watch.ts";
import { chain } from "./decode-boards.ts";
import type { Known } from "./known.ts";
import { governorOn, isAsleep } from "./setpoint.ts";

/** Undefined while the firmware moves it, or it does not hash, or nobody tells which. */
export function standingOf(known: Known, boards: readonly number[]): Standing | undefined {
  const config = known.reports.config?.answer.CONFIG?.[0];
  const summary = known.reports.summary?.answer.SUMMARY?.[0];
  const clocks = boards.map((board) => chain(known, "freq", board) ?? 0);
  const hashing =
    isAsleep(config?.CurtailMode) === false &&
    (toNumber(summary?.["GHS 5s"]) ?? 0) > 0 &&
    boards.length > 0 &&
    clocks.every((each) => each > 0);
  if (!hashing || governorOn(known) !== false) return undefined;
  const devs = known.reports.devs?.answer.DEVS ?? [];
  return {
    boards,
    clocks: clocks.join(" "),
    ramping: devs.some((dev) => toBoolean(dev.IsRamping) === true),
    elapsed: toNumber(summary?.Elapsed) ?? 0,
  };
}

/** Boards that are there and not switched off, from 0. */
export function boardsAtWork(known: Known): number[] {
  return (known.reports.devs?.answer.DEVS ?? [])
    .filter((dev) => toBoolean(dev.Enabled) !== false)
    .flatMap((dev) => toNumber(dev.ID) ?? [])
    .sort((a, b) => a - b);
}

/** One supply voltage feeds all boards. */
export const isSingleVoltage = (known: Known): boolean =>
  toBoolean(known.reports.config?.answer.CONFIG?.[0]?.IsSingleVoltage) === true;
