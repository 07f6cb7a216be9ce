// Masks the secrets of all texts of one capture: found in any of them, masked in all of them.

import { Mask, type Shape } from "./mask.ts";
import { findSpans, type Span } from "./secret-spans.ts";

/** Shorter or plainer values are masked behind their names only: `root` and `1` stand in other words too. */
const isDistinctive = (value: string): boolean =>
  value.length >= 10 || (value.length >= 7 && /\d|[._@-]/.test(value));

/** Texts hold one byte of UTF-8 a letter (`latin1`), so that every byte comes out again. */
export class Sanitiser {
  readonly #mask: Mask;
  readonly #known = new Map<string, Shape>();
  #pattern: RegExp | undefined;

  /** `secrets`: of the configuration. Never shown, wherever a machine repeats them. */
  constructor(secrets: readonly string[], host = "", mask: Mask = new Mask()) {
    this.#mask = mask;
    for (const secret of secrets) this.#know("secret", bytesOf(secret));
    if (host !== "") this.#know(/^(?:\d{1,3}\.){3}\d{1,3}$/.test(host) ? "ip" : "text", host);
  }

  /** Before anything is masked: what is secret in one text is so in the others. */
  learn(text: string): void {
    for (const { start, end, shape } of findSpans(text)) this.#know(shape, text.slice(start, end));
  }

  /** Names that machines show and that drivers need stay, should an owner have called a machine so. */
  spare(words: string): void {
    const shown = words.toLowerCase();
    for (const secret of this.#known.keys()) {
      if (shown.includes(secret.toLowerCase())) this.#known.delete(secret);
    }
    this.#pattern = undefined;
  }

  mask(text: string): string {
    let masked = "";
    let from = 0;
    for (const { start, end, shape } of merged([...findSpans(text), ...this.#knownSpans(text)])) {
      masked += text.slice(from, start) + this.#mask.of(shape, text.slice(start, end));
      from = end;
    }
    return masked + text.slice(from);
  }

  /** For text of this program, such as a decoded value. */
  maskWords(text: string): string {
    return Buffer.from(this.mask(bytesOf(text)), "latin1").toString("utf8");
  }

  /** Masks a value that is a secret as a whole, such as a cookie's. */
  veil(secret: string): string {
    return this.#mask.of("text", secret);
  }

  #know(shape: Shape, value: string): void {
    this.#pattern = undefined;
    if (shape === "mac") {
      this.#known.set(value.replace(/[^0-9a-f]/gi, "").toLowerCase(), shape);
      return;
    }
    const parts = shape === "text" ? value.split(".") : [];
    for (const each of [value, ...parts]) if (isDistinctive(each)) this.#known.set(each, shape);
  }

  #knownSpans(text: string): Span[] {
    this.#pattern ??= patternOf(this.#known);
    if (this.#pattern === undefined) return [];
    return Array.from(text.matchAll(this.#pattern), (match) => ({
      start: match.index,
      end: match.index + match[0].length,
      shape: this.#known.get(match[0]) ?? "mac",
    }));
  }
}

export const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Longest first; a MAC in any writing. */
function patternOf(known: ReadonlyMap<string, Shape>): RegExp | undefined {
  if (known.size === 0) return undefined;
  const sources = [...known]
    .sort(([a], [b]) => b.length - a.length)
    .map(([value, shape]) =>
      shape === "mac"
        ? value
            .replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
            .replace(/(?:\[..\]|\d){2}(?!$)/g, "$&[:-]? ?")
        : value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    );
  return new RegExp(sources.join("|"), "g");
}

/** In order, none inside of another; two that overlap become one. */
function merged(spans: readonly Span[]): Span[] {
  const kept: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push(span);
    else if (span.end > last.end) kept[kept.length - 1] = { ...last, end: span.end, shape: "text" };
  }
  return kept;
}
