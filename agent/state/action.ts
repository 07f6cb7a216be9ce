// What the agent wants a machine to do, and what became of it.

import type { Lever, Setting, SettingValues } from "../../drivers/contract/controls.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";

/** `tune` tries a point; `protect` lowers heat or load; `restore` returns to a known good point. */
export type Purpose = "tune" | "protect" | "restore" | "operator";

export interface Action {
  readonly device: string;
  readonly at: EpochMs;
  readonly purpose: Purpose;
  readonly settings: readonly Setting[];
  /** For people, in words and figures. */
  readonly reason: string;
}

declare const approved: unique symbol;
/** Made by decide/guard.ts alone; nothing else may be sent to a machine. */
export type Approved<Value> = Value & { readonly [approved]: true };

/**
 * `applied`: read back and its effect seen. `ignored`: the machine said yes and nothing changed.
 * `rejected`: it said no. `unknown`: it could not be read back in time.
 */
export type Verdict = "applied" | "ignored" | "rejected" | "unknown";

/**
 * An operating point: what each lever of this machine is set to, and whether the firmware's own
 * governor is on, because it would move the levers.
 */
export type Point = { readonly [Name in Lever | "autotune"]?: SettingValues[Name] };
