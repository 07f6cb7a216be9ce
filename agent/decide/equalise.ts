// Frequency moves from the boards, then from the chips, that lose hashrate to those that lose none; the
// mean stays. Then the tuner may take the voltage lower, which shows the next differences. One pass is
// one trial: journaled before it is sent, measured, kept or taken back.

import type { Setting } from "../../drivers/contract/controls.ts";
import { describeOffsets } from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { Equaliser, Offsets } from "../state/equaliser.ts";
import { pointOf, samePoint } from "../state/point.ts";
import { isNearOffsets } from "../state/same-value.ts";
import { measure } from "../state/samples.ts";
import type { TuningState } from "../state/tuning.ts";
import { nextPass, SHORTEST } from "./equalising-pass.ts";
import { jitterOf } from "./evidence.ts";
import { change, hold, type Policies, startedAnew } from "./policies.ts";
import { settled } from "./settling.ts";
import { watchPass } from "./watch-pass.ts";

const MINUTE = 60_000;
const NAMES = ["boardOffsets", "chipOffsets"] as const;
/** A restart costs a minute or some of hashing, and wears boards: not for what another day may add to. */
const BETWEEN_RESTARTS = 24 * 60 * MINUTE;
/** A machine that does not take them back has an owner who wants them otherwise. */
const MOST_RESTORES = 4;

/** Undefined: nothing to do for the offsets now, and the tuner goes on. */
export function equalise(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const { equaliser } = state.tuning;
  if (equaliser === undefined) return begin(state, telemetry, policies, now);
  if (equaliser.pass !== undefined)
    return watchPass(state, equaliser.pass, telemetry, policies, now);
  const lost = restore(state, equaliser, telemetry, policies, now);
  if (lost !== undefined) return lost;
  return isReady(state, telemetry, policies, now)
    ? startPass(state, equaliser, telemetry, policies, now)
    : undefined;
}

/** Frequency and voltage are ours, the firmware's own tuner is off, and nothing else is to be done. */
function isReady(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): boolean {
  const { tuning } = policies;
  const { frequency, voltage } = pointOf(telemetry, tuning.levers);
  const ours = frequency !== undefined && voltage !== undefined;
  const governed = telemetry.setpoint.autotune?.value === true;
  const wanted = tuning.equalise !== "off" && tuning.mode === "act";
  return (
    wanted && ours && !governed && state.tuning.phase === "holding" && settled(state, policies, now)
  );
}

function begin(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const found = offsetsOf(telemetry);
  if (Object.keys(found).length === 0 || !isReady(state, telemetry, policies, now))
    return undefined;
  const equaliser: Equaliser = { found, good: found, passes: 0 };
  const words = `boards and chips are equalised from here: ${wordsOf(found)}`;
  return hold("tuner", now, { ...state.tuning, equaliser }, words);
}

/** What the machine offers and reads back. */
function offsetsOf({ controls, setpoint }: Telemetry): Offsets {
  const known = NAMES.filter(
    (name) => controls[name] !== undefined && setpoint[name] !== undefined,
  );
  return Object.fromEntries(known.map((name) => [name, setpoint[name]?.value]));
}

/** What brings the machine to these offsets, boards first. */
function offsetSettings(wanted: Offsets, telemetry: Telemetry): Setting[] {
  const present = offsetsOf(telemetry);
  return NAMES.flatMap((knob) => {
    const value = wanted[knob];
    const now = present[knob];
    if (value === undefined || now === undefined) return [];
    return isNearOffsets(value, now, telemetry.controls[knob]?.step)
      ? []
      : [{ knob, value } as Setting];
  });
}

/** Whatever the machine reads back yet: what a pass set is taken back. */
export function offsetsBack(equaliser: Equaliser | undefined): Setting[] {
  const { pass, good } = equaliser ?? {};
  return NAMES.flatMap((knob) => {
    const value = good?.[knob];
    return pass?.to[knob] === undefined || value === undefined ? [] : [{ knob, value } as Setting];
  });
}

