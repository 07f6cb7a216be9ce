// The power meter of a unit.

import { Random } from "../sim/random.ts";
import type { MachineClass } from "./class.ts";

export interface PowerMeter {
  /** Told over true watts, which nobody can know. */
  readonly scale: number;
  /** The rest of the sequence, for the noise of readings. */
  readonly random: Random;
}

export function drawMeter(kind: MachineClass, seed: number): PowerMeter {
  const random = new Random(seed ^ 0x706f7765);
  return { scale: 1 + random.normal(0, kind.powerBias), random };
}
