// From zod's issues to errors for people: what is wrong, what was expected, what was probably meant.

import type * as z from "zod";
import { nearest } from "./nearest.ts";
import { inWords, type Outline, outlineAt } from "./outline.ts";
import { childOf, type Path } from "./plain.ts";

export interface Finding {
  readonly path: Path;
  /** The error is the key, not its value. */
  readonly atKey: boolean;
  readonly expected: string;
  readonly message: string;
}

export function explainIssue(issue: z.core.$ZodIssue, root: unknown): Finding[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    // Each is compared with every known key; nobody reads more of them.
    const keys = issue.keys.slice(0, 50);
    return keys.map((key) => unknownKey([...path, key], outlineAt(path, root)));
  }
  const outline = outlineAt(path, root);
  const value = valueAt(root, path);
  const expected = outline === undefined ? "a value of another kind" : inWords(outline);
  const empty = path.length === 0 && value === null;
  const message = empty ? "the file is empty" : problemWith(value, outline);
  return [{ path, atKey: false, expected, message }];
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce(childOf, root);
}

function problemWith(value: unknown, outline: Outline | undefined): string {
  if (value === undefined) return "is missing";
  if (value === null) return "is empty: give it a value or remove the key";
  const isNumber = outline?.type === "number" || outline?.type === "integer";
  const isText = outline?.type === "string" || outline?.enum !== undefined;
  if (typeof value === "string") return problemWithText(value, outline, isText, isNumber);
  if (typeof value === "number" && isNumber) return outsideOf(value, outline);
  const needsQuotes = isText && (typeof value === "number" || typeof value === "boolean");
  return needsQuotes ? "is not text here: write it in quotes" : "is the wrong kind of value";
}

function problemWithText(
  value: string,
  outline: Outline | undefined,
  isText: boolean,
  isNumber: boolean,
): string {
  if (outline?.enum !== undefined) {
    const guess = nearest(value, outline.enum.map(String));
    return guess === undefined ? "is unknown" : `is unknown; did you mean ${quoted(guess)}?`;
  }
  if (isText) return value === "" ? "is empty" : "has the wrong form";
  return isNumber && Number.isFinite(Number.parseFloat(value))
    ? "is text: write the number without quotes and unit"
    : "is the wrong kind of value";
}

const quoted = (text: string): string => JSON.stringify(text);

function outsideOf(value: number, { type, minimum, maximum }: Outline): string {
  if (!Number.isFinite(value)) return "is not a finite number";
  if (minimum !== undefined && value < minimum) return `is below ${minimum}`;
  if (maximum !== undefined && value > maximum) return `is above ${maximum}`;
  return type === "integer" ? "is not a whole number" : "is out of range";
}

function unknownKey(path: Path, parent: Outline | undefined): Finding {
  const known = Object.keys(parent?.properties ?? {});
  const key = String(path.at(-1));
  const guess = nearest(key, known);
  return {
    path,
    atKey: true,
    expected: `one of the keys ${known.join(", ")}`,
    message: `unknown key${guess === undefined ? "" : `; did you mean ${guess}?`}`,
  };
}
