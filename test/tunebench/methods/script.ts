// Baselines are written as their authors describe them: a script that waits, measures and sets. Each
// `yield` is one poll of the machine.

import type { Setting } from "../../../drivers/contract/controls.ts";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import type { Controller, Method, Setting as Start } from "../method.ts";
import { type Dial, dialOf, type Point } from "./dial.ts";

/** What the last poll gave; absent where it failed. */
export interface Poll {
  readonly told?: Telemetry;
  /** The machine refused the last order. */
  readonly refused: boolean;
}

export type Script<Result = void> = Generator<readonly Setting[], Result, Poll>;

export interface Desk {
  readonly dial: Dial;
  readonly start: Start;
  /** Hashes per second and watts at stock. */
  readonly stock: Sample;
  /** Least hashrate that the policy allows, H/s. */
  readonly floor: number;
  /** It was killed and started again: the machine need not stand at its stock point. */
  readonly restarted: boolean;
}

export interface Sample {
  readonly rate: number;
  readonly power: number;
  /** Delivered over ideal. */
  readonly ratio: number;
  /** J per hash. */
  readonly cost: number;
  /** Relative standard error of the cost. */
  readonly error: number;
  /** Share of wrong nonces. */
  readonly wrong: number;
  /** Hottest chip at the end, Celsius. */
  readonly chip: number;
}

export const NOTHING: readonly Setting[] = [];

export function* wait(minutes: number): Script<Poll> {
  let poll: Poll = { refused: false };
  for (let minute = 0; minute < minutes; minute += 1) poll = yield NOTHING;
  return poll;
}

/** Sets, and asks again each minute while the machine refuses, as it does when it starts. */
export function* move(dial: Dial, point: Point): Script {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const poll = yield dial.settings(dial.fit(point));
    if (!poll.refused) return;
  }
}

/** Means over `minutes` of good readings, after `settle` minutes and after any time without mining. */
export function* measure(
  desk: Pick<Desk, "start">,
  settle: number,
  minutes: number,
): Script<Sample> {
  let waited = 0;
  const sums = emptySums();
  for (let minute = 0; sums.count < minutes && minute < 4 * (settle + minutes) + 60; minute += 1) {
    const { told } = yield NOTHING;
    if (told === undefined) continue;
    const hashing = told.activity?.value === "hashing";
    // A start in the middle of the measurement starts the wait anew.
    if (!hashing) waited = 0;
    else if (waited < settle) waited += 1;
    else add(sums, told);
    sums.errors.push(errorsOf(told));
  }
  return sampleOf(sums, desk.start.published.hashesPerNonce);
}

interface Sums {
  count: number;
  hashes: number;
  seconds: number;
  ideal: number;
  power: number;
  chip: number;
  readonly costs: number[];
  readonly errors: number[];
}

const emptySums = (): Sums => ({
  count: 0,
  hashes: 0,
  seconds: 0,
  ideal: 0,
  power: 0,
  chip: 0,
  costs: [],
  errors: [],
});

const errorsOf = (told: Telemetry): number =>
  told.boards.reduce((sum, board) => sum + (board.hardwareErrors?.value ?? 0), 0);

function add(sums: Sums, told: Telemetry): void {
  const rate = told.hashrate?.now;
  const power = told.power?.value;
  if (rate === undefined || power === undefined || rate.value <= 0) return;
  const seconds = rate.window / 1000;
  sums.count += 1;
  sums.hashes += rate.value * seconds;
  sums.seconds += seconds;
  sums.ideal += (told.hashrate?.ideal?.value ?? rate.value) * seconds;
  sums.power += power;
  sums.chip = told.temperature?.chip?.value ?? sums.chip;
  sums.costs.push(power / rate.value);
}

function sampleOf(sums: Sums, hashesPerNonce: number): Sample {
  const { count, costs, errors } = sums;
  const rate = sums.seconds > 0 ? sums.hashes / sums.seconds : 0;
  const power = count > 0 ? sums.power / count : Number.NaN;
  const mean = costs.reduce((sum, each) => sum + each, 0) / Math.max(1, count);
  const variance =
    costs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, count - 1);
  const recent = errors.slice(-count - 1);
  const wrong = (recent.at(-1) ?? 0) - (recent[0] ?? 0);
  return {
    rate,
    power,
    ratio: sums.ideal > 0 ? sums.hashes / sums.ideal : 0,
    cost: rate > 0 ? power / rate : Number.POSITIVE_INFINITY,
    error: mean > 0 ? Math.sqrt(variance / Math.max(1, count)) / mean : 1,
    wrong: sums.hashes > 0 ? (wrong * hashesPerNonce) / sums.hashes : 0,
    chip: sums.chip,
  };
}

/** The script begins when the machine has shown its stock point for `stockMinutes`. */
export function scripted(
  name: string,
  script: (desk: Desk) => Script,
  options: { readonly stockMinutes?: number } & Pick<Method, "fits" | "goals"> = {},
): Method {
  return {
    name,
    ...(options.goals === undefined ? {} : { goals: options.goals }),
    ...(options.fits === undefined ? {} : { fits: options.fits }),
    start: (start) => controller(start, script, options.stockMinutes ?? 10),
  };
}

function controller(
  start: Start,
  script: (desk: Desk) => Script,
  stockMinutes: number,
): Controller {
  let desk: Desk | undefined;
  const signal = new AbortController().signal;
  function* whole(): Script {
    desk ??= yield* readStock(start, stockMinutes);
    yield* script(desk);
  }
  let running = whole();
  running.next();
  let refused = false;
  return {
    turn: async () => {
      const told = await start.session.read(signal).catch(deviceErrorOnly);
      const poll: Poll = told === undefined ? { refused } : { told, refused };
      refused = false;
      const { value, done } = running.next(poll);
      if (done === true || value === undefined || value.length === 0) return;
      const receipt = await start.session.write(value, signal).catch(deviceErrorOnly);
      refused = receipt === undefined;
    },
    // These tools keep no memory beyond their settings: a new run begins where the machine stands.
    restart: () => {
      if (desk !== undefined) desk = { ...desk, restarted: true };
      running = whole();
      running.next();
    },
  };
}

function* readStock(start: Start, minutes: number): Script<Desk> {
  let dial: Dial | undefined;
  while (dial === undefined) {
    const { told } = yield NOTHING;
    if (told !== undefined) dial = dialOf(told, start.published);
  }
  const stock = yield* measure({ start }, 0, minutes);
  const floor = start.policies.tuning.hashrateFloor * stock.rate;
  return { dial, start, stock, floor, restarted: false };
}

function deviceErrorOnly(error: unknown): undefined {
  if (!(error instanceof DeviceError)) throw error;
}
