// What can be set on a machine. A knob that is present works, within its envelope; one that is absent
// is not offered. Knobs are data: they travel in Telemetry, so that decisions need no session.

import type {
  Celsius,
  HashesPerSecond,
  Megahertz,
  Milliseconds,
  Millivolts,
  Percent,
  Watts,
} from "./units.ts";

/** What a write does to the machine, so that it can be scheduled and verified. */
export interface Effect {
  /** Longest time from the accepted write until set-point and physical effect can be seen. */
  readonly settles: Milliseconds;
  /** Mining stops and starts again. */
  readonly restarts: boolean;
  /** Survives a restart of the machine. */
  readonly persists: boolean;
}

export interface RangeKnob<Quantity extends number> {
  readonly min: Quantity;
  readonly max: Quantity;
  /** Smallest step that the firmware tells apart. */
  readonly step: Quantity;
  readonly effect: Effect;
}

/** One named operating point; figures are the vendor's labels, each absent when it names none. */
export interface Choice {
  readonly name: string;
  readonly frequency?: Megahertz;
  readonly voltage?: Millivolts;
  readonly power?: Watts;
  readonly hashrate?: HashesPerSecond;
  /** The firmware has finished its own tuning of this point, so a change to it is quick. */
  readonly tuned?: boolean;
}

export interface ChoiceKnob {
  /** In the order of rising power where that is known. */
  readonly choices: readonly Choice[];
  readonly effect: Effect;
}

export interface FanKnob extends RangeKnob<Percent> {
  /** The firmware can control its fans by itself again. */
  readonly auto: boolean;
}

/**
 * MHz by which parts of a machine run faster or slower than the common frequency, which stays their mean.
 * `min` and `max` bound each value; firmware that counts in its own steps rounds to `step`.
 */
export interface OffsetsKnob extends RangeKnob<Megahertz> {
  /** How many values each board takes, in the order of the boards: 1, or its chips. */
  readonly parts: readonly number[];
}

export interface SwitchKnob {
  readonly effect: Effect;
}

export interface PoolsKnob {
  readonly max: number;
  readonly effect: Effect;
}

export interface Controls {
  readonly frequency?: RangeKnob<Megahertz>;
  readonly voltage?: RangeKnob<Millivolts>;
  readonly powerLimit?: RangeKnob<Watts>;
  /** Share of the full, stabilised power; a quick and temporary throttle. */
  readonly powerPercent?: RangeKnob<Percent>;
  /** Offset of the target frequency from the factory's, in percent. */
  readonly frequencyOffset?: RangeKnob<Percent>;
  /** One a board, from the common frequency. `frequency` moves all and leaves them as they are. */
  readonly boardOffsets?: OffsetsKnob;
  /** One a chip in the order of the chain, by board; from the frequency of its board, so that a board's sum is 0. */
  readonly chipOffsets?: OffsetsKnob;
  readonly profile?: ChoiceKnob;
  readonly mode?: ChoiceKnob;
  /** The firmware's own governor, which would move a manual point back. */
  readonly autotune?: SwitchKnob;
  readonly fan?: FanKnob;
  /** Offset of the firmware's temperature target. */
  readonly temperatureOffset?: RangeKnob<Celsius>;
  readonly sleep?: SwitchKnob;
  readonly locate?: SwitchKnob;
  readonly pools?: PoolsKnob;
  readonly restart?: SwitchKnob;
  readonly reboot?: SwitchKnob;
}

export type KnobName = keyof Controls;

export interface PoolConfig {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** What each knob is set to. `restart` and `reboot` are events; they have no value to read back. */
export interface SettingValues {
  readonly frequency: Megahertz;
  readonly voltage: Millivolts;
  readonly powerLimit: Watts;
  readonly powerPercent: Percent;
  readonly frequencyOffset: Percent;
  readonly boardOffsets: readonly Megahertz[];
  readonly chipOffsets: readonly (readonly Megahertz[])[];
  readonly profile: string;
  readonly mode: string;
  readonly autotune: boolean;
  readonly fan: Percent | "auto";
  readonly temperatureOffset: Celsius;
  readonly sleep: boolean;
  readonly locate: boolean;
  readonly pools: readonly PoolConfig[];
  readonly restart: true;
  readonly reboot: true;
}

/** One wish for one knob. */
export type Setting = {
  readonly [Name in KnobName]: { readonly knob: Name; readonly value: SettingValues[Name] };
}[KnobName];

/** The knobs that make an operating point; a tuner moves them one at a time. */
export const LEVERS = [
  "voltage",
  "powerLimit",
  "profile",
  "mode",
  "frequency",
  "fan",
] as const satisfies readonly KnobName[];

export type Lever = (typeof LEVERS)[number];
