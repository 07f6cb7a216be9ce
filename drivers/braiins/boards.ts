// Which of its places a board sits in, whatever the release counts from.

import { toNumber } from "../contract/decoding.ts";

/** Connectors of an S9 are 6 to 8; of all others 1 to 3, on some old builds 0 to 2. */
const S9_FIRST = 6;

/** Places from 0, in the order of the ids given; undefined for an id that is no number. */
export function placesOf(ids: readonly unknown[]): (number | undefined)[] {
  const numbers = ids.map(toNumber);
  const known = numbers.filter((id) => id !== undefined && Number.isInteger(id) && id >= 0);
  const lowest = Math.min(...known.map(Number));
  const first = lowest >= S9_FIRST ? S9_FIRST : Math.min(lowest, 1);
  return numbers.map((id) =>
    id === undefined || !Number.isInteger(id) || id < 0 ? undefined : id - first,
  );
}
