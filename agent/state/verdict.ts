// A write is a claim until it is seen: read back the setting, then watch its physical effect.

import type { KnobName, Setting } from "../../drivers/contract/controls.ts";
import { offsetTable } from "../../drivers/contract/offsets.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Verdict } from "./action.ts";
import type { PendingWrite } from "./device-state.ts";
import { describeSetting } from "./point.ts";
import { readsAs, sameValue } from "./same-value.ts";

export interface Judgement {
  readonly verdict: Verdict;
  readonly detail: string;
}

/** The rarest question that reads a setting back is asked every ten minutes. */
const PATIENCE = 11 * 60_000;

/** `stands still`: to the digit, as only a figure does that is not measured. */
type Seen = "yes" | "not yet" | "stands still" | "cannot tell";

const UNSEEN: readonly Seen[] = ["cannot tell", "stands still"];

/** Judges a pending write by a reading; undefined while it is too early to tell. */
export function judge(write: PendingWrite, telemetry: Telemetry): Judgement | undefined {
  const results = write.action.settings.map((setting) => inspect(write, setting, telemetry));
  const late = telemetry.at >= write.deadline;
  const failed = results.filter((result) => result.readBack === "not yet");
  const [first] = failed;
  if (first !== undefined) {
    const sure = failed.find(({ readAt }) => readAt !== undefined && readAt >= write.deadline);
    return judgeFailed(write, sure ?? first, telemetry.at);
  }
  const moving = late ? ["not yet"] : ["not yet", "stands still"];
  const lame = results.find((result) => moving.includes(result.effect));
  if (lame !== undefined) {
    if (!late) return undefined;
    return { verdict: "ignored", detail: `${lame.name}: reads back, but nothing moved` };
  }
  const blind = results.find(
    (result) => result.readBack === "cannot tell" && UNSEEN.includes(result.effect),
  );
  if (blind !== undefined) {
    return late ? { verdict: "unknown", detail: `${blind.name}: cannot be read back` } : undefined;
  }
  const unseen = results.filter((result) => UNSEEN.includes(result.effect));
  const detail =
    unseen.length === 0
      ? "read back and effect seen"
      : `read back; the effect cannot be seen (${unseen.map((result) => result.name).join(", ")})`;
  return { verdict: "applied", detail };
}

/**
 * An answer from before the deadline condemns nobody: the machine may have acted since. Slow questions
 * are waited for, but not for ever.
 */
function judgeFailed(
  write: PendingWrite,
  { name, reads, readAt }: Inspection,
  now: EpochMs,
): Judgement | undefined {
  const sure = readAt !== undefined && readAt >= write.deadline;
  if (now < write.deadline + (sure ? 0 : PATIENCE)) return undefined;
  if (readAt === undefined || readAt <= write.sentAt) {
    return { verdict: "unknown", detail: `${name}: not read back since the write` };
  }
  return { verdict: "ignored", detail: `${name}: still reads ${reads}` };
}

/** The verdict when the deadline passed without any reading after the write. */
export function judgeUnread(write: PendingWrite, now: EpochMs): Judgement | undefined {
  if (now < write.deadline) return undefined;
  return { verdict: "unknown", detail: "no reading since the write" };
}

interface Inspection {
  readonly name: string;
  readonly readBack: Seen;
  readonly reads: string;
  /** When the set-point was read. */
  readonly readAt?: EpochMs;
  readonly effect: Seen;
}

function inspect(write: PendingWrite, setting: Setting, after: Telemetry): Inspection {
  const name = describeSetting(setting);
  const { seen, ...rest } = readsBack(write, setting, after);
  // With the frequency the watts move too, whichever way the voltage goes: only it tells.
  const together =
    setting.knob === "voltage" && write.action.settings.some(({ knob }) => knob === "frequency");
  const effect = together ? "cannot tell" : EFFECTS[setting.knob](write.before, after, setting);
  return { name, readBack: seen, ...rest, effect };
}

function readsBack(
  write: PendingWrite,
  setting: Setting,
  after: Telemetry,
): { seen: Seen; reads: string; readAt?: EpochMs } {
  if (setting.knob === "restart" || setting.knob === "reboot") {
    return { seen: "cannot tell", reads: "" };
  }
  const reading = after.setpoint[setting.knob];
  if (reading === undefined) return { seen: "cannot tell", reads: "nothing" };
  const readAt = reading.at;
  if (readAt <= write.sentAt) return { seen: "not yet", reads: "the answer from before", readAt };
  const same = sameValue(setting, reading.value, after);
  return {
    seen: same ? "yes" : "not yet",
    reads: readsAs(setting, reading.value),
    readAt,
  };
}

type EffectTest = (before: Telemetry, after: Telemetry, setting: Setting) => Seen;

