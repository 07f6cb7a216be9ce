// One method on one unit through one scenario: what it used, what it delivered, what it broke.

import type { Policies } from "../../config/policy.ts";
import type { DeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type Celsius, type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { MachineClass } from "./class.ts";
import { BenchMachine } from "./machine.ts";
import { type Method, published } from "./method.ts";

const MINUTE = 60_000;
const TURNS = 30;
export const BUCKET = TURNS * MINUTE;
const START = 1_800_000_000_000;
/** The first minute of every run: an hour at stock lies before it. */
export const BEGIN = START + 60 * MINUTE;
/** Delivered / ideal below this is an edge excursion. */
export const EDGE = 0.97;
/** Half a percent is within what the weather does to a machine at its floor. */
const FLOOR_GRAIN = 0.995;

export interface Course {
  readonly hours: number;
  readonly inlet: (at: EpochMs) => Celsius;
  readonly policies: Policies;
  readonly distort?: (telemetry: Telemetry, at: EpochMs) => Telemetry | DeviceError;
  /** Hours at which the machine reboots by itself, and at which the agent is killed. */
  readonly reboots?: readonly number[];
  readonly kills?: readonly number[];
  /** Hidden from the machine's interface: what time does to it. */
  readonly age?: (machine: BenchMachine, hours: number) => void;
}

/** Sums over one stretch of time: J, hashes and minutes. */
export interface Bucket {
  energy: number;
  hashes: number;
}

export interface UnitResult {
  readonly seed: number;
  readonly buckets: readonly Bucket[];
  /** Minutes at each of which a limit was broken, by limit. */
  readonly violations: Readonly<Record<string, number>>;
  /** Entries below the edge at a point that the method chose. */
  readonly excursions: number;
  /** Minutes since the start of each accepted write. */
  readonly writes: readonly number[];
  readonly deadMinutes: number;
  /** Stops of mining that a write caused. */
  readonly restarts: number;
  /** Minutes of mining below the hashrate floor of the policy. */
  readonly minutesBelow: number;
  /** Milliseconds of one turn, mean of each bucket, the reading of the machine included. */
  readonly cpu: readonly number[];
  readonly words: string;
}

export async function runUnit(
  kind: MachineClass,
  seed: number,
  course: Course,
  method: Method,
): Promise<UnitResult> {
  let time = START;
  const now = () => epochMs(time);
  const machine = new BenchMachine(kind, {
    seed,
    now,
    inlet: course.inlet,
    ...(course.distort === undefined ? {} : { distort: course.distort }),
  });
  const stockRatio = warmUp(machine, (minutes) => {
    time += minutes * MINUTE;
  });
  const began = time;
  const controller = method.start({
    session: machine,
    policies: course.policies,
    now,
    seed,
    family: kind.family,
    published: published(kind),
  });
  const meter = createMeter(machine, course.policies, stockRatio);
  const cpu: number[] = [];
  const due = (hours: readonly number[] | undefined, minute: number) =>
    hours?.some((hour) => Math.round(hour * 60) === minute) === true;
  for (let minute = 1; minute <= course.hours * 60; minute += 1) {
    time = began + minute * MINUTE;
    course.age?.(machine, minute / 60);
    if (due(course.reboots, minute)) machine.reboot();
    if (due(course.kills, minute)) controller.restart?.();
    machine.advance();
    const writes = machine.writes;
    const start = performance.now();
    await controller.turn();
    const bucket = Math.floor(((minute - 1) * MINUTE) / BUCKET);
    cpu[bucket] = (cpu[bucket] ?? 0) + (performance.now() - start) / TURNS;
    meter.record(minute, machine.writes > writes);
  }
  return { seed, ...meter.result(), cpu, words: controller.words?.() ?? "" };
}

/** An hour at stock, so that nothing is measured of the start itself. Delivered / ideal at its end. */
function warmUp(machine: BenchMachine, pass: (minutes: number) => void): number {
  pass(60);
  machine.advance();
  return ratioOf(machine);
}

function ratioOf(machine: BenchMachine): number {
  const { boards } = machine.plant.truth;
  const ideal = boards.reduce((sum, board) => sum + board.ideal, 0);
  return boards.reduce((sum, board) => sum + board.hashrate, 0) / ideal;
}

function createMeter(machine: BenchMachine, policies: Policies, stockRatio: number) {
  const buckets: Bucket[] = [];
  const violations: Record<string, number> = {};
  const writes: number[] = [];
  const stock = machine.plant.spec.stock;
  // A unit that the factory sold below the edge is not the method's doing.
  const edge = Math.min(EDGE, stockRatio - 0.005);
  const floor = policies.tuning.hashrateFloor * machine.plant.truth.hashrate;
  let excursions = 0;
  let below = false;
  let deadMinutes = 0;
  let restarts = 0;
  let minutesBelow = 0;
  let wasHashing = true;
  const broken = (limit: string) => {
    violations[limit] = (violations[limit] ?? 0) + 1;
  };
  return {
    record(minute: number, wrote: boolean): void {
      const { truth } = machine.plant;
      if (wrote) writes.push(minute);
      const bucket = bucketAt(buckets, Math.floor(((minute - 1) * MINUTE) / BUCKET));
      bucket.energy += truth.wallPower * 60;
      bucket.hashes += truth.hashrate * 60;
      if (wrote && !truth.hashing && wasHashing) restarts += 1;
      wasHashing = truth.hashing;
      if (!truth.hashing) {
        deadMinutes += 1;
        return;
      }
      if (truth.hashrate < floor * FLOOR_GRAIN) minutesBelow += 1;
      const chosen = writes.length > 0;
      const under = chosen && ratioOf(machine) < edge;
      if (under && !below) excursions += 1;
      below = under;
      const { safety, tuning } = policies;
      const hottest = Math.max(...truth.boards.map((board) => board.chipTemperature));
      if (chosen && hottest > safety.chipMaxCelsius) broken("chip temperature");
      if (tuning.allowAboveStock) return;
      for (const board of truth.boards) {
        if (board.voltage > stock.voltage + 1) broken("voltage above stock");
        if (board.frequency > stock.frequency + 1) broken("frequency above stock");
      }
    },
    result: () => ({
      buckets,
      violations,
      excursions,
      writes,
      restarts,
      deadMinutes,
      minutesBelow,
    }),
  };
}

function bucketAt(buckets: Bucket[], index: number): Bucket {
  for (let next = buckets.length; next <= index; next += 1) buckets.push({ energy: 0, hashes: 0 });
  return buckets[index] as Bucket;
}
