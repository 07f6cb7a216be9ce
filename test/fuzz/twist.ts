// One true reply, twisted: as old, broken, updated or hostile firmware might send it. Text-level, so that
// doubled keys, NaN and 1e400 come out as they would on the wire.

import fc from "fast-check";

/** Small numbers, so that a counterexample shrinks to few and early twists. */
export interface Twist {
  readonly how: number;
  /** Which value, key or byte. */
  readonly at: number;
  readonly what: number;
}

export const twists: fc.Arbitrary<readonly Twist[]> = fc.array(
  fc.record({ how: fc.nat(39), at: fc.nat(9999), what: fc.nat(9999) }),
  { minLength: 1, maxLength: 5, size: "max" },
);

interface Span {
  readonly start: number;
  readonly end: number;
  /** Inside of a string, where quotes would end it. */
  readonly inner?: true;
}

/** What there is to twist in a text; found once a reply. */
export interface Anatomy {
  readonly text: string;
  /** Strings, numbers, words, lists and objects, but no keys; also the words inside of long strings. */
  readonly values: readonly Span[];
  /** `"key": value`, without its comma. */
  readonly members: readonly Span[];
}

const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|[-+\w.%]+|[[\]{}:|,=]/g;
const LONG = 60;

export function anatomyOf(text: string): Anatomy {
  const tokens = Array.from(text.matchAll(TOKEN), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    word: match[0],
  }));
  const ends = containerEnds(tokens);
  const values: Span[] = [];
  const members: Span[] = [];
  for (const [index, { start, end, word }] of tokens.entries()) {
    const close = ends.get(index);
    const isKey = tokens[index + 1]?.word === ":";
    if (isKey) {
      const after = tokens[index + 2];
      if (after !== undefined) members.push({ start, end: ends.get(index + 2) ?? after.end });
    } else if (close !== undefined) values.push({ start, end: close });
    else if (!PUNCTUATION.has(word)) values.push({ start, end });
    if (word.startsWith('"') && word.length > LONG) values.push(...wordsIn(word, start));
  }
  return { text, values, members };
}

const PUNCTUATION = new Set(["[", "]", "{", "}", ":", "|", ",", "="]);

function containerEnds(tokens: readonly { end: number; word: string }[]): Map<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const [index, { word, end }] of tokens.entries()) {
    if (word === "[" || word === "{") open.push(index);
    if (word !== "]" && word !== "}") continue;
    const begin = open.pop();
    if (begin !== undefined) ends.set(begin, end);
  }
  return ends;
}

function wordsIn(word: string, start: number): Span[] {
  return Array.from(word.matchAll(/[\w.+-]+/g), ({ index, 0: found }) => ({
    start: start + index,
    end: start + index + found.length,
    inner: true,
  }));
}

const NUMBERS = ["NaN", "nan", "-nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400", "1e308"];
const ODD_NUMBERS = ["0", "-0", "-1", "4294967295", "9007199254740993", "0.0000001", "1e-400"];
const WORDS = ['""', '" "', '"NaN"', '"1e999"', '"-"', '"0x10"', '"1,234.5"', '"constructor"'];
const KINDS = ["null", "true", "false", "[]", "{}", "[null]", "[[]]", "[{}]", '{"value":null}'];
const HOSTILE = [
  '{"__proto__":{"polluted":1}}',
  '"__proto__"',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":1,"valueOf":1,"length":-1}',
  '{"length":1e9}',
  '"<html><body>401</body></html>"',
  '"\u0000"',
  '"\u0001\u001f\u007f\ud800"',
  '"\\ud800\\u0000"',
];
const JUNK: readonly string[] = [...NUMBERS, ...ODD_NUMBERS, ...WORDS, ...KINDS, ...HOSTILE];

/** Letters; the largest reply known has 200,000. */
const LONGEST_LIST = 100_000;

/** Costly ones; one in two hundred, or nothing else would be measured. */
const HUGE: readonly (() => string)[] = [
  () => "[".repeat(20_000),
  () => `${"[".repeat(5000)}${"]".repeat(5000)}`,
  () => `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
  () => `[${"0,".repeat(50_000)}0]`,
  () => `[${"{},".repeat(20_000)}{}]`,
  () => `"${"x".repeat(200_000)}"`,
  () => `"${"\\u0041[ ]=,|".repeat(10_000)}"`,
  () => "9".repeat(100_000),
  () => `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}":0`).join()}}`,
];

