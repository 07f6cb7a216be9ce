// What a write is made of, and what of the machine it depends on.

import type { PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Megahertz, Millivolts } from "../contract/units.ts";

export interface CommandStep {
  readonly kind: "command";
  readonly command: string;
  /** Without the session id, which the sender puts in front. */
  readonly fields: readonly string[];
  /** Not before the ramp of frequencies is over. */
  readonly afterRamp?: true;
  /** A build without this command has nothing to switch. */
  readonly mayBeMissing?: true;
  /** The miner program ends with it, and the session too. */
  readonly ends?: true;
}

export interface PoolsStep {
  readonly kind: "pools";
  readonly pools: readonly PoolConfig[];
}

export type Step = CommandStep | PoolsStep;

/** What an order of requests depends on. */
export interface Present {
  /** Boards that hash, from 0. */
  readonly boards: readonly number[];
  /** One supply voltage feeds them all. */
  readonly singleVoltage: boolean;
  readonly frequency?: Megahertz;
  readonly voltage?: Millivolts;
  /** MHz of each of the boards from the frequency that they have in common. */
  readonly offsets?: readonly Megahertz[];
  /** Of each of the boards, MHz of each chip as it was told last, and from the mean of its board. */
  readonly chips?: {
    readonly clocks: readonly (readonly Megahertz[])[];
    readonly offsets: readonly (readonly Megahertz[])[];
  };
}

export function notOffered({ knob }: Setting): never {
  throw new DeviceError("INVALID_SETTING", `${knob}: not offered by this machine`);
}

export const command = (name: string, fields: readonly string[]): CommandStep => ({
  kind: "command",
  command: name,
  fields,
});
