// How LUXminer takes a request, and the codes in its answers that decide something.

import * as z from "zod";

export const Request = z.object({
  command: z.string(),
  /** Fields joined by commas. */
  parameter: z.string().optional(),
});
export type Request = z.output<typeof Request>;

/** Codes of LUXminer that decide something. */
export const CODES = {
  INVALID_COMMAND: 14,
  ACCESS_DENIED: 45,
  SESSION_CREATED: 316,
  SESSION_INFORMATION: 319,
  /** "Another session is active". */
  OTHER_SESSION: 402,
} as const;

/** A comma or a backslash inside of a field gets a backslash in front (cgminer's API-README). */
export function joinFields(fields: readonly string[]): string {
  return fields.map((field) => field.replace(/[\\,]/g, "\\$&")).join(",");
}

export function splitFields(parameter: string): string[] {
  const fields = [""];
  for (let index = 0; index < parameter.length; index += 1) {
    const letter = parameter[index] ?? "";
    if (letter === ",") fields.push("");
    else {
      if (letter === "\\") index += 1;
      fields[fields.length - 1] += letter === "\\" ? (parameter[index] ?? "") : letter;
    }
  }
  return fields;
}
