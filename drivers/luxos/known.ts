// What the machine has said so far, each answer with the time it came.

import type { EpochMs, Millivolts } from "../contract/units.ts";
import type { ChipTable } from "./chips.ts";
import type { Report, ReportName } from "./wire.ts";

export interface Heard<What> {
  readonly answer: What;
  readonly at: EpochMs;
}

export interface Known {
  readonly reports: { readonly [Name in ReportName]?: Heard<Report<Name>> | undefined };
  /** By board, from 0. */
  readonly voltages: ReadonlyMap<number, Heard<Millivolts>>;
  /** By board, from 0; empty but for a machine at a manual point. */
  readonly chips: ReadonlyMap<number, Heard<ChipTable>>;
}
