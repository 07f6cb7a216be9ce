// Where secrets stand in the configuration, told by the schema alone: `.meta({ secret: true })`.

import { configOutline, type Outline } from "./outline.ts";

/** Paths of all secret values; a list is written as `devices[*]`. */
export function secretPaths(): readonly string[] {
  return [...new Set(pathsIn(configOutline(), ""))];
}

function pathsIn(outline: Outline, path: string): string[] {
  const found = outline.secret === true ? [path] : [];
  for (const option of outline.oneOf ?? []) found.push(...pathsIn(option, path));
  for (const [key, child] of Object.entries(outline.properties ?? {})) {
    found.push(...pathsIn(child, path === "" ? key : `${path}.${key}`));
  }
  if (outline.items !== undefined) found.push(...pathsIn(outline.items, `${path}[*]`));
  return found;
}
