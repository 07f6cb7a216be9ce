// Recorded answers of real machines and what their source says of them. They lie beside the checkout.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as z from "zod";

export const FOLDER = new URL("../../../shared/captures/", import.meta.url);

const Index = z.looseObject({
  sets: z.array(
    z.looseObject({ dir: z.string(), peer_expected: z.record(z.string(), z.unknown()).nullish() }),
  ),
});

export const recordsAreHere = existsSync(new URL("index.json", FOLDER));
/** For the title of tests that need them. */
export const WHERE = recordsAreHere ? "" : " (no recordings beside this checkout)";

/** Answers by the name of their request. */
export function recorded(dir: string): Readonly<Record<string, string>> {
  const folder = new URL(`${dir}/`, FOLDER);
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return Object.fromEntries(
    files.map((file) => [file.replace(".json", ""), readFileSync(new URL(file, folder), "utf8")]),
  );
}

/** What another fleet tool reads from the same answers. */
export function expectedOf(dir: string): Readonly<Record<string, unknown>> {
  const index = Index.parse(JSON.parse(readFileSync(new URL("index.json", FOLDER), "utf8")));
  const set = index.sets.find((each) => each.dir === dir);
  if (set?.peer_expected == null) throw new Error(`${dir} has no expected values`);
  return set.peer_expected;
}
