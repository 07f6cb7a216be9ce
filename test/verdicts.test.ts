// What the agent makes of an order that goes wrong, for every driver and every knob that it offers: the
// verdict comes from what is read back, in time, and nothing is ever sent twice.

import { describe, expect, test } from "vitest";
import type { Verdict } from "../agent/state/action.ts";
import type { DeviceState } from "../agent/state/device-state.ts";
import { fold, freshState } from "../agent/state/fold.ts";
import type { KnobName, Setting } from "../drivers/contract/controls.ts";
import { milliseconds } from "../drivers/contract/units.ts";
import type { DriverKind } from "../drivers/index.ts";
import type { Loss } from "./sim/cable.ts";
import { SIMULATED } from "./sim/simulated.ts";
import { type Stage, setStage } from "./sim/stage.ts";
import { changeOf, NEVER, observe, send } from "./write-trial.ts";

const SECOND = 1000;
/** Between two readings; shorter where a knob settles sooner. */
const STEP = 20 * SECOND;
const LATE = 20 * SECOND;
const DEAD = 40 * SECOND;
/** A knob that needs longer than that is looked at in sixths of its time. */
const WATCHED = 180 * SECOND;
/** Slow questions are asked again after a minute: the verdict may wait for the next answer. */
const SLOW = 60 * SECOND;

interface Trial {
  readonly stage: Stage;
  readonly wish: Setting;
  readonly settles: number;
  readonly step: number;
  state: DeviceState;
  /** What the driver said to the order. */
  answer: string;
}

/** What went wrong, in words; an empty list is a success. */
type Case = (trial: Trial) => Promise<string[]>;

/** Real seconds that an answer which never comes is waited for. */
const SHORT_DEADLINE = 1;

/** Real time, of a test with up to ten knobs on a busy machine. */
const PATIENCE = { timeout: 120_000 };

describe.each(Object.keys(SIMULATED) as DriverKind[])("an order of driver %s", PATIENCE, (kind) => {
  test("says OK and does nothing: ignored, when its time is over", async () => {
    expect(await onEachKnob(kind, saysOkDoesNothing)).toEqual({});
  });

  test("acts late: applied, and not repeated meanwhile", async () => {
    expect(await onEachKnob(kind, actsLate)).toEqual({});
  });

  test("is followed by a restart: applied when the machine is back", async () => {
    expect(await onEachKnob(kind, restarts)).toEqual({});
  });

  test("acts, and its answer is lost: silent, applied, sent once", async () => {
    expect(await onEachKnob(kind, losesTheAnswer)).toEqual({});
  });

  test("is lost with its answer: silent, ignored, not sent again", async () => {
    expect(await onEachKnob(kind, losesTheOrder)).toEqual({});
  });

  test("is one of several, and the first is lost: the others are not sent", async () => {
    const several: readonly KnobName[] = ["frequency", "voltage", "profile", "pools"];
    const knobs = (await knobsOf(kind)).filter((knob) => several.includes(knob));
    expect(await onEachKnob(kind, losesTheFirst, knobs)).toEqual({});
  });

  test.each(["end", "never"] as const)("is lost in another way: %s", async (loss) => {
    const knobs = (await knobsOf(kind)).slice(0, 1);
    const run: Case = (trial) => losesTheOrder(trial, loss);
    expect(await onEachKnob(kind, run, knobs, SHORT_DEADLINE)).toEqual({});
  });
});

async function saysOkDoesNothing(trial: Trial): Promise<string[]> {
  const { stage } = trial;
  await stage.cable.plug(stage.twin);
  await order(trial);
  await stage.cable.plug(stage.machine);
  const sent = stage.twin.orders.length;
  await untilJudged(trial);
  return [...judged(trial, "ignored"), ...reached(trial, 0, sent)];
}

async function actsLate(trial: Trial): Promise<string[]> {
  const { stage, wish, settles } = trial;
  await stage.cable.plug(stage.twin);
  await order(trial);
  await stage.cable.plug(stage.machine);
  const sent = stage.twin.orders.length;
  const late = Math.min(LATE, settles / 2);
  await wait(trial, late);
  const early = trial.state.outcome;
  const acted = await orderByHand(stage, stage.machine, wish);
  await untilJudged(trial);
  return [
    ...(early === undefined ? [] : [`judged ${early.verdict} before it acted`]),
    ...judged(trial, "applied"),
    ...reached(trial, acted, sent),
  ];
}

async function restarts(trial: Trial): Promise<string[]> {
  const { stage, settles } = trial;
  await order(trial);
  const sent = stage.machine.orders.length;
  await stage.cable.pull();
  await wait(trial, Math.min(DEAD, settles / 2));
  const early = trial.state.outcome;
  await stage.cable.start();
  await untilJudged(trial);
  return [
    ...(early === undefined ? [] : [`judged ${early.verdict} while it was away`]),
    ...judged(trial, "applied"),
    ...reached(trial, sent, 0),
  ];
}

