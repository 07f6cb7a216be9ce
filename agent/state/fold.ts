// State changes here and nowhere else: one observation in, the next state out. Pure.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type EpochMs, epochMs, milliseconds } from "../../drivers/contract/units.ts";
import { crashed, hasChanged, hashes, repeats } from "./between-readings.ts";
import type { Decision } from "./decision.ts";
import type { DeviceState, Link, PendingWrite } from "./device-state.ts";
import { doubtAfter } from "./doubt.ts";
import type { Observation } from "./observation.ts";
import { countParts, partsAfter } from "./part-counts.ts";
import { SampleSeries } from "./sample-series.ts";
import { sampleOf } from "./samples.ts";
import { screened, withoutChip } from "./screen.ts";
import { exchanged } from "./shelf.ts";
import { explanationOf, withExplanation } from "./story.ts";
import type { TuningState } from "./tuning.ts";
import { isAnother, unitAfter } from "./unit.ts";
import { type Judgement, judge, judgeUnread } from "./verdict.ts";

const DAY = 24 * 60 * 60_000;
/** One lost reading is tolerated: miners drop one in a thousand without any fault. */
const FAILURES_UNTIL_DOWN = 2;

export function freshState(id: string, now: EpochMs, tuning?: TuningState): DeviceState {
  return {
    id,
    link: { status: "unknown", since: now, failures: 0 },
    samples: SampleSeries.none,
    steadySince: now,
    tuning: tuning ?? freshTuning(now),
    changes: [],
    restarts: [],
    crashes: [],
  };
}

export const freshTuning = (now: EpochMs): TuningState => ({
  phase: "waiting",
  since: now,
  exhausted: {},
  stepScale: {},
  evaluations: 0,
});

export function fold(state: DeviceState, observation: Observation): DeviceState {
  switch (observation.kind) {
    case "reading":
      return foldReading(state, screened(observation.telemetry), observation.latency);
    case "fault":
      return foldFault(state, observation);
    case "decided":
      return foldDecision(state, observation.decision);
    case "sent":
      return foldSent(state, observation);
    case "refused":
      return {
        ...state,
        outcome: {
          action: observation.action,
          verdict: "rejected",
          detail: `${observation.code}: ${observation.message}`,
          at: observation.at,
        },
      };
  }
}

function foldDecision(state: DeviceState, decision: Decision): DeviceState {
  const explanation = explanationOf(decision, state);
  const next = {
    ...state,
    decision,
    tuning: decision.tuning,
    ...(explanation && { explained: withExplanation(state.explained, explanation) }),
  };
  if (decision.policy !== "thermal") return next;
  if (decision.cooled === true) {
    const { overheatedAt: _over, ...cool } = next;
    return cool;
  }
  if (decision.action === undefined) return next;
  // A wake-up may be refused or lost: the heat is over when the machine is seen awake and cool.
  const wakes = decision.action.settings.some(
    (setting) => setting.knob === "sleep" && !setting.value,
  );
  return wakes ? next : { ...next, overheatedAt: decision.at };
}

function foldReading(known: DeviceState, told: Telemetry, latency: number): DeviceState {
  const now = told.at;
  const state = stateOf(known, told);
  const doubt = doubtAfter(state.telemetry, state.doubt, told);
  const telemetry = doubt === undefined ? told : withoutChip(told);
  const before = state.telemetry;
  // Out of sight it may have been anything: readings from before and after make no average.
  const unseen = before === undefined || state.link.status === "down";
  const changed = unseen || hasChanged(before, telemetry);
  const kept = changed ? SampleSeries.none : state.samples;
  const { frozenSince: _old, doubt: _before, ...rest } = state;
  const frozen = before !== undefined && repeats(before, telemetry);
  const stale = frozen && !changed && state.frozenSince !== undefined;
  const next: DeviceState = {
    ...rest,
    unit: unitAfter(state.unit, telemetry.identity),
    link: up(state.link, now, latency),
    telemetry,
    steadySince: changed ? now : state.steadySince,
    // An old answer told again is no new reading: many of them would pass for certainty.
    samples: hashes(telemetry) && !stale ? kept.with(sampleOf(telemetry)) : kept,
    ...counted(state, telemetry, changed),
    crashes: crashed(state, telemetry)
      ? [...lastDay(state.crashes, now), now]
      : lastDay(state.crashes, now),
    changes: lastDay(state.changes, now),
    restarts: lastDay(state.restarts, now),
    ...(frozen ? { frozenSince: state.frozenSince ?? now } : {}),
    ...(doubt === undefined ? {} : { doubt }),
  };
  return settle(next, now, (write) => judge(write, telemetry));
}

