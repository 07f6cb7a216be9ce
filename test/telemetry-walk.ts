// A walk over everything that a reading says: what is no number, what was made up, what could upset a
// terminal.

import type { Telemetry } from "../drivers/contract/telemetry.ts";

type Leaves = ReadonlyMap<string, unknown>;

/** Every value that is no object, by its path: `boards.0.hashrate.value`. */
export function leavesOf(telemetry: Telemetry): Leaves {
  const leaves = new Map<string, unknown>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) leaves.set(path, value);
    else {
      const dot = path === "" ? "" : ".";
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}${dot}${key}`);
    }
  };
  visit(telemetry, "");
  return leaves;
}

/** Which board, fan or pool it is: a place where none was read, and no reading. */
const PLACE = /\.index$/;

/**
 * What a reading with a fault says and must not: NaN and infinity, null, a zero where the faultless
 * reading has another number or nothing, and control characters in a text.
 */
export function madeUp(telemetry: Telemetry, faultless: Telemetry): string[] {
  const known = leavesOf(faultless);
  return [...leavesOf(telemetry)].flatMap(([path, value]) => {
    const wrong =
      value === null ||
      (typeof value === "number" && !Number.isFinite(value)) ||
      (value === 0 && known.get(path) !== 0 && !PLACE.test(path)) ||
      (typeof value === "string" && /\p{Cc}/u.test(value));
    return wrong ? [`${path} = ${JSON.stringify(value) ?? String(value)}`] : [];
  });
}
