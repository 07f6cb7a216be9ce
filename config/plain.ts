// Parts of a plain value, as YAML gives it.

export type Path = readonly (string | number)[];

/** The part of a plain value that a key names; own keys only. */
export function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
}
