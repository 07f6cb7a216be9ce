// The classes of machines on the bench: which physics, and what the firmware lets a tuner turn.

import type { PlantSpec } from "../sim/plant.ts";
import type { Spread } from "../sim/plant-unit.ts";

/** Named operating point of a firmware: MHz and board mV. */
export interface Preset {
  readonly name: string;
  readonly frequency: number;
  readonly voltage: number;
  /** The firmware has tuned it before, so that a change to it is quick. */
  readonly tuned: boolean;
}

export type Interface =
  /** Frequency and voltage. */
  | { readonly kind: "manual"; readonly voltageStep: number; readonly frequencyStep: number }
  /** The same, and each board and chip up to `offsetMax` MHz apart from the common frequency. */
  | {
      readonly kind: "per-chip";
      readonly voltageStep: number;
      readonly frequencyStep: number;
      readonly offsetStep: number;
      readonly offsetMax: number;
    }
  /** One of a few operating points, the stock point among them, in the order of rising power. */
  | { readonly kind: "presets"; readonly presets: readonly Preset[]; readonly stock: string }
  /** Watts at the wall; the firmware follows its own line of voltage over frequency, mV per MHz. */
  | { readonly kind: "power-limit"; readonly slope: number; readonly step: number };

export interface MachineClass {
  /** `C`. */
  readonly id: string;
  readonly title: string;
  /** Chip family; the tuner's prior for this class is made without it. */
  readonly family: string;
  readonly spec: PlantSpec;
  readonly spread: Spread;
  readonly interface: Interface;
  /** Whose watts the machine reports: of the supply's input or of the board. */
  readonly basis: "psu" | "board";
  /** Relative standard deviation of one power reading. */
  readonly powerNoise: number;
  /** Relative standard deviation of the scale of the power meter between units. */
  readonly powerBias: number;
  /** Mining stops for so long with each change, seconds. */
  readonly deadTime: number;
  /** The same for a preset that the firmware has not tuned yet. */
  readonly untunedDeadTime: number;
  /** From waking until mining, seconds, on top of deadTime; absent: the firmware offers no sleep. */
  readonly wakeTime?: number;
}
