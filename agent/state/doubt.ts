// A chip temperature that jumps while nothing else does: a sensor's fault, not heat.
//
// Chips that truly warm by 12 K draw some 10 % more at the same setting, and warm the board beside them.
// A reading that neither the board nor the watts bear out is doubted: it then counts as missing, and the
// board, whose own limits stay, stands in for it.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";

/** What was last believed before the jump, and where the jump led. */
export interface Doubt {
  readonly chip: number;
  readonly board: number;
  readonly power: number;
  readonly jumpedTo: number;
  readonly since: EpochMs;
}

/** K between two readings, up or down, and for how long they tell the same story. */
const JUMP = 12;
const LONGEST_APART = 2 * 60_000;
/** The witnesses stand still within this: whole degrees, and the jitter of watts. */
const BOARD_STILL = 2;
const POWER_STILL = 0.03;
/** A reading nearer than this to what the board suggests is believed again. */
const BACK_WITHIN = 6;
/** A fault is an offset; heat goes on rising. From here on it is believed, whatever the others tell. */
const RISES_ON = 4;
const BOARD_FOLLOWS = 4;
const POWER_FOLLOWS = 0.06;
/** Nothing that would destroy a chip, if it were true, is doubted. */
const NEVER_DOUBTED = 110;

interface Witnesses {
  readonly chip: number;
  readonly board: number;
  readonly power: number;
  readonly at: EpochMs;
}

/** Undefined: the reading is believed. `before`: the reading before it, as it was believed. */
export function doubtAfter(
  before: Telemetry | undefined,
  doubt: Doubt | undefined,
  telemetry: Telemetry,
): Doubt | undefined {
  const now = witnessesOf(telemetry);
  if (now === undefined || now.chip >= NEVER_DOUBTED) return undefined;
  if (doubt !== undefined) return stillDoubted(doubt, now) ? doubt : undefined;
  const last = before && witnessesOf(before);
  if (last === undefined || now.at - last.at > LONGEST_APART) return undefined;
  const jumped = Math.abs(now.chip - last.chip) >= JUMP;
  const still =
    Math.abs(now.board - last.board) <= BOARD_STILL &&
    Math.abs(now.power / last.power - 1) <= POWER_STILL;
  if (!jumped || !still) return undefined;
  const { at: _at, ...known } = last;
  return { ...known, jumpedTo: now.chip, since: now.at };
}

function stillDoubted(doubt: Doubt, now: Witnesses): boolean {
  const warmer = now.board - doubt.board;
  if (warmer >= BOARD_FOLLOWS || now.power / doubt.power - 1 >= POWER_FOLLOWS) return false;
  if (now.chip - doubt.jumpedTo >= RISES_ON) return false;
  return Math.abs(now.chip - doubt.chip - warmer) > BACK_WITHIN;
}

/** Undefined without a board and measured watts to contradict the chip, or while nothing is hashed. */
function witnessesOf({ at, activity, power, temperature }: Telemetry): Witnesses | undefined {
  const { chip, board } = temperature ?? {};
  const hashing = activity === undefined || activity.value === "hashing";
  if (!hashing || chip?.quality !== "ok" || board?.quality !== "ok") return undefined;
  // A formula knows nothing of heat, and board sensors alone lag behind.
  if (power?.quality !== "ok" || power.basis === "formula" || power.value <= 0) return undefined;
  return { at, chip: chip.value, board: board.value, power: power.value };
}
