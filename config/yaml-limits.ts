// What a configuration text may be before it is parsed: bounded, flat, and text.

import { Lexer } from "yaml";
import type { Path } from "./plain.ts";

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

export interface SyntaxProblem extends Place {
  readonly expected: string;
  readonly message: string;
  /** Keys from the root, where the problem has one. */
  readonly path: Path;
}

/** Some 3000 devices with 300 characters each. */
export const MAX_CONFIG_LENGTH = 1024 * 1024;
const MAX_DEPTH = 32;
const MAX_INDENT = 128;
/** Each alias makes yaml walk the document once. */
const MAX_ALIASES = 1000;
const MAX_ANCHORS = 100;

/** Reasons to refuse a text unparsed; one pass, no recursion. */
export function checkText(text: string): SyntaxProblem[] {
  if (text.length > MAX_CONFIG_LENGTH) {
    const limit = `at most ${MAX_CONFIG_LENGTH} characters`;
    return [problem({ line: 1, column: 1 }, limit, "the file is too large")];
  }
  const control = controlCharacters(text);
  return control.length > 0 ? control : tooComplex(text);
}

// YAML forbids them, yaml 2.9 lets them pass.
function controlCharacters(text: string): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  for (const match of text.matchAll(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g)) {
    const code = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    problems.push(
      problem(placeIn(text, match.index), "text", `the control character U+${code} is in the file`),
    );
    if (problems.length >= 10) break;
  }
  return problems;
}

function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function tooComplex(text: string): SyntaxProblem[] {
  let offset = 0;
  let inScalar = false;
  const count = { flow: 0, nested: 0, anchors: 0, aliases: 0 };
  for (const token of new Lexer().lex(text)) {
    if (!inScalar) countToken(count, token);
    const reason = inScalar ? undefined : excess(count, token);
    if (reason !== undefined) return [problem(placeIn(text, offset), ...reason)];
    // The lexer announces scalars, documents and their ends with marks that are not in the text.
    inScalar = token === SCALAR_MARK;
    if (!MARKS.has(token)) offset += token.length;
  }
  return [];
}

const SCALAR_MARK = "\u001f";
const MARKS: ReadonlySet<string> = new Set(["\u0002", "\u0018", SCALAR_MARK]);

interface Count {
  flow: number;
  /** Indicators that can each open a level, since the last thing that ends a line or an item. */
  nested: number;
  anchors: number;
  aliases: number;
}

function countToken(count: Count, token: string): void {
  if (token === "[" || token === "{") count.flow += 1;
  if (token === "]" || token === "}") count.flow -= 1;
  if (/^[[\]{},\r\n]/.test(token)) count.nested = 0;
  if (token === "-" || token === "?" || token === ":") count.nested += 1;
  if (token.startsWith("&")) count.anchors += 1;
  if (token.startsWith("*")) count.aliases += 1;
}

function excess(count: Count, token: string): [expected: string, message: string] | undefined {
  if (count.flow > MAX_DEPTH || count.nested > MAX_DEPTH) {
    return [`at most ${MAX_DEPTH} levels`, "values are nested too deeply"];
  }
  if (token.length > MAX_INDENT && /^[ \t]+$/.test(token)) {
    return [`at most ${MAX_INDENT} spaces in a row`, "too much white space"];
  }
  if (count.anchors > MAX_ANCHORS) return [`at most ${MAX_ANCHORS} anchors`, "too many anchors"];
  if (count.aliases > MAX_ALIASES) return [`at most ${MAX_ALIASES} aliases`, "too many aliases"];
  return undefined;
}

function problem(place: Place, expected: string, message: string): SyntaxProblem {
  return { ...place, path: [], expected, message };
}

/** The text of a file, or where it stops being UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | SyntaxProblem {
  // A Node without ICU, as firmware images have it, lacks the fatal mode of TextDecoder.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let line = 1;
  for (const part of splitLines(bytes)) {
    const decoded = Buffer.from(part).toString("utf8");
    if (Buffer.byteLength(decoded) !== part.length || !Buffer.from(decoded).equals(part)) {
      const column = decoded.indexOf("\uFFFD") + 1;
      return problem(
        { line, column: Math.max(column, 1) },
        "text in UTF-8",
        "the file is not in UTF-8",
      );
    }
    line += 1;
  }
  return text;
}

function* splitLines(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start <= bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    yield bytes.subarray(start, end < 0 ? bytes.length : end);
    if (end < 0) return;
    start = end + 1;
  }
}
