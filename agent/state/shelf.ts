// What was learnt of other machines at an address, and under other firmware of the same one: put aside,
// and found again when they come back. Evidence of one says nothing of the other.

import type { Identity } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState, Unit } from "./device-state.ts";
import type { TuningState } from "./tuning.ts";
import { isAnother, isOtherFirmware } from "./unit.ts";

/** An upgrade, its return and a spare machine; flash is small. */
const MOST_SHELVED = 4;
/** Measurements of each that are kept: the first, to which all relates, and the newest. */
const MOST_EVIDENCE = 12;

/** Puts the present tuning aside, for the one that answers now. Undefined: it is the same one. */
export function exchanged(
  state: DeviceState,
  identity: Identity,
  now: EpochMs,
): (Pick<DeviceState, "shelf"> & { readonly tuning?: TuningState }) | undefined {
  const { unit, tuning } = state;
  if (unit === undefined) return undefined;
  const replaced = isAnother(unit, identity);
  if (!replaced && !isOtherFirmware(unit, identity)) return undefined;
  const others = (state.shelf ?? []).filter((each) => !isSameKey(each.unit, unit));
  const worth = tuning.evidence !== undefined || tuning.phase === "frozen";
  const shelf = worth ? [{ unit, tuning: putAside(tuning) }, ...others] : others;
  const known = others.find((each) => isOf(each.unit, identity, replaced));
  return {
    shelf: shelf.slice(0, MOST_SHELVED),
    ...(known === undefined ? {} : { tuning: takenUp(known.tuning, now) }),
  };
}

const KEY = ["model", "mac", "serial", "firmware", "firmwareVersion"] as const;

const isSameKey = (a: Unit, b: Unit): boolean => KEY.every((mark) => a[mark] === b[mark]);

/** Two machines of one model that tell neither MAC nor serial cannot be told apart: then it is not. */
function isOf(unit: Unit, identity: Identity, replaced: boolean): boolean {
  if (isAnother(unit, identity) || isOtherFirmware(unit, identity)) return false;
  const sure = (["mac", "serial"] as const).some(
    (mark) => unit[mark] !== undefined && unit[mark] === identity[mark],
  );
  return sure || !replaced;
}

function putAside(tuning: TuningState): TuningState {
  const { evidence, trial: _trial, best: _best, windowFrom: _window, ...whole } = tuning;
  const { demand: _demand, asleep: _asleep, ...rest } = whole;
  if (evidence === undefined) return rest;
  return {
    ...rest,
    evidence: [...evidence.slice(0, 1), ...evidence.slice(1).slice(1 - MOST_EVIDENCE)],
  };
}

/** Where the machine stands now, and how it does there, is measured before anything else. */
function takenUp(tuning: TuningState, now: EpochMs): TuningState {
  const { beforeHeat: _heat, heatStop: _stop, ...known } = tuning;
  const { failedRestores: _f, countedRestore: _c, ...rest } = known;
  const phase = tuning.phase === "frozen" ? "frozen" : "waiting";
  return { ...rest, phase, since: now, exhausted: {}, stepScale: {} };
}
