// Answers as a broken or changed firmware might give them.

import fc from "fast-check";

type Path = readonly (string | number)[];

const JUNK: readonly unknown[] = [
  null,
  "NaN",
  "nan",
  "",
  " ",
  "abc",
  -1,
  0,
  1e308,
  "1e999",
  true,
  [],
  {},
  [null],
  [[]],
  { value: null },
];

/** Up to four places of the value replaced by junk, or dropped. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  const paths = pathsOf(value);
  const change = fc.record({
    path: fc.constantFrom(...paths),
    junk: fc.option(fc.constantFrom(...JUNK), { nil: undefined }),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((copy, { path, junk }) => replace(copy, path, junk), value));
}

function pathsOf(value: unknown, here: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [here];
  const children = Array.isArray(value)
    ? value.map((child, index) => [index, child] as const)
    : Object.entries(value);
  return [here, ...children.flatMap(([key, child]) => pathsOf(child, [...here, key]))];
}

function replace(value: unknown, path: Path, junk: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return junk === undefined ? null : junk;
  if (Array.isArray(value)) {
    return value.map((child, index) => (index === key ? replace(child, rest, junk) : child));
  }
  // An earlier change may have put something else here.
  if (typeof value !== "object" || value === null || !(key in value)) return value;
  const entries = Object.entries(value);
  const kept =
    junk === undefined && rest.length === 0 ? entries.filter(([k]) => k !== key) : entries;
  return Object.fromEntries(
    kept.map(([k, child]) => [k, k === key ? replace(child, rest, junk) : child]),
  );
}

/** Places of numbers that are none. */
export function notNumbers(value: unknown, place = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [place];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => notNumbers(child, `${place}.${key}`));
}