/** How each knob shows in the physical world. A share of the expected move is enough: it is noisy. */
const EFFECTS: { readonly [Name in KnobName]: EffectTest } = {
  frequency: (before, after, setting) =>
    follows(rateOf(before), rateOf(after), before.setpoint.frequency?.value, setting.value, 0.5),
  voltage: (before, after, setting) => {
    if (after.power?.basis === "formula") return "cannot tell";
    const [old, fresh] = [powerOf(before), powerOf(after)];
    const seen = follows(old, fresh, before.setpoint.voltage?.value, setting.value, 0.5);
    // Watts that do not even jitter while a voltage reads back are a formula, not a measurement.
    return seen === "not yet" && old === fresh ? "stands still" : seen;
  },
  powerLimit: (_before, after, setting) => {
    const power = powerOf(after);
    if (power === undefined || after.power?.basis === "formula") return "cannot tell";
    if (after.activity !== undefined && after.activity.value !== "hashing") return "not yet";
    return power <= Number(setting.value) * 1.04 ? "yes" : "not yet";
  },
  powerPercent: (before, after) => moved(powerOf(before), powerOf(after), 0.02),
  // Only what a board is expected to deliver: a minute of its nonces is noisier than these steps.
  boardOffsets: (before, after, setting) => {
    const wish = offsetTable(setting.value) ?? [];
    const had = offsetTable(before.setpoint.boardOffsets?.value) ?? [];
    return worst(
      before.boards.map((board, index) => {
        const from = board.frequency?.value;
        const move = (wish[index]?.[0] ?? 0) - (had[index]?.[0] ?? 0);
        if (from === undefined) return "cannot tell";
        const [old, fresh] = [board.ideal?.value, after.boards[index]?.ideal?.value];
        return follows(old, fresh, from, from + move, 0.5);
      }),
    );
  },
  // They balance within a board: only its chips would show it, after hours of counting.
  chipOffsets: () => "cannot tell",
  frequencyOffset: (before, after) => moved(rateOf(before), rateOf(after), 0.01),
  profile: (before, after, setting) =>
    before.setpoint.profile?.value === setting.value
      ? "cannot tell"
      : moved(powerOf(before) ?? rateOf(before), powerOf(after) ?? rateOf(after), 0.01),
  mode: (before, after, setting) =>
    before.setpoint.mode?.value === setting.value
      ? "cannot tell"
      : moved(powerOf(before) ?? rateOf(before), powerOf(after) ?? rateOf(after), 0.01),
  autotune: () => "cannot tell",
  fan: (before, after, setting) => {
    const duty = dutyOf(before);
    if (setting.value === "auto" || duty === undefined) return "cannot tell";
    if (Math.abs(Number(setting.value) - duty) < 5) return "cannot tell";
    return moved(speedOf(before), speedOf(after), 0.03);
  },
  temperatureOffset: () => "cannot tell",
  sleep: (_before, after, setting) => {
    const activity = after.activity?.value;
    if (activity === undefined) return "cannot tell";
    const asleep = activity === "sleeping" || activity === "stopped";
    return asleep === setting.value ? "yes" : "not yet";
  },
  locate: () => "cannot tell",
  pools: () => "cannot tell",
  restart: (before, after) => startedAgain(before, after),
  reboot: (before, after) => startedAgain(before, after),
};

const powerOf = (telemetry: Telemetry): number | undefined => telemetry.power?.value;
const rateOf = (telemetry: Telemetry): number | undefined =>
  telemetry.hashrate?.ideal?.value ?? telemetry.hashrate?.now?.value;
const dutyOf = (telemetry: Telemetry): number | undefined => telemetry.fans[0]?.duty?.value;
const speedOf = (telemetry: Telemetry): number | undefined => telemetry.fans[0]?.speed?.value;

const worst = (all: readonly Seen[]): Seen =>
  all.find((seen) => seen === "not yet") ?? all.find((seen) => seen === "yes") ?? "cannot tell";
/**
 * Relative; a smaller move drowns in the noise of one reading: watts jitter by 0.4 %, and 5 mV of 1.15 V
 * are 0.9 % of them. A lever that is condemned is not tried again, so that in doubt it is not.
 */
const LEAST_TOLD = 0.007;

/** The quantity moves the way the knob was turned, by at least `share` of the knob's own move. */
function follows(
  before: number | undefined,
  after: number | undefined,
  from: number | undefined,
  to: unknown,
  share: number,
): Seen {
  if (before === undefined || after === undefined || from === undefined || before <= 0) {
    return "cannot tell";
  }
  const asked = Number(to) / from - 1;
  if (Math.abs(asked) < LEAST_TOLD) return "cannot tell";
  return (after / before - 1) / asked >= share ? "yes" : "not yet";
}

function moved(before: number | undefined, after: number | undefined, least: number): Seen {
  if (before === undefined || after === undefined || before <= 0) return "cannot tell";
  return Math.abs(after / before - 1) >= least ? "yes" : "not yet";
}

function startedAgain(before: Telemetry, after: Telemetry): Seen {
  if (before.uptime === undefined || after.uptime === undefined) return "cannot tell";
  return after.uptime.value < before.uptime.value + (after.at - before.at) - 5_000
    ? "yes"
    : "not yet";
}
