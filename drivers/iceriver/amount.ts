// The panel's own ways to write rates and times.

import { toNumber, toText } from "../contract/decoding.ts";
import { scaled } from "../contract/quantities.ts";

const LETTERS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** Hashes per second of `1234.5 G` or `8.2T`; a bare number counts in the panel's `unit`. */
export function amountOf(raw: unknown, unit: unknown): number | undefined {
  const bare = toNumber(raw);
  const text = toText(raw);
  const match = text === undefined ? null : /^(-?\d+(?:\.\d+)?)\s*([KMGTP])/i.exec(text);
  const letter = match?.[2] ?? toText(unit)?.charAt(0);
  const scale = letter === undefined ? undefined : LETTERS[letter.toUpperCase()];
  return scale === undefined ? undefined : scaled(match?.[1] ?? bare, scale);
}

/** Milliseconds of `d:h:m:s`. */
export function runtimeOf(raw: unknown): number | undefined {
  const parts = /^\s*(\d+):(\d+):(\d+):(\d+)\s*$/.exec(toText(raw) ?? "");
  if (parts === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  return scaled(((days * 24 + hours) * 60 + minutes) * 60 + seconds, 1000);
}
