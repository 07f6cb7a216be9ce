// One value of a machine on its way out, and when a change of it is worth a message.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Datatype, MetricValue } from "./sparkplug/datatype.ts";

/**
 * A change is reported when it passes `absolute` or `relative` times the last reported value, whichever
 * is larger. `words`: figures inside a text alone are no change, because a reason counts seconds.
 */
export type Deadband =
  | { readonly absolute?: number; readonly relative?: number }
  | { readonly words: true };

export interface Sample {
  /** Folders by "/": `Board0/Chip Temperature`. */
  readonly name: string;
  readonly type: Datatype;
  readonly unit?: string;
  readonly deadband?: Deadband;
  /** Undefined: not known, sent as null and never as 0. */
  readonly value: MetricValue | undefined;
  readonly at: EpochMs;
}

/** Whether `now` differs enough from what was last sent. To and from null is always a change. */
export function isWorthReporting(
  last: MetricValue | undefined,
  now: MetricValue | undefined,
  deadband: Deadband | undefined,
): boolean {
  if (last === now) return false;
  if (last === undefined || now === undefined || deadband === undefined) return true;
  if ("words" in deadband) return wordsOf(last) !== wordsOf(now);
  if (typeof last !== "number" || typeof now !== "number") return true;
  // To and from zero a rate of change means nothing: a stop must never hide in a deadband.
  if (last === 0 || now === 0) return true;
  const width = Math.max(deadband.absolute ?? 0, (deadband.relative ?? 0) * Math.abs(last));
  return Math.abs(now - last) > width;
}

const wordsOf = (value: MetricValue): string => String(value).replaceAll(/\d+(?:[.,]\d+)*/g, "#");
