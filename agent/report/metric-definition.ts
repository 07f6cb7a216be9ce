// How a line of the metric tables is written.

import type { Algorithm } from "../../drivers/contract/algorithm.ts";
import type { Quality } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { Deadband } from "./sample.ts";
import type { Datatype, MetricValue } from "./sparkplug/datatype.ts";

/** Smallest changes worth a message: about the noise of the sensors of today's machines. */
export const DEADBANDS = {
  rate: { relative: 0.01 },
  power: { relative: 0.005, absolute: 5 },
  efficiency: { relative: 0.005 },
  temperature: { absolute: 0.5 },
  speed: { relative: 0.02, absolute: 30 },
  duty: { absolute: 1 },
  /** Reports of a start time wobble by the age of the answer. */
  time: { absolute: 60_000 },
  gain: { absolute: 0.1 },
  words: { words: true },
} as const satisfies Record<string, Deadband>;

/** A value with the time of its capture; without a time it is as old as the reading it came with. */
export interface Read {
  readonly value: MetricValue | undefined;
  readonly at?: EpochMs | undefined;
  /** Absent for what the agent itself knows. */
  readonly quality?: Quality;
}

export interface MetricDefinition<Source> {
  readonly name: string;
  readonly type: Datatype;
  /** A text, or one that follows from the algorithm. */
  readonly unit?: string | ((algorithm: Algorithm | undefined) => string | undefined);
  readonly deadband?: Deadband;
  readonly read: (source: Source, state: DeviceState) => Read | undefined;
}
