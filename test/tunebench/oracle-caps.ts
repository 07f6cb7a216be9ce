// Under which caps the oracle chooses: those of every method, and what gives way where nothing keeps them.

import type { Policies } from "../../config/policy.ts";
import { EDGE } from "./meter.ts";
import type { Best, Caps } from "./oracle.ts";
import type { Steady } from "./steady.ts";

/** Least share of the ideal hashrate: no more than stock delivers of it. */
export const ratioFloorOf = (stock: Steady, floor = EDGE): number =>
  Math.min(floor, stock.ratio - 0.001);

/** The temperatures at which the product steps power down: no method may rest above them. */
export function capsOf(policies: Policies): Caps {
  return {
    hashrateFloor: policies.tuning.hashrateFloor,
    ratioFloor: EDGE,
    chip: policies.safety.chipSoftCelsius,
    board: policies.safety.boardMaxCelsius - 3,
  };
}

/**
 * Where no point at all keeps the caps: as much of the ideal hashrate as stock delivers is enough, and as
 * warm as stock is warm enough while that is below the stop (fans hold a temperature, whatever the power);
 * only then the hashrate floor gives way to the heat, as the product's own protection has it.
 */
export function firstAllowed(
  best: (caps: Caps) => Best,
  caps: Caps,
  stock: Steady,
  stopCelsius: number,
): Best {
  const strict = best(caps);
  if (strict.allowed) return strict;
  const ratioFloor = ratioFloorOf(stock, caps.ratioFloor);
  const chip = stock.chip < stopCelsius ? Math.max(caps.chip, stock.chip + 0.1) : caps.chip;
  let found = strict;
  for (let floor = caps.hashrateFloor; floor > 0.2 && !found.allowed; floor -= 0.05) {
    found = best({ ...caps, ratioFloor, chip, hashrateFloor: floor });
  }
  return found;
}
