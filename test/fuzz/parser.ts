import { createHash } from "node:crypto";
import type { Twist } from "./twist.ts";

/** Of bytes, and of what is said beside them. */
export function identityOf(bytes: Uint8Array, beside = ""): string {
  return createHash("sha1").update(bytes).update(beside).digest("base64");
}

/** What the twists come to. */
export interface Input {
  /** The same for the same bytes: they are decoded once. */
  readonly identity: string;
  /** Throws DeviceError; returns what was understood. */
  readonly run: () => unknown;
}

/** Something that turns a machine's bytes into values. */
export interface Parser {
  readonly name: string;
  /** How often one input is decoded; the limit is for each time. Default 1. */
  readonly decodes?: number;
  readonly input: (twists: readonly Twist[]) => Input;
}

/** Each input goes to one of them. */
export function anyOf(name: string, parsers: readonly Parser[]): Parser {
  return {
    name,
    input: (twists) => {
      const [{ at, what } = { at: 0, what: 0 }] = twists;
      const chosen = (at + what) % parsers.length;
      const parser = parsers[chosen];
      if (parser === undefined) throw new Error(`${name}: nothing to choose from`);
      const { identity, run } = parser.input(twists);
      return { identity: `${chosen} ${identity}`, run };
    },
  };
}
