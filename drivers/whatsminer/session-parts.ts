// What the sessions of all API versions have in common.

import type { Receipt } from "../contract/driver.ts";
import type { DeviceError } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";

export const problemOf = (error: DeviceError, source: string): ReadProblem => ({
  code: error.code,
  source,
  message: error.message,
});

/** One without an answer leaves the whole unknown. */
export function joinReceipts(receipts: readonly Receipt[]): Receipt {
  return {
    answer: receipts.some(({ answer }) => answer === "silent") ? "silent" : "accepted",
    detail: receipts.map(({ detail }) => detail).join("; "),
  };
}
