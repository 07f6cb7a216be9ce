// What of a device's state outlives the process, and how it comes back after a crash.

import type { EpochMs } from "../drivers/contract/units.ts";
import type { Edges } from "./log.ts";
import type { DeviceState, Unit } from "./state/device-state.ts";
import { afterFailedPass } from "./state/failed-pass.ts";
import { afterFailedTrial } from "./state/failed-trial.ts";
import { freshState } from "./state/fold.ts";
import type { Journal } from "./state/journal.ts";
import { samePoint } from "./state/point.ts";
import type { TuningState } from "./state/tuning.ts";

interface Remembered {
  readonly unit?: Unit;
  readonly tuning: TuningState;
  readonly changes: readonly EpochMs[];
  readonly restarts: readonly EpochMs[];
  readonly crashes: readonly EpochMs[];
  readonly overheatedAt?: EpochMs;
}

/**
 * Journals the durable part when the disk holds another one; called before an action is sent. True
 * when something was written. Throws what the file system says.
 */
export function remember(journal: Journal, state: DeviceState, before: DeviceState): boolean {
  // What happened after the last record counts too: a change is booked when it was sent.
  const kept = (journal.records.get(state.id) as Remembered | undefined) ?? before;
  const unchanged =
    state.unit === kept.unit &&
    sameToKeep(kept.tuning, state.tuning) &&
    state.changes === kept.changes &&
    state.restarts === kept.restarts &&
    state.crashes === kept.crashes &&
    state.overheatedAt === kept.overheatedAt;
  if (unchanged) return false;
  const record: Remembered = {
    ...(state.unit === undefined ? {} : { unit: state.unit }),
    tuning: state.tuning,
    changes: state.changes,
    restarts: state.restarts,
    crashes: state.crashes,
    ...(state.overheatedAt === undefined ? {} : { overheatedAt: state.overheatedAt }),
  };
  journal.append(state.id, record);
  return true;
}

/** A window that sharpens what is known of a held point is worth the disk once an hour. */
function sameToKeep(kept: TuningState, now: TuningState): boolean {
  if (kept === now) return true;
  const learning = (now.windowFrom ?? 0) - (kept.windowFrom ?? 0);
  const best = samePoint(kept.best?.point ?? {}, now.best?.point ?? {});
  return learning < HOUR && best && KEPT.every((key) => kept[key] === now[key]);
}

const HOUR = 60 * 60_000;
const KEPT = [
  "phase",
  "since",
  "stock",
  "baseline",
  "trial",
  "equaliser",
  "demand",
  "asleep",
  "beforeHeat",
  "exhausted",
  "stepScale",
  "evaluations",
  "failedRestores",
  "countedRestore",
  "frozenUntil",
] as const satisfies readonly Exclude<keyof TuningState, "evidence" | "windowFrom" | "best">[];

/** A disk that is full or read-only is told once; false until it takes records again. */
export function keeper(journal: Journal, file: string, edges: Edges) {
  return (state: DeviceState, before: DeviceState): boolean => {
    try {
      if (remember(journal, state, before)) {
        edges.clear("journal", { file }, "journal can be written again");
      }
      return true;
    } catch (error) {
      edges.raise("journal", { file, err: error }, "journal cannot be written: no new trials");
      return false;
    }
  };
}

/**
 * The state to start with. A trial that was under way when the process ended counts as failed: what
 * it did to the machine is unknown, so the last known good point is restored.
 */
export function recall(journal: Journal, id: string, now: EpochMs): DeviceState {
  const found = journal.records.get(id);
  // A record of another version must not keep the agent from starting; the machine is measured anew.
  if (!isRemembered(found)) return freshState(id, now);
  const record = found;
  const recovered = recalled(record.tuning, now);
  return { ...freshState(id, now, recovered), ...pick(record, now) };
}

export function recalled(known: TuningState, now: EpochMs): TuningState {
  const tuning = afterFailedPass(known, now);
  return tuning.trial === undefined
    ? notLater(tuning, now)
    : afterFailedTrial(tuning, now, "the agent ended during the trial; it counts as failed");
}

function isRemembered(record: unknown): record is Remembered {
  const { tuning, changes, restarts, crashes } = (record ?? {}) as Partial<Remembered>;
  return (
    typeof tuning?.phase === "string" &&
    typeof tuning.since === "number" &&
    [changes, restarts, crashes].every(Array.isArray)
  );
}

const notLater = (tuning: TuningState, now: EpochMs): TuningState =>
  tuning.since <= now ? tuning : { ...tuning, since: now };

/** The clock may have been set back meanwhile: what lies ahead of now happened now at the latest. */
function pick(record: Remembered, now: EpochMs): Omit<Remembered, "tuning"> {
  const { tuning: _tuning, ...rest } = record;
  const { overheatedAt } = rest;
  return {
    ...rest,
    changes: clipped(rest.changes, now),
    restarts: clipped(rest.restarts, now),
    crashes: clipped(rest.crashes, now),
    ...(overheatedAt !== undefined && overheatedAt > now ? { overheatedAt: now } : {}),
  };
}

const clipped = (times: readonly EpochMs[], now: EpochMs): readonly EpochMs[] =>
  times.every((time) => time <= now) ? times : times.map((time) => (time <= now ? time : now));
