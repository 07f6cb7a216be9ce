// The signals of a site at any moment: the configuration, and its file as it is on disk now.

import { readFileSync, statSync } from "node:fs";
import {
  type Interval,
  parseSignalsFile,
  type Signals,
  type SignalsConfig,
  signalsAt,
} from "../config/signals.ts";
import type { EpochMs } from "../drivers/contract/units.ts";
import type { Edges } from "./log.ts";
import { crc32 } from "./state/crc32.ts";

/** How often the disk is asked whether the file is another one, ms. */
const LOOK_AGAIN = 5_000;
const MOST_BYTES = 4 * 1024 ** 2;
const MINUTE = 60_000;

export type SignalsOf = (device: string) => (now: EpochMs) => Signals;

/** A file that is missing or wrong is told once; until it is right again, what it said last holds. */
export function createSignals(config: SignalsConfig, edges: Edges): SignalsOf {
  const read = config.file === undefined ? () => [] : createReader(config.file, edges);
  return (device) => {
    // Each machine has its own moment within the ramp, the same every day.
    const late = (crc32(device) / 2 ** 32) * config.rampMinutes * MINUTE;
    return ramped((now) => signalsAt(config, read(now), now), late);
  };
}

/** Down at once, up again `late` ms after the curtailment. */
export function ramped(
  signalsOf: (now: EpochMs) => Signals,
  late: number,
): (now: EpochMs) => Signals {
  let curtailed: { readonly share: number; readonly at: EpochMs } | undefined;
  return (now) => {
    const signals = signalsOf(now);
    const { powerShare = 1 } = signals;
    const held = curtailed !== undefined && now - curtailed.at < late ? curtailed.share : 1;
    if (powerShare < 1 && powerShare <= held) curtailed = { share: powerShare, at: now };
    return held < powerShare ? { ...signals, powerShare: held } : signals;
  };
}

/** The entries in force. A week of prices is looked through when one begins or ends, not at every turn. */
function createReader(file: string, edges: Edges): (now: EpochMs) => readonly Interval[] {
  const read = createFile(file, edges);
  let all: readonly Interval[] = [];
  let inForce: readonly Interval[] = [];
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return (now) => {
    const found = read(now);
    if (found === all && now >= from && now < until) return inForce;
    all = found;
    inForce = found.filter((each) => each.from <= now && now < each.to);
    from = now;
    until = Number.POSITIVE_INFINITY;
    for (const edge of found.flatMap((each) => [each.from, each.to])) {
      if (edge > now && edge < until) until = edge;
    }
    return inForce;
  };
}

function createFile(file: string, edges: Edges): (now: EpochMs) => readonly Interval[] {
  let intervals: readonly Interval[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;
  let stamp = "";
  return (now) => {
    if (now - lookedAt < LOOK_AGAIN && now >= lookedAt) return intervals;
    lookedAt = now;
    try {
      const { mtimeMs, size, ino } = statSync(file);
      const found = `${mtimeMs} ${size} ${ino}`;
      if (found === stamp) return intervals;
      if (size > MOST_BYTES) throw new Error(`${size} B; expected at most ${MOST_BYTES} B`);
      const parsed = parseSignalsFile(readFileSync(file, "utf8"));
      if (!parsed.ok) throw new Error(parsed.message);
      stamp = found;
      intervals = parsed.intervals;
      edges.clear("signals", { file, entries: intervals.length }, "signals file is read again");
    } catch (error) {
      edges.raise(
        "signals",
        { file, err: error },
        "signals file cannot be used: what it said last holds",
      );
    }
    return intervals;
  };
}
