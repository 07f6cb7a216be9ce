// The grammar inside of `MM ID0`: `Key[value value] Key[value]`, keys with blanks, values with colons.

import { toNumber } from "../contract/decoding.ts";
import { Module } from "./wire.ts";

/** Longer than any key; a key is looked for in no more text than this. */
const KEY_REACH = 40;

/**
 * Every `key[value]` of a text; of a repeated key the last wins. Text that is not of this form, such as
 * the wrapping `'STATS':{..}` of Q, is passed over.
 */
export function bracketed(text: string): Record<string, string> {
  const found = new Map<string, string>();
  let index = 0;
  for (;;) {
    const open = text.indexOf("[", index);
    const close = open < 0 ? -1 : text.indexOf("]", open);
    if (close < 0) return Object.fromEntries(found);
    const before = text.slice(Math.max(index, open - KEY_REACH), open);
    const key = /[A-Za-z][\w %]*$/.exec(before)?.[0];
    if (key !== undefined) found.set(key, text.slice(open + 1, close).trim());
    index = close + 1;
  }
}

/** The text of one module and of its boards (`'HB0':{PVT_T0[..]} 'HB1':{PVT_T0[..]}`) as one record. */
export function parseModule(summary: string, boards: string | undefined): Module {
  const record = bracketed(summary);
  const [, ...blocks] = (boards ?? "").split(/'HB(\d+)':\{/);
  for (let index = 0; index + 1 < blocks.length; index += 2) {
    const [number = "", body = ""] = blocks.slice(index, index + 2);
    for (const [key, value] of Object.entries(bracketed(body.split("}", 1)[0] ?? ""))) {
      // Each block counts its own lists from 0.
      record[key.replace(/\d+$/, "") + number] = value;
    }
  }
  return Module.parse(record);
}

/** `72%`, `0.936`, `56`. */
export function figureOf(raw: unknown): number | undefined {
  return toNumber(typeof raw === "string" ? raw.replace(/\s*%\s*$/, "") : raw);
}

/** Entries of a list; one that is no number is undefined and keeps its place. */
export function figuresOf(raw: unknown): (number | undefined)[] {
  if (typeof raw !== "string" || raw.trim() === "") return [];
  return raw.trim().split(/\s+/).map(figureOf);
}

/**
 * The figures of the supply, in the places that PS names. None where all are 0: then the board has no
 * word from its supply (POW_I2C_CONN[FAILED] was seen with it), and a rail of 0 V says nothing.
 */
export function supplyOf(module: Module): (number | undefined)[] {
  const figures = figuresOf(module.PS);
  return figures.every((figure) => figure === 0) ? [] : figures;
}
