// Codes of `getErrorDetail`, as a public library of fleet tools lists them.

import { toNumber, toText } from "../contract/decoding.ts";
import type { MachineFault } from "../contract/telemetry.ts";
import type { ErrorDetail } from "./wire.ts";

const TEXTS: { readonly [Code in number]?: string } = {
  21: "the plug of a hash board is not detected",
  22: "no I2C answer of the power supply",
  23: "SPI blocked on all hash boards",
  24: "SPI missing on some hash boards",
  25: "setting the frequency failed",
  26: "setting the voltage failed",
  27: "self-test of the chips failed",
  28: "SPI of a hash board is abnormal",
  29: "no I2C answer of the power supply",
  30: "no pool is reachable",
  31: "single chips are damaged",
  32: "shut down for over-temperature",
  33: "hash board fault",
  34: "data cables are in the wrong order",
  35: "no output of the power supply",
  36: "hash board fault",
  37: "control board and hash boards do not match",
  40: "output of the power supply is abnormal",
  41: "output of the power supply is abnormal",
  42: "hash board fault",
};

/** None for code 0 and for an answer without a code. */
export function decodeFaults(detail: ErrorDetail | undefined): readonly MachineFault[] {
  const code = toNumber(detail?.code);
  if (code === undefined || code === 0) return [];
  const said = toText(detail?.errmsg);
  return [{ code: String(code), text: TEXTS[code] ?? said ?? "a code without a known meaning" }];
}
