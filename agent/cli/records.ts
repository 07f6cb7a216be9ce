// What an agent has kept in its state folder, for the commands that only look.

import { existsSync } from "node:fs";
import { journalFile, readJournal } from "../state/journal.ts";
import { complain } from "./target.ts";

/** Undefined, and told, when the folder holds no journal. */
export function recordsIn(folder: string): ReadonlyMap<string, unknown> | undefined {
  const journal = journalFile(folder);
  if (existsSync(journal)) return readJournal(journal);
  complain(`${journal} is missing; expected the folder that agent.stateDir names`);
  return undefined;
}
