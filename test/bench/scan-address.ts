// Who lives where in the range that scripts/bench-scan sweeps: 127.78.0.0/22, 1022 addresses.

import { parseRange } from "../../agent/fleet/address-range.ts";
import { SIMULATED } from "../sim/simulated.ts";

export const RANGE = parseRange("127.78.0.0/22");

/** Two of each driver's machines, and two Whatsminers of API 3 whose port 4028 is closed. */
export const KINDS = [...Object.keys(SIMULATED), "whatsminer-v3"].flatMap((kind) => [kind, kind]);

/** So many accept every connection and never say a word. */
const MUTE = 8;
const TAKEN = KINDS.length + MUTE;
/** Spread over the whole range, the mute ones among the others. */
const places = Array.from({ length: TAKEN }, (_, index) =>
  Math.floor((index * RANGE.length) / TAKEN),
);
const at = (places: readonly number[]) => places.map((place) => RANGE[place] ?? "");

export const muteAddresses = at(places.filter((_, index) => index % 5 === 2));
export const machineAddresses = at(places.filter((_, index) => index % 5 !== 2));

/** Nothing comes back from these, not even a refusal; at all other empty addresses a refusal does. */
export function silentAddresses(share: number): string[] {
  const taken = new Set([...machineAddresses, ...muteAddresses]);
  const empty = RANGE.filter((address) => !taken.has(address));
  return empty.filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share));
}
