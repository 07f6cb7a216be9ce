// What an operator's script does with a cap: down the vendor's points while watts or fans are above it,
// up again where there is room, asleep where the cap is out of reach.

import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { decibelsAt } from "../site.ts";
import { type Desk, move, NOTHING, type Poll, type Script, scripted } from "./script.ts";

/** Of frequency, or of watts where only they can be set. */
const STEP = 0.02;
/** Minutes between two steps: heat and fans settle. */
const SETTLE = 6;
/** The same where mining stops for a step: the firmware comes up in its own time. */
const SETTLE_AFTER_START = 12;
/** Minutes after a step down before the next one up. */
const PATIENCE = 60;
/** Below this share of the stock watts no point is tried. */
const LEAST = 0.35;
/** Readings jitter. */
const SLACK = 1.01;
const ROOM = { watts: 0.95, decibels: 2 };

interface Caps {
  readonly watts: number;
  readonly decibels: number;
}

const NO_CAPS: Caps = { watts: Number.POSITIVE_INFINITY, decibels: Number.POSITIVE_INFINITY };

export const capFollower = scripted(
  "cap follower",
  function* (desk): Script {
    let state: State = { caps: NO_CAPS, share: 1, lowered: -PATIENCE, settled: 0 };
    for (let minute = 0; ; minute += 1) {
      const { told } = yield NOTHING;
      if (told !== undefined) state = yield* follow(desk, told, state, minute);
    }
  },
  { goals: ["hashes"] },
);

interface State {
  readonly caps: Caps;
  readonly share: number;
  /** Minutes: of the last step down, and from when on the last step shows. */
  readonly lowered: number;
  readonly settled: number;
}

function* follow(desk: Desk, told: Telemetry, state: State, minute: number): Script<State> {
  const caps = capsOf(desk);
  const changed = caps.watts !== state.caps.watts || caps.decibels !== state.caps.decibels;
  const activity = told.activity?.value;
  if (changed || activity === "sleeping") {
    if (yield* sleeps(told, caps.watts < LEAST * desk.stock.power)) return { ...state, caps };
  }
  if (!changed && activity !== "hashing")
    return { ...state, caps, settled: minute + SETTLE_AFTER_START };
  if (!changed && minute < state.settled) return { ...state, caps };
  const mayRise = minute - state.lowered > PATIENCE;
  const wanted = changed
    ? firstShare(desk, told, caps)
    : Math.min(1, state.share + stepOf(desk, told, caps, mayRise));
  if (wanted === state.share) return { ...state, caps };
  const share = yield* setShare(desk, state.share, wanted);
  const lowered = wanted < state.share ? minute : state.lowered;
  return { caps, share, lowered, settled: minute + SETTLE };
}

function capsOf({ start, stock }: Desk): Caps {
  const { powerShare, noiseMaxDecibels } = start.policies.signals?.(start.now()) ?? {};
  const { powerMaxWatts = Number.POSITIVE_INFINITY } = start.policies.safety;
  return {
    watts: Math.min(powerMaxWatts, (powerShare ?? Number.POSITIVE_INFINITY) * stock.power),
    decibels: noiseMaxDecibels ?? Number.POSITIVE_INFINITY,
  };
}

/** Asleep or awake as wanted; true while it sleeps or does not yet know. */
function* sleeps(told: Telemetry, wanted: boolean): Script<boolean> {
  if (told.controls.sleep === undefined) return false;
  if ((told.activity?.value === "sleeping") !== wanted) {
    let poll: Poll = { refused: true };
    for (let attempt = 0; poll.refused && attempt < 30; attempt += 1)
      poll = yield [{ knob: "sleep", value: wanted }];
  }
  return wanted;
}

/** On the vendor's line watts go with the 1.6th power of the frequency, fans with the 1.25th of the watts. */
function firstShare(desk: Desk, told: Telemetry, { watts, decibels }: Caps): number {
  const { dial, stock } = desk;
  const louder = Math.max(0, loudness(desk, told) - decibels);
  const ratio = Math.min(1, watts / stock.power, 10 ** (-louder / 50 / 1.25));
  return dial.kind === "power-limit" ? ratio : ratio ** 0.6;
}

const loudness = ({ start }: Desk, told: Telemetry): number =>
  decibelsAt(start.policies.tuning.fullSpeedDecibels, (told.fans[0]?.duty?.value ?? 0) / 100);

function stepOf(desk: Desk, told: Telemetry, caps: Caps, mayRise: boolean): number {
  const power = told.power?.value;
  if (power === undefined) return 0;
  const loud = loudness(desk, told);
  if (power > SLACK * caps.watts || loud > caps.decibels) return -STEP;
  const room = power < ROOM.watts * caps.watts && loud < caps.decibels - ROOM.decibels;
  return mayRise && room ? STEP : 0;
}

/** The share that it came to: presets lie further apart than a step. */
function* setShare({ dial }: Desk, from: number, wanted: number): Script<number> {
  if (wanted >= 1) {
    yield* move(dial, dial.stock);
    return 1;
  }
  let point = dial.fit(dial.ladder(wanted));
  if (dial.kind === "presets" && wanted < from && dial.share(point) >= from - 1e-9)
    point = dial.fit([(point[0] ?? 0) - 1]);
  yield* move(dial, point);
  return dial.kind === "presets" ? dial.share(point) : wanted;
}
