// Small tools of every decode.ts: from loose wire values to readings, absent when not believable.

import type { Quality, Reading } from "./telemetry.ts";
import type { EpochMs } from "./units.ts";

/** Above every quantity of a machine, and so far below the largest number that no scale or sum gets there. */
const ABSURD = 1e100;

/**
 * A number from a number or a numeric string; undefined for everything else, "" and absurd figures
 * (beyond 1e100) included.
 */
export function toNumber(raw: unknown): number | undefined {
  if (typeof raw !== "number" && (typeof raw !== "string" || raw.trim() === "")) return undefined;
  const value = Number(raw);
  return Math.abs(value) < ABSURD ? value : undefined;
}

/**
 * Trimmed text without control characters, which would act on the terminal that shows it; undefined for
 * "", for anything but a string.
 */
export function toText(raw: unknown): string | undefined {
  if (typeof raw !== "string") return undefined;
  const text = raw.replace(/\p{Cc}/gu, "").trim();
  return text === "" ? undefined : text;
}

/** `true`, `"true"`, `1`, `"1"`, `"Y"`, `"enable"` and their opposites; undefined for the rest. */
export function toBoolean(raw: unknown): boolean | undefined {
  const word = typeof raw === "string" ? raw.trim().toLowerCase() : raw;
  if (word === true || word === 1 || word === "true" || word === "1" || word === "y") return true;
  if (word === false || word === 0 || word === "false" || word === "0" || word === "n") {
    return false;
  }
  if (word === "enable" || word === "on") return true;
  if (word === "disable" || word === "off") return false;
  return undefined;
}

/** Upper-case and colon-separated; undefined for masked, broken or all-zero addresses. */
export function toMac(raw: unknown): string | undefined {
  const hex = toText(raw)?.replaceAll(/[:-]/g, "").toUpperCase();
  if (hex === undefined || !/^[0-9A-F]{12}$/.test(hex) || /^0+$/.test(hex)) return undefined;
  return hex.match(/../g)?.join(":");
}

/** What a table says to a machine's word; undefined for `constructor` and whatever else it does not have. */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  word: string | undefined,
): Value | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Makes readings of one answer: `const read = reader("summary", at); read(watts, raw.Power)`. */
export function reader(source: string, at: EpochMs) {
  return <Value extends number>(
    make: (value: number) => Value,
    raw: unknown,
    quality: Quality = "ok",
  ): Reading<Value> | undefined => {
    const number = toNumber(raw);
    if (number === undefined) return undefined;
    const value = make(number);
    // An absurd figure may overflow when it is scaled to our unit.
    return Number.isFinite(value) ? { value, at, source, quality } : undefined;
  };
}

/** A reading of a value that is not a number. */
export function readingOf<Value>(
  value: Value | undefined,
  source: string,
  at: EpochMs,
): Reading<Value> | undefined {
  return value === undefined ? undefined : { value, at, source, quality: "ok" };
}

type Present<Fields> = {
  [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key];
} & {
  [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: NonNullable<Fields[Key]>;
};

/** Drops keys whose value is undefined, so that absent means absent. Gives a complete object back as it is. */
export function present<Fields extends object>(fields: Fields): Present<Fields> {
  // Every reading makes dozens of these: nothing is copied when all is there, nor by way of entries.
  for (const key in fields) {
    if (fields[key] === undefined) return withoutAbsent(fields);
  }
  return fields as Present<Fields>;
}

function withoutAbsent<Fields extends object>(fields: Fields): Present<Fields> {
  const kept: Partial<Fields> = {};
  for (const key in fields) {
    if (fields[key] !== undefined) kept[key] = fields[key];
  }
  // The loop has left out what Present makes optional, which TypeScript cannot follow.
  return kept as unknown as Present<Fields>;
}

/** The same, and undefined when nothing is left. */
export function presentOrNone<Fields extends object>(fields: Fields): Present<Fields> | undefined {
  const kept = present(fields);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** The reading with the largest value; implausible ones do not count. */
export function hottest<Value extends number>(
  readings: readonly (Reading<Value> | undefined)[],
): Reading<Value> | undefined {
  let best: Reading<Value> | undefined;
  for (const reading of readings) {
    if (reading === undefined || reading.quality === "implausible") continue;
    if (best === undefined || reading.value > best.value) best = reading;
  }
  return best;
}