async function losesTheAnswer(trial: Trial): Promise<string[]> {
  const { stage, wish } = trial;
  const orders = await orderByHand(stage, stage.twin, wish);
  stage.cable.cut = { order: orders, loss: "reset" };
  await order(trial);
  stage.cable.cut = undefined;
  await untilJudged(trial);
  return [
    ...answered(trial, "silent"),
    ...judged(trial, "applied"),
    ...reached(trial, orders, orders),
  ];
}

async function losesTheOrder(trial: Trial, loss: Loss = "reset"): Promise<string[]> {
  const { stage } = trial;
  await stage.cable.plug(stage.twin);
  stage.cable.cut = { order: 1, loss };
  await order(trial);
  stage.cable.cut = undefined;
  await stage.cable.plug(stage.machine);
  await untilJudged(trial);
  return [...answered(trial, "silent"), ...judged(trial, "ignored"), ...reached(trial, 0, 1)];
}

async function losesTheFirst(trial: Trial): Promise<string[]> {
  trial.stage.cable.cut = { order: 1, loss: "reset" };
  await order(trial);
  trial.stage.cable.cut = undefined;
  await untilJudged(trial);
  const verdict = trial.state.outcome === undefined ? ["no verdict"] : [];
  return [...answered(trial, "silent"), ...verdict, ...reached(trial, 1, 0)];
}

/** One fresh stage a knob; what failed, by knob. */
async function onEachKnob(
  kind: DriverKind,
  run: Case,
  knobs?: readonly KnobName[],
  deadline?: number,
): Promise<Record<string, string[]>> {
  const failed: Record<string, string[]> = {};
  for (const knob of knobs ?? (await knobsOf(kind))) {
    const stage = await setStage(kind, deadline);
    try {
      const trial = await begin(stage, knob);
      const wrong = await run(trial);
      if (wrong.length > 0) failed[`${knob} ${JSON.stringify(trial.wish.value)}`] = wrong;
    } finally {
      await stage.close();
    }
  }
  return failed;
}

async function knobsOf(kind: DriverKind): Promise<KnobName[]> {
  const stage = await setStage(kind);
  const { controls } = await stage.session.read(NEVER);
  await stage.close();
  return Object.keys(controls) as KnobName[];
}

async function begin(stage: Stage, knob: KnobName): Promise<Trial> {
  const telemetry = await stage.begin(NEVER);
  const latency = milliseconds(1);
  const seen = { kind: "reading", at: telemetry.at, telemetry, latency } as const;
  const state = fold(freshState("d", stage.now()), seen);
  const wish = changeOf(knob, telemetry);
  const settles = telemetry.controls[knob]?.effect.settles;
  if (wish === undefined || settles === undefined) throw new Error(`${knob}: nothing to change`);
  if (stage.machine.orders.length > 0) throw new Error("a reading counts as an order");
  return { stage, wish, settles, step: Math.min(STEP, settles / 4), state, answer: "none" };
}

async function order(trial: Trial): Promise<void> {
  const { stage, wish } = trial;
  const sent = await send(stage, stage.session, wish);
  trial.answer = sent.kind === "sent" ? sent.answer : sent.kind;
  trial.state = fold(trial.state, sent);
}

/** How many orders the wish took. */
async function orderByHand(stage: Stage, machine: Stage["machine"], wish: Setting) {
  const before = machine.orders.length;
  const hand = stage.hand(machine);
  await hand.read(NEVER);
  await hand.write([wish], NEVER);
  await hand.close();
  return machine.orders.length - before;
}

async function wait(trial: Trial, duration: number, step = trial.step): Promise<void> {
  const { stage } = trial;
  for (let left = duration; left > 0; left -= step) {
    stage.advance(Math.min(left, step));
    trial.state = fold(trial.state, await observe(stage, stage.session));
  }
}

/** And one reading more, because whoever sends again would do it then. */
async function untilJudged(trial: Trial): Promise<void> {
  const { settles, step } = trial;
  for (let waited = 0; waited < 2 * settles + SLOW && trial.state.write !== undefined; ) {
    const next = waited < WATCHED ? step : Math.max(step, settles / 6);
    await wait(trial, next, next);
    waited += next;
  }
  await observe(trial.stage, trial.stage.session);
}

const answered = ({ answer }: Trial, expected: "accepted" | "silent"): string[] =>
  answer === expected ? [] : [`${answer} instead of ${expected}`];

function judged({ state, settles, step }: Trial, expected: Verdict): string[] {
  const { outcome } = state;
  if (outcome === undefined) return ["no verdict"];
  const took = outcome.at - outcome.action.at;
  const wrong = outcome.verdict === expected ? [] : [`${outcome.verdict}: ${outcome.detail}`];
  // A knob may show at once; that it does not, nobody knows before its time is over.
  if (expected === "ignored" && took < settles) wrong.push(`judged after ${took} ms of ${settles}`);
  if (took > settles + SLOW + 2 * Math.max(step, settles / 6))
    wrong.push(`judged after ${took} ms, ${settles} were its time`);
  return wrong;
}

function reached({ stage }: Trial, machine: number, twin: number): string[] {
  const right = stage.machine.orders.length === machine && stage.twin.orders.length === twin;
  if (right) return [];
  return [
    `orders: ${stage.machine.orders.length} instead of ${machine}, at the twin ${stage.twin.orders.length} instead of ${twin}`,
  ];
}
