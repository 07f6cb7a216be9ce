// Where the secrets of one text stand: behind the names that carry them, and by their own look.

import type { Shape } from "./mask.ts";
import { isPlaceholder, secretKind } from "./secret-keys.ts";

/** `end` is the place after the last letter. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly shape: Shape;
}

const MAC = /(?<![0-9a-f:-])[0-9a-f]{2}(?:[:-] ?[0-9a-f]{2}){5}(?![0-9a-f:-])/gi;
const IP = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)/g;
const IPV6 = /(?<![\w:])(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3})(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;
const WALLET =
  /(?<![A-Za-z0-9])(?:(?:bc|tb|ltc)1[0-9a-z]{20,}|0x[0-9A-Fa-f]{40}|kaspa:[0-9a-z]{40,})/g;
/** Base58, which has no 0, O, I and l. */
const BASE58 = /(?<![A-Za-z0-9])[13LMDXtkK][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])/g;
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** Up to the port; with the name and the password that some put before an @. */
const POOL_URL = /\b(?:stratum\d?(?:\+\w+)?|ssl|tcp):(?:\\?\/){2}([^/\s"'\\,|<>]+)/gi;

const JSON_PAIR = /"((?:[^"\\\n]|\\.){1,60})"\s*:\s*"((?:[^"\\]|\\[\s\S])*)"/g;
/** Has to stay a number. */
const JSON_NUMBER = /"((?:[^"\\\n]|\\.){1,60})"\s*:\s*(\d{6,})/g;
const JSON_LIST = /"((?:[^"\\\n]|\\.){1,60})"\s*:\s*\[([^\]{}]*)\]/g;
const JSON_TEXT = /"((?:[^"\\]|\\[\s\S])*)"/g;
/** Avalon: `DNA[0201]`. */
const BRACKETED = /\b([A-Za-z]\w{0,20})\[([^\]]*)\]/g;
/** cgminer's text, forms, queries, digest fields and cookies. */
const ASSIGNED = /(?<=^|[,|&?;\s{"])([\w.-][\w %.-]{0,40})=(?:"([^"]*)"|([^,|&;\s"<>]*))/g;
const INPUT = /\bname="([^"]+)"[^>]*\bvalue="([^"]*)"/g;
/** What a version is called, `Miner` among it; its four numbers are no address. */
const VERSION_BEFORE =
  /(?:(?:ver|version|firmware|build|release|software|hardware|fw)[\w ]*|miner|api)"?\s*[:=[]\s*"?[^"]{0,12}$/i;

/** Of a text that is not taken for anything yet; overlapping ones included. */
export function findSpans(text: string): Span[] {
  return [...namedSpans(text), ...shapedSpans(text)];
}

function namedSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const pattern of [JSON_PAIR, BRACKETED, ASSIGNED, INPUT]) {
    for (const match of text.matchAll(pattern)) {
      const value = match[2] ?? match[3] ?? "";
      spans.push(...spansOf(match[1] ?? "", value, valueStart(match, value)));
    }
  }
  for (const match of text.matchAll(JSON_NUMBER)) {
    const value = match[2] ?? "";
    const found = spansOf(match[1] ?? "", value, valueStart(match, value));
    spans.push(...found.map((span) => ({ ...span, shape: "text" as const })));
  }
  return [...spans, ...listedSpans(text)];
}

function listedSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const list of text.matchAll(JSON_LIST)) {
    const start = valueStart(list, list[2] ?? "");
    for (const item of (list[2] ?? "").matchAll(JSON_TEXT)) {
      spans.push(...spansOf(list[1] ?? "", item[1] ?? "", start + item.index + 1));
    }
  }
  return spans;
}

/** A value stands at the end of its match, before what closes it. */
function valueStart(match: RegExpExecArray, value: string): number {
  return match.index + match[0].lastIndexOf(value);
}

function spansOf(key: string, value: string, start: number): Span[] {
  const kind = secretKind(key);
  if (kind === undefined || isPlaceholder(value)) return [];
  if (kind === "address") return authoritySpans(value, start);
  if (kind === "host") return hostSpan(value, start);
  const isMac = kind === "mac" && value.replace(/[^0-9a-f]/gi, "").length === 12;
  const shape = isMac ? "mac" : kind === "password" ? "secret" : "text";
  return [{ start, end: start + value.length, shape }];
}

/** `stratum+tcp://pool.example:3333`, `pool.example:3333`, `pool.example`; not `F2Pool`. */
function authoritySpans(value: string, start: number): Span[] {
  const parts = /^([a-z][\w+.-]*:(?:\\?\/){2})?([^/\s\\,]+)/i.exec(value);
  const authority = parts?.[2] ?? "";
  if (!/[.:]/.test(authority)) return [];
  return hostSpan(authority, start + (parts?.[1]?.length ?? 0));
}

function hostSpan(authority: string, start: number): Span[] {
  const name = authority.replace(/:\d{1,5}$/, "");
  if (isPlaceholder(name)) return [];
  const shape = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(name) ? "ip" : "text";
  return [{ start, end: start + name.length, shape }];
}

function shapedSpans(text: string): Span[] {
  const spans: Span[] = [];
  const add = (pattern: RegExp, shape: Shape, counts: (match: RegExpExecArray) => boolean) => {
    for (const match of text.matchAll(pattern)) {
      if (!counts(match)) continue;
      spans.push({ start: match.index, end: match.index + match[0].length, shape });
    }
  };
  add(MAC, "mac", ([value]) => !isPlaceholder(value));
  add(IP, "ip", (match) => isAddress(match[0]) && !followsVersion(text, match.index));
  for (const pattern of [IPV6, WALLET, BASE58, MAIL]) add(pattern, "text", () => true);
  for (const match of text.matchAll(POOL_URL)) {
    spans.push(
      ...hostSpan(match[1] ?? "", match.index + match[0].length - (match[1] ?? "").length),
    );
  }
  return spans;
}

const followsVersion = (text: string, index: number): boolean =>
  VERSION_BEFORE.test(text.slice(Math.max(0, index - 60), index));

/** Net masks, "any" and the loopback are nobody's. */
function isAddress(text: string): boolean {
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) && ![0, 127, 255].includes(octets[0] ?? 0);
}
