// Offsets of boards or chips as tables of numbers, one row a board: how they are checked, compared, told.

import type { OffsetsKnob, SettingValues } from "./controls.ts";

export type OffsetsName = "boardOffsets" | "chipOffsets";

/** MHz from the common frequency; a row holds one value, or one a chip. */
export type OffsetTable = readonly (readonly number[])[];

/** Undefined when it is neither numbers nor rows of numbers. */
export function offsetTable(value: unknown): OffsetTable | undefined {
  if (!Array.isArray(value)) return undefined;
  const rows: unknown[][] = value.map((row: unknown) => (Array.isArray(row) ? row : [row]));
  return rows.every((row): row is number[] => row.every(Number.isFinite)) ? rows : undefined;
}

/** In the shape that the knob takes. */
export function offsetsFrom<Name extends OffsetsName>(
  name: Name,
  table: OffsetTable,
): SettingValues[Name] {
  const value = name === "boardOffsets" ? table.map((row) => row[0] ?? 0) : table;
  return value as SettingValues[Name];
}

/** What is wrong with a wish: its shape, a value beyond the knob, a mean that moves; undefined: nothing. */
export function offsetsObjection(value: unknown, knob: OffsetsKnob): string | undefined {
  const table = offsetTable(value);
  const shape = knob.parts.join(" + ");
  if (
    table === undefined ||
    table.length !== knob.parts.length ||
    table.some((row, board) => row.length !== knob.parts[board])
  ) {
    return `expected ${shape} numbers, one row a board`;
  }
  const all = table.flat();
  if (all.some((each) => each < knob.min || each > knob.max)) {
    return `expected ${knob.min} to ${knob.max} MHz each`;
  }
  // Chips balance within their board, boards among themselves.
  const sums = knob.parts.some((parts) => parts > 1) ? table.map(sum) : [sum(all)];
  return sums.some((each) => Math.abs(each) > knob.step / 2)
    ? "expected offsets whose sum is 0: the common frequency is another knob"
    : undefined;
}

export function sameOffsets(a: unknown, b: unknown, tolerance: number): boolean {
  const [one, other] = [offsetTable(a), offsetTable(b)];
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  return one.every((row, board) => {
    const row2 = other[board];
    return (
      row2?.length === row.length &&
      row.every((each, part) => Math.abs(each - (row2[part] ?? Number.NaN)) <= tolerance)
    );
  });
}

/** `-12, +4, +8 MHz`; of chips their extent: `231 values from -40 to +35 MHz`. */
export function describeOffsets(value: unknown): string {
  const all = offsetTable(value)?.flat() ?? [];
  const say = (each: number) => `${each > 0 ? "+" : ""}${Math.round(each * 10) / 10}`;
  if (all.length <= 6) return `${all.map(say).join(", ")} MHz`;
  return `${all.length} values from ${say(Math.min(...all))} to ${say(Math.max(...all))} MHz`;
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
