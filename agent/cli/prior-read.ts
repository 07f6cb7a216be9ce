// Reads a file of `nockd prior export`.

import { readFileSync, statSync } from "node:fs";
import { type ParsedPrior, parsePriorFile } from "../decide/model/prior-file.ts";

/** 5,000 models with all of their parameters. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Every error names what is wrong; a file that cannot be read is one of them. */
export function readPrior(file: string): ParsedPrior {
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) {
      return { ok: false, errors: [`${size} bytes; expected at most ${MOST_BYTES}`] };
    }
    return parsePriorFile(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const expected = "expected a file that `nockd prior export` made";
    return { ok: false, errors: [`cannot be read: ${code}; ${expected}`] };
  }
}
