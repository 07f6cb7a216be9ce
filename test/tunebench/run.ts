// One method on one unit through one scenario: what it used, what it delivered, what it broke.

import type { DeviceError } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type Celsius, type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import { createCapWatch } from "./cap-watch.ts";
import type { MachineClass } from "./class.ts";
import { BenchMachine } from "./machine.ts";
import { bucketOf, createMeter, type Measured, MINUTE, ratioOf, TURNS } from "./meter.ts";
import { type Method, published } from "./method.ts";
import type { Demands, Policies } from "./site.ts";

const START = 1_800_000_000_000;
/** The first minute of every run: an hour at stock lies before it. */
export const BEGIN = START + 60 * MINUTE;

export interface Course {
  readonly hours: number;
  readonly inlet: (at: EpochMs) => Celsius;
  readonly policies: Policies;
  readonly demands?: Demands;
  readonly distort?: (telemetry: Telemetry, at: EpochMs) => Telemetry | DeviceError;
  /** Hours at which the machine reboots by itself, and at which the agent is killed. */
  readonly reboots?: readonly number[];
  readonly kills?: readonly number[];
  /** Hidden from the machine's interface: what time does to it. */
  readonly age?: (machine: BenchMachine, hours: number) => void;
}

export interface UnitResult extends Measured {
  readonly seed: number;
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
  const watch = course.demands && createCapWatch(machine, course.policies, course.demands);
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
    const bucket = bucketOf(minute);
    cpu[bucket] = (cpu[bucket] ?? 0) + (performance.now() - start) / TURNS;
    meter.record(minute, machine.writes > writes, watch?.record(minute, now()));
  }
  const backMinutes = watch?.back() ?? [];
  return { seed, ...meter.result(), backMinutes, cpu, words: controller.words?.() ?? "" };
}

/** An hour at stock, so that nothing is measured of the start itself. Delivered / ideal at its end. */
function warmUp(machine: BenchMachine, pass: (minutes: number) => void): number {
  pass(60);
  machine.advance();
  return ratioOf(machine);
}
