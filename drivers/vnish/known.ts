// What the machine has said so far, each answer with the time it came.

import type { EpochMs } from "../contract/units.ts";
import type { FactoryInfo, Info, PerfSummary, Presets, Settings, Status, Summary } from "./wire.ts";
import type { ChipReport } from "./wire-chips.ts";

export interface Heard<What> {
  readonly answer: What;
  readonly at: EpochMs;
}

export interface Reports {
  readonly summary: Summary;
  readonly status: Status;
  readonly perf: PerfSummary;
  readonly settings: Settings;
  readonly presets: Presets;
  readonly info: Info;
  readonly factory: FactoryInfo;
  readonly chips: ChipReport;
  /** Seconds since the miner program started, from TCP 4028. */
  readonly elapsed: number;
}

export type Known = { readonly [Name in keyof Reports]?: Heard<Reports[Name]> };

/** Path of each answer, as the source of its readings. */
export const SOURCES: { readonly [Name in keyof Reports]: string } = {
  summary: "summary",
  status: "status",
  perf: "perf-summary",
  settings: "settings",
  presets: "autotune/presets",
  info: "info",
  factory: "chains/factory-info",
  chips: "chains",
  elapsed: "summary (4028)",
};

export const minerOf = (known: Known) => known.summary?.answer.miner;
export const overclockOf = (settings: Settings | undefined) => settings?.miner?.overclock;