function counted(
  { parts, link, telemetry: before }: DeviceState,
  telemetry: Telemetry,
  changed: boolean,
): Pick<DeviceState, "parts"> {
  const moved = changed && before !== undefined && link.status !== "down";
  const next = hashes(telemetry) ? countParts(parts, telemetry, moved) : parts;
  return next === undefined ? {} : { parts: next };
}

/** The state of the machine that answers now: what one bears says nothing about another. */
function stateOf(known: DeviceState, { identity, at }: Telemetry): DeviceState {
  const exchange = exchanged(known, identity, at);
  if (exchange === undefined) return known;
  const tuning = exchange.tuning ?? freshTuning(at);
  const shelf = exchange.shelf === undefined ? {} : { shelf: exchange.shelf };
  if (known.unit !== undefined && isAnother(known.unit, identity)) {
    return { ...freshState(known.id, at, tuning), link: known.link, ...shelf };
  }
  // The same machine under other firmware: what it wore off and what heat did to it stays.
  const { write: _write, decision: _decision, telemetry: _telemetry, ...rest } = known;
  // Whom the agent put to sleep it must wake.
  const { asleep } = known.tuning;
  return { ...rest, tuning: asleep === undefined ? tuning : { ...tuning, asleep }, ...shelf };
}

function foldFault(
  state: DeviceState,
  fault: Extract<Observation, { kind: "fault" }>,
): DeviceState {
  const failures = state.link.failures + 1;
  const down = failures >= FAILURES_UNTIL_DOWN || state.link.status !== "up";
  const link: Link = {
    status: down ? "down" : "up",
    since: down && state.link.status !== "down" ? fault.at : state.link.since,
    code: fault.code,
    message: fault.message,
    failures,
  };
  return settle({ ...state, link }, fault.at, (write) => judgeUnread(write, fault.at));
}

function foldSent(state: DeviceState, sent: Extract<Observation, { kind: "sent" }>): DeviceState {
  const before = state.telemetry;
  if (before === undefined) return state;
  const effects = sent.action.settings.map((setting) => before.controls[setting.knob]?.effect);
  const settles = Math.max(0, ...effects.map((effect) => effect?.settles ?? 0));
  const restarts = effects.some((effect) => effect?.restarts === true);
  const { parts: known, ...rest } = state;
  const parts = partsAfter(known, sent.action.settings);
  return {
    ...rest,
    ...(parts === undefined ? {} : { parts }),
    write: {
      action: sent.action,
      sentAt: sent.at,
      deadline: epochMs(sent.at + settles),
      answer: sent.answer,
      before,
    },
    // What was measured before the change says nothing about the machine after it.
    samples: SampleSeries.none,
    steadySince: sent.at,
    changes: [...lastDay(state.changes, sent.at), sent.at],
    restarts: restarts ? [...lastDay(state.restarts, sent.at), sent.at] : state.restarts,
  };
}

function settle(
  state: DeviceState,
  now: EpochMs,
  judgeIt: (write: PendingWrite) => Judgement | undefined,
): DeviceState {
  const { write, ...rest } = state;
  const judgement = write === undefined ? undefined : judgeIt(write);
  if (write === undefined || judgement === undefined) return state;
  return { ...rest, outcome: { action: write.action, at: now, ...judgement } };
}

function up(link: Link, now: EpochMs, latency: number): Link {
  return {
    status: "up",
    since: link.status === "up" ? link.since : now,
    failures: 0,
    latency: milliseconds(latency),
  };
}

const lastDay = (times: readonly EpochMs[], now: EpochMs): readonly EpochMs[] =>
  times.length > 0 && (times[0] ?? now) <= now - DAY
    ? times.filter((time) => time > now - DAY)
    : times;