const PAGES = [
  "<html><head><title>404</title></head></html>",
  "<!DOCTYPE html><title>antMiner</title>",
  "",
  " \r\n",
  "\u0000",
  "null",
  "[]",
  "{}",
  "0",
  '"ok"',
  "Socket connect failed: Connection refused",
  '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}]}',
  "\ufeff{}",
];

const pick = <Item>(list: readonly Item[], index: number): Item | undefined =>
  list[index % Math.max(1, list.length)];

/** The bytes of a reply after all its twists. */
export function twisted(anatomy: Anatomy, changes: readonly Twist[]): Buffer {
  let text = anatomy.text;
  // From the end to the beginning, so that no twist moves the place of another.
  let before = text.length + 1;
  const edits = changes
    .flatMap((twist) => editOf(anatomy, twist) ?? [])
    .sort((a, b) => b.start - a.start);
  for (const { start, end, put } of edits) {
    if (end > before) continue;
    text = text.slice(0, start) + put + text.slice(end);
    before = start;
  }
  return changes.reduce(wholeTwist, Buffer.from(text, "utf8"));
}

interface Edit extends Span {
  readonly put: string;
}

function editOf(anatomy: Anatomy, twist: Twist): Edit | undefined {
  const { how, at, what } = twist;
  const member = pick(anatomy.members, at);
  if (how > 16 && how <= 22 && member !== undefined) return { ...member, put: "" };
  if (how > 22 && how <= 25 && member !== undefined) return doubled(anatomy.text, member, what);
  const value = pick(anatomy.values, at);
  const put = value === undefined ? undefined : valueFor(anatomy, value, twist);
  return value === undefined || put === undefined ? undefined : { ...value, put };
}

/** What stands in the place of a value. */
function valueFor(
  { text, values }: Anatomy,
  value: Span,
  { how, what }: Twist,
): string | undefined {
  const old = textOf(text, value);
  if (how <= 22) return value.inner ? junkOf(what).replaceAll('"', "") : junkOf(what);
  if (how <= 28 && !value.inner) return old.startsWith('"') ? old.slice(1, -1) : `"${old}"`;
  if (how <= 31) return textOf(text, pick(values, what) ?? value);
  if (how <= 33) return repeated(old, what);
  return how === 34 ? `${old}${pick(["", ",", "}", "]", '"', ":", "{"], what)}` : undefined;
}

function repeated(old: string, what: number): string {
  const count = Math.min(1 + (what % 300), Math.ceil(LONGEST_LIST / Math.max(1, old.length)));
  return `[${Array(count).fill(old)}]`;
}

const textOf = (text: string, span: Span): string => text.slice(span.start, span.end);

const junkOf = (what: number): string =>
  (what % 200 === 199 ? pick(HUGE, Math.floor(what / 200))?.() : pick(JUNK, what)) ?? "null";

/** The same key a second time, or under a name that means something to JavaScript. */
function doubled(text: string, member: Span, what: number): Edit {
  const whole = textOf(text, member);
  const value = whole.slice(whole.indexOf(":"));
  const twin = pick([whole, `"__proto__"${value}`, `"constructor"${value}`, `"":0`], what);
  return { ...member, put: `${whole},${twin}` };
}

function wholeTwist(bytes: Buffer, { how, at, what }: Twist): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  if (how === 35) return bytes.subarray(0, place);
  if (how === 36 || how === 37) {
    const flipped = Buffer.from(bytes);
    if (bytes.length > 0) flipped[place] = (flipped[place] ?? 0) ^ (1 << (what % 8));
    return flipped;
  }
  if (how === 38) {
    const noise = Buffer.from(pick(["\u0000", "\u0001", "\n", "\t", "é", "\uffff"], what) ?? "");
    return Buffer.concat([bytes.subarray(0, place), noise, bytes.subarray(place)]);
  }
  if (how === 39 && what % 2 === 0) return Buffer.from(pick(PAGES, at) ?? "");
  if (how === 39) return Buffer.concat([bytes, bytes]);
  return bytes;
}
