// What of a device's state outlives the process, and how it comes back after a crash.

import { present } from "../drivers/contract/decoding.ts";
import type { EpochMs } from "../drivers/contract/units.ts";
import type { Edges } from "./log.ts";
import type { DeviceState, Shelved, Unit } from "./state/device-state.ts";
import type { Explanation } from "./state/explanation.ts";
import { afterFailedPass } from "./state/failed-pass.ts";
import { afterFailedTrial } from "./state/failed-trial.ts";
import { freshState } from "./state/fold.ts";
import type { Journal } from "./state/journal.ts";
import { samePoint } from "./state/point.ts";
import { isSameStory } from "./state/story.ts";
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
  // Put aside first: after a power cut in between it is put aside again.
  const aside = [rememberShelf(journal, state), rememberWhy(journal, state)].includes(true);
  if (unchanged) return aside;
  const { unit, tuning, changes, restarts, crashes, overheatedAt } = state;
  const record: Remembered = present({ unit, tuning, changes, restarts, crashes, overheatedAt });
  journal.append(state.id, record);
  return true;
}

function rememberShelf(journal: Journal, { id, shelf }: DeviceState): boolean {
  if (shelf === undefined || journal.records.get(shelfKey(id)) === shelf) return false;
  journal.append(shelfKey(id), shelf);
  return true;
}

/** Suggestions repeat at every window: what says the same is worth the disk once a day. */
function rememberWhy(journal: Journal, { id, explained }: DeviceState): boolean {
  const newest = explained?.[0];
  if (newest === undefined) return false;
  const kept = whyIn(journal.records.get(whyKey(id)))?.[0];
  if (kept === newest) return false;
  const same = kept !== undefined && isSameStory(kept, newest) && newest.at - kept.at < DAY;
  if (same) return false;
  journal.append(whyKey(id), explained);
  return true;
}

const DAY = 24 * 60 * 60_000;
const whyKey = (id: string): string => `${id} why`;

function whyIn(record: unknown): readonly Explanation[] | undefined {
  if (!Array.isArray(record)) return undefined;
  const list: readonly Partial<Explanation>[] = record;
  const whole = list.every(
    ({ at, reason, seen, settings }) =>
      typeof at === "number" &&
      typeof reason === "string" &&
      typeof seen === "object" &&
      Array.isArray(settings),
  );
  return whole ? (record as readonly Explanation[]) : undefined;
}

/** No id of a device has a blank in it. */
const shelfKey = (id: string): string => `${id} shelf`;

/** A damaged shelf is left out: the machine is measured anew. */
function shelfIn(record: unknown): readonly Shelved[] | undefined {
  if (!Array.isArray(record)) return undefined;
  const shelf: readonly Partial<Shelved>[] = record;
  const whole = shelf.every((each) => isTuning(each.tuning) && each.unit !== undefined);
  return whole ? (record as readonly Shelved[]) : undefined;
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
  "heatStop",
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
  const recovered = recalled(found.tuning, now);
  const shelf = shelfIn(journal.records.get(shelfKey(id)));
  const explained = whyIn(journal.records.get(whyKey(id)));
  return {
    ...freshState(id, now, recovered),
    ...pick(found, now),
    ...present({ shelf, explained }),
  };
}

export function recalled(known: TuningState, now: EpochMs): TuningState {
  const tuning = afterFailedPass(known, now);
  return tuning.trial === undefined
    ? notLater(tuning, now)
    : afterFailedTrial(tuning, now, "the agent ended during the trial; it counts as failed");
}

function isRemembered(record: unknown): record is Remembered {
  const { tuning, changes, restarts, crashes } = (record ?? {}) as Partial<Remembered>;
  return isTuning(tuning) && [changes, restarts, crashes].every(Array.isArray);
}

const isTuning = (tuning: TuningState | undefined): boolean =>
  typeof tuning?.phase === "string" && typeof tuning.since === "number";

const notLater = (tuning: TuningState, now: EpochMs): TuningState =>
  tuning.since <= now ? tuning : { ...tuning, since: now };

/** Every machine of a journal, under every firmware that it is remembered with. */
export function machinesIn(records: ReadonlyMap<string, unknown>): Shelved[] {
  return [...records].flatMap(([key, record]): readonly Shelved[] => {
    if (key.endsWith(shelfKey(""))) return shelfIn(record) ?? [];
    return isRemembered(record) && record.unit !== undefined
      ? [{ unit: record.unit, tuning: record.tuning }]
      : [];
  });
}

/** One machine of a journal, for those who only look; undefined where nothing is remembered of it. */
export function remembered(
  records: ReadonlyMap<string, unknown>,
  id: string,
): (Shelved & Pick<DeviceState, "explained">) | undefined {
  const record = records.get(id);
  if (!isRemembered(record)) return undefined;
  const explained = whyIn(records.get(whyKey(id)));
  return { unit: record.unit ?? {}, tuning: record.tuning, ...present({ explained }) };
}

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
