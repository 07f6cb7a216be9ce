// Is this still the machine that was learnt, or has another one taken its address?

import { present } from "../../drivers/contract/decoding.ts";
import type { Identity } from "../../drivers/contract/telemetry.ts";
import type { Unit } from "./device-state.ts";

const MARKS = ["model", "mac", "serial"] as const;
const FIRMWARE = ["firmware", "firmwareVersion"] as const;
const ALL = [...MARKS, ...FIRMWARE];

/** True when both tell the same mark, and tell it differently. */
export const isAnother = (known: Unit, identity: Identity): boolean =>
  MARKS.some(
    (mark) =>
      known[mark] !== undefined && identity[mark] !== undefined && known[mark] !== identity[mark],
  );

/** True when the firmware, or its version, is told and is another one than before. */
export const isOtherFirmware = (known: Unit, identity: Identity): boolean =>
  FIRMWARE.some(
    (mark) =>
      known[mark] !== undefined && identity[mark] !== undefined && known[mark] !== identity[mark],
  );

/** What is known of the unit after this reading; the same object when nothing is new. */
export function unitAfter(known: Unit | undefined, identity: Identity): Unit {
  if (known !== undefined && ALL.every((mark) => known[mark] === (identity[mark] ?? known[mark])))
    return known;
  const { model, mac, serial, firmware, firmwareVersion } = identity;
  return { ...known, ...present({ model, mac, serial, firmware, firmwareVersion }) };
}
