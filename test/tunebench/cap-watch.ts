// Whether a machine keeps what site and market ask for, minute by minute, from the truth.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { BenchMachine } from "./machine.ts";
import { type Demands, decibelsAt, limitsAt, type Policies } from "./site.ts";

/** Of the watts: the machine's own meter is noisy and whole watts are told. */
const POWER_TOLERANCE = 1.02;
/** dB. */
const NOISE_TOLERANCE = 1;
/** Share of the hashrate from before a call at which the machine is back. */
const BACK = 0.98;
/** Minutes before a call over which that hashrate is taken. */
const BEFORE = 30;

export interface CapWatch {
  /** The caps that are broken in this minute, after their grace. */
  record(minute: number, now: EpochMs): readonly string[];
  /** Minutes from the end of each call until the machine was back. */
  back(): readonly number[];
}

export function createCapWatch(
  machine: BenchMachine,
  policies: Policies,
  demands: Demands,
): CapWatch {
  const found = machine.toldWatts;
  const { graceMinutes } = demands;
  const power = createGrace(graceMinutes.power);
  const noise = createGrace(graceMinutes.noise);
  const normal = { rate: Number.POSITIVE_INFINITY };
  const calls = (demands.curtailments ?? []).map((call) => createCall(call.from, call.to, normal));
  return {
    record: (minute, now) => {
      const limits = limitsAt(policies, now, found);
      const { hashrate } = machine.plant.truth;
      for (const call of calls) call.record(minute, hashrate);
      const loud = decibelsAt(policies.tuning.fullSpeedDecibels, flowOf(machine));
      const broken: string[] = [];
      const most = limits.power ?? Number.POSITIVE_INFINITY;
      if (power(machine.toldWatts > floorAsleep(machine, most) * POWER_TOLERANCE))
        broken.push("power cap");
      if (noise(loud > (limits.decibels ?? Number.POSITIVE_INFINITY) + NOISE_TOLERANCE))
        broken.push("noise cap");
      return broken;
    },
    back: () => calls.map((call) => call.minutes()),
  };
}

/** What is not hashing draws what its controller needs, whatever was asked. */
const floorAsleep = (machine: BenchMachine, watts: number): number =>
  machine.plant.truth.hashing ? watts : Number.POSITIVE_INFINITY;

function flowOf({ plant }: BenchMachine): number {
  const speeds = plant.truth.fans.map((fan) => fan.rpm / plant.spec.fans.maxRpm);
  return Math.max(0, ...speeds);
}

/** True in the minutes after `most` on end. */
function createGrace(most: number): (above: boolean) => boolean {
  let minutes = 0;
  return (above) => {
    minutes = above ? minutes + 1 : 0;
    return minutes > most;
  };
}

/**
 * `normal` is the least hashrate before any call so far: who comes back to more than it had, and then to
 * what it had, is back.
 */
function createCall(from: number, to: number, normal: { rate: number }) {
  const start = Math.round(from * 60);
  const end = Math.round(to * 60);
  let sum = 0;
  let last = end;
  let back: number | undefined;
  return {
    record: (minute: number, rate: number) => {
      last = minute;
      if (minute > start - BEFORE && minute <= start) sum += rate;
      if (minute === start) normal.rate = Math.min(normal.rate, sum / BEFORE);
      if (minute > end && back === undefined && rate >= BACK * normal.rate) back = minute - end;
    },
    /** Until the end of the run where it never came back. */
    minutes: (): number => back ?? last - end,
  };
}
