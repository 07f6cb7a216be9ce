// What a unit measures of itself: watts and nonces.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Plant } from "../sim/plant.ts";
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

/** Hashes per second since the last reading, from counted nonces; the window in ms. */
export function createNonceCounter(plant: Plant, start: EpochMs) {
  let counted = 0;
  let countedAt = start;
  return (now: EpochMs): { readonly rate: number; readonly window: number } => {
    let all = 0;
    for (let board = 0; board < plant.spec.boards; board += 1) all += plant.counted(board);
    const window = Math.max(1, now - countedAt);
    const rate = ((all - counted) / window) * 1000;
    counted = all;
    countedAt = now;
    return { rate, window };
  };
}
