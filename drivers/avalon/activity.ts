// What the machine is doing, in its own words.

import type { Activity } from "../contract/telemetry.ts";
import type { AvalonGeneration } from "../hardware/avalon.ts";
import { figureOf, supplyOf } from "./module-text.ts";
import { type Module, PS } from "./wire.ts";

const STATES = ["init", "work", "idle", "fault"] as const;

export function activityOf(
  module: Module,
  generation: AvalonGeneration | undefined,
): Activity | undefined {
  switch (stateOf(module)) {
    case "init":
      return "starting";
    case "idle":
      // Idle though switched on: it waits for a pool.
      return figureOf(module.SoftOFF) === 0 ? "stopped" : "sleeping";
    case "fault":
      return "stopped";
    case "work":
      if (generation !== 3 && hashPowerOff(module)) return "sleeping";
      return isSettled(module) ? "hashing" : "ramping";
    case undefined:
      // Gen 1 and Nano 3 have no such word.
      return (figureOf(module.GHSmm) ?? figureOf(module.GHSspd) ?? 0) > 0 ? "hashing" : undefined;
  }
}

function stateOf(module: Module): (typeof STATES)[number] | undefined {
  const word = /Work:\s*In\s+(\w+)/i.exec(module.SYSTEMSTATU ?? "")?.[1]?.toLowerCase();
  const named = STATES.find((state) => state === word);
  const number = figureOf(module.STATE);
  return named ?? (number === undefined ? undefined : STATES[number]);
}

/** `hashpower,0` of A10 to A14 cuts the rail of the boards and nothing else. */
function hashPowerOff(module: Module): boolean {
  const supply = supplyOf(module);
  return supply[PS.current] === 0 && supply[PS.output] === 0;
}

/** Builds without ADJ do not tune by themselves. */
function isSettled(module: Module): boolean {
  const tuned = figureOf(module.ADJ);
  return (tuned === undefined || tuned === 1) && figureOf(module.GHSmm) !== 0;
}
