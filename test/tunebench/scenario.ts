// What a scenario is.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { MachineClass } from "./class.ts";
import { BEGIN, type Course } from "./run.ts";
import type { Demands } from "./site.ts";
import { type Aged, NEW } from "./steady.ts";

export interface Conditions extends Aged {
  /** Celsius. */
  readonly inlet: number;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly hours: number;
  /** Hours between the points at which stock and oracle are computed; absent where nothing varies. */
  readonly knot?: number;
  readonly at: (hour: number, kind: MachineClass) => Conditions;
  /** The class as this scenario has it; undefined where the scenario says nothing about it. */
  readonly change?: (kind: MachineClass) => MachineClass | undefined;
  readonly faults?: (
    kind: MachineClass,
    seed: number,
  ) => Pick<Course, "distort" | "kills" | "reboots">;
  /** Absent: least J per hash, no cap. */
  readonly demands?: (kind: MachineClass, seed: number) => Demands;
}

export const DAY = 24;
export const hourOf = (at: EpochMs): number => Math.max(0, (at - BEGIN) / 3_600_000);
export const steady = (): Conditions => ({ ...NEW, inlet: 25 });
