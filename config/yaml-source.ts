// From YAML text to plain data that remembers its lines, or every reason why not. Hostile input must
// cost little: deep nesting overflows yaml's recursion (fatal inside the regexp compiler of Node 20,
// no exception to catch), and aliases, duplicate keys and anchors are quadratic in yaml 2.9.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import type { Path } from "./plain.ts";
import { checkText, type Place, type SyntaxProblem } from "./yaml-limits.ts";

export interface Source {
  readonly value: unknown;
  /** Of the value at the path, or of the nearest thing around it that the text has. */
  placeOf(path: Path): Place;
  /** Of the key itself. */
  placeOfKey(path: Path): Place;
}

export interface ParsedText {
  /** Absent when the text has problems other than duplicate keys. */
  readonly source?: Source;
  readonly problems: readonly SyntaxProblem[];
}

/** Most values that one alias may stand for, nested aliases multiplied. */
const MAX_EXPANSION = 10_000;

export function parseYaml(text: string): ParsedText {
  const refused = checkText(text);
  if (refused.length > 0) return { problems: refused };
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // yaml compares every key with every other one; duplicateKeys() below is linear.
    uniqueKeys: false,
    merge: true,
    stringKeys: true,
  });
  const broken: SyntaxProblem[] = [...document.errors, ...document.warnings].map((error) => ({
    ...place(error.pos[0]),
    path: [],
    ...explain(error),
  }));
  broken.push(...brokenAliases(document, place));
  if (broken.length > 0) return { problems: broken };

  const duplicates = duplicateKeys(document, place);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_EXPANSION });
    return { source: { value, ...locator(document, place) }, problems: duplicates };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const tooMany = error instanceof ReferenceError;
    const problem = {
      ...firstAlias(document, place),
      path: [],
      expected: tooMany ? "few aliases" : "<<: *name of keys with values",
      message: tooMany
        ? "the aliases (*name) of this file stand for too many values"
        : "something is merged (<<) that has no keys",
    };
    return { problems: [...duplicates, problem] };
  }
}

type PlaceAt = (offset: number) => Place;

// yaml's own messages may quote the text around an error, which can be a password.
const EXPLANATIONS: Readonly<Record<string, { expected: string; message: string }>> = {
  TAB_AS_INDENT: { expected: "spaces", message: "a tab cannot indent a line" },
  MULTIPLE_DOCS: { expected: "one document", message: "a second document begins here (---)" },
  TAG_RESOLVE_FAILED: { expected: "a value without tag", message: "tags (!name) are not allowed" },
  BLOCK_AS_IMPLICIT_KEY: {
    expected: 'quotes around a text that contains ": "',
    message: "a key inside the value of a key on the same line",
  },
  BAD_SCALAR_START: {
    expected: "quotes around a text that begins with @ ` or %",
    message: "a text cannot begin with this character",
  },
  MISSING_CHAR: { expected: "well-formed YAML", message: "something is not closed, or a : misses" },
  UNEXPECTED_TOKEN: {
    expected: "well-formed YAML",
    message: "something follows where the value should end; quotes may be missing or too many",
  },
  NON_STRING_KEY: { expected: "a plain word as key", message: "this key is no plain text" },
  BAD_INDENT: { expected: "more indentation", message: "this line is not indented enough" },
};

function explain(error: YAMLError): { expected: string; message: string } {
  return (
    EXPLANATIONS[error.code] ?? {
      expected: "well-formed YAML",
      message: error.message.replaceAll(/["'`:].*$/gs, "").trim(),
    }
  );
}

function brokenAliases(document: Document.Parsed, place: PlaceAt): SyntaxProblem[] {
  const anchors = new Set<string>();
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Node(_key, node) {
      const anchor = anchorOf(node);
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_key, node, ancestors) {
      // yaml expands a map that merges itself until the stack overflows.
      const inItself = ancestors.some(
        (parent) => isNode(parent) && anchorOf(parent) === node.source,
      );
      if (anchors.has(node.source) && !inItself) return;
      problems.push({
        ...place(node.range?.[0] ?? 0),
        path: [],
        expected: "an anchor (&name) before it, or quotes around a text that begins with *",
        message: inItself
          ? "this alias (*name) stands inside of what it names"
          : "this alias (*name) has no anchor",
      });
    },
  });
  return problems;
}

const anchorOf = (node: Node): string | undefined => (isAlias(node) ? undefined : node.anchor);

function firstAlias(document: Document.Parsed, place: PlaceAt): Place {
  let offset = 0;
  visit(document, {
    Alias(_key, node) {
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return place(offset);
}

function duplicateKeys(document: Document.Parsed, place: PlaceAt): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Map(_key, map, ancestors) {
      const seen = new Map<string, Place>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === "<<") continue;
        const name = String(key.value);
        const here = place((key as Node).range?.[0] ?? 0);
        const before = seen.get(name);
        if (before === undefined) seen.set(name, here);
        else {
          problems.push({
            ...here,
            path: [...pathOf(ancestors, map), name],
            expected: "each key once",
            message: `the key is already in line ${before.line}`,
          });
        }
      }
    },
  });
  return problems;
}

function pathOf(ancestors: readonly unknown[], last: Node): Path {
  const path: (string | number)[] = [];
  for (const [index, parent] of ancestors.entries()) {
    const child = ancestors[index + 1] ?? last;
    if (isPair(parent)) path.push(isScalar(parent.key) ? String(parent.key.value) : "?");
    else if (isSeq(parent)) path.push(parent.items.indexOf(child));
  }
  return path;
}

function locator(document: Document.Parsed, place: PlaceAt): Omit<Source, "value"> {
  const find = (path: Path): { readonly node: unknown; readonly pair: Pair | undefined } => {
    let node: unknown = document.contents;
    let pair: Pair | undefined;
    for (const step of path) {
      const next = stepInto(isAlias(node) ? node.resolve(document) : node, step);
      if (next === undefined) break;
      node = next.node;
      pair = next.pair ?? pair;
    }
    return { node, pair };
  };
  const placeOfNode = (node: unknown): Place => place((node as Node | null)?.range?.[0] ?? 0);
  return {
    placeOf: (path) => {
      const { node, pair } = find(path);
      return placeOfNode(node ?? pair?.key);
    },
    placeOfKey: (path) => {
      const { node, pair } = find(path);
      return placeOfNode(pair?.key ?? node);
    },
  };
}

function stepInto(
  node: unknown,
  step: string | number,
): { readonly node: unknown; readonly pair?: Pair } | undefined {
  if (isSeq(node) && typeof step === "number") {
    const item = node.items[step];
    return item === undefined ? undefined : { node: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
  return pair === undefined ? undefined : { node: pair.value ?? pair.key, pair };
}