const wordsOf = (offsets: Offsets): string =>
  NAMES.flatMap((name) => {
    const value = offsets[name];
    const what = name === "boardOffsets" ? "boards" : "chips";
    return value === undefined ? [] : [`${what} ${describeOffsets(value)}`];
  }).join(", ");

/** A restart forgets them; on the way back to the first point they go last, when the voltage is up again. */
function restore(
  state: DeviceState,
  equaliser: Equaliser,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const { tuning } = state;
  const toStock = tuning.phase === "reverting" && tuning.best === undefined;
  if (toStock && !samePoint(pointOf(telemetry, policies.tuning.levers), tuning.stock ?? {})) {
    return undefined;
  }
  const wanted = toStock ? equaliser.found : equaliser.good;
  const settings = offsetSettings(wanted, telemetry);
  if (settings.length === 0) return rested(state, equaliser, now);
  if (policies.tuning.mode !== "act" || policies.tuning.equalise === "off") return undefined;
  const restores = (equaliser.restores ?? 0) + 1;
  if (restores > MOST_RESTORES) {
    const present = offsetsOf(telemetry);
    const { restores: _all, ...rest } = equaliser;
    const next = { ...rest, found: present, good: present, passes: equaliser.passes + 1 };
    const words = `somebody else sets the offsets: ${wordsOf(present)}: measuring anew`;
    // What it bore with others proves nothing with these.
    const anew = { ...startedAnew(tuning, now), evidence: (tuning.evidence ?? []).slice(0, 1) };
    return hold("tuner", now, { ...anew, equaliser: next }, words);
  }
  const next: TuningState = { ...tuning, equaliser: { ...equaliser, restores } };
  return change(state, "tuner", now, next, {
    purpose: "restore",
    settings,
    reason: `back to the last known good offsets: ${wordsOf(wanted)}`,
  });
}

/** Nothing is to be restored: the next loss counts anew. */
function rested(state: DeviceState, equaliser: Equaliser, now: EpochMs): Decision | undefined {
  if (equaliser.restores === undefined) return undefined;
  const { restores: _all, ...rest } = equaliser;
  return hold("tuner", now, { ...state.tuning, equaliser: rest }, `at ${wordsOf(equaliser.good)}`);
}

/** A pass that stops mining waits for a day's count, and for a restart that is left of today's. */
function isTooSoon(
  state: DeviceState,
  { keptAt, restUntil }: Equaliser,
  { controls }: Telemetry,
  policies: Policies,
  now: EpochMs,
): boolean {
  const restarts = NAMES.some((name) => controls[name]?.effect.restarts === true);
  if (restarts && state.restarts.length >= policies.tuning.restartsPerDay) return true;
  const pause = restarts ? BETWEEN_RESTARTS : SHORTEST;
  return now < (restUntil ?? 0) || (keptAt !== undefined && now - keptAt < pause);
}

function startPass(
  state: DeviceState,
  equaliser: Equaliser,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  if (isTooSoon(state, equaliser, telemetry, policies, now)) return undefined;
  const wish = nextPass(state.parts, equaliser, telemetry, policies.tuning.equalise);
  if (wish === undefined) return undefined;
  const from = (state.steadySince + policies.tuning.settleMinutes * MINUTE) as EpochMs;
  const before = measure(state, from, pointOf(telemetry, policies.tuning.levers));
  if (before?.ratio === undefined || before.samples < 3) return undefined;
  const deviation =
    jitterOf([...(state.tuning.evidence ?? []), before]) / Math.sqrt(before.samples);
  const { setting, weak, reason } = wish;
  const held: TuningState = { ...state.tuning, equaliser: { ...equaliser, weak } };
  const pass = {
    to: { [setting.knob]: setting.value },
    since: now,
    ratio: before.ratio,
    deviation,
  };
  const trying: TuningState = { ...held, equaliser: { ...equaliser, weak, pass } };
  const decision = change(state, "tuner", now, trying, {
    purpose: "tune",
    settings: [setting],
    reason,
  });
  return { ...decision, ifRefused: held };
}
