// Answers with keys dropped and values replaced, as broken firmware would send them.

import fc from "fast-check";

const ODD_VALUES: readonly unknown[] = [
  null,
  "",
  "nan",
  "NaN",
  "-",
  "12.5",
  true,
  -1,
  0,
  1e15,
  [],
  {},
  [null],
  { watt: "NaN" },
];

/** Arbitrary copies of `answers` in which up to five places are dropped or replaced. */
export function spoiled(answers: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const places = placesIn(answers);
  const place = fc.integer({ min: 0, max: places.length - 1 });
  const change = fc.tuple(place, fc.option(fc.constantFrom(...ODD_VALUES), { nil: undefined }));
  return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
    const copy = structuredClone(answers);
    for (const [index, value] of changes) put(copy, places[index] ?? [], value);
    return copy;
  });
}

function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [
    [...path, key],
    ...placesIn(part, [...path, key]),
  ]);
}

function put(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let parent: unknown = root;
  for (const key of path.slice(0, -1)) {
    if (typeof parent !== "object" || parent === null) return;
    parent = (parent as Record<string, unknown>)[key];
  }
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined) return;
  const holder = parent as Record<string, unknown>;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
}
