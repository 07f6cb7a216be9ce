import type { Twist } from "./twist.ts";

/** Something that turns a machine's bytes into values. */
export interface Parser {
  readonly name: string;
  /** Throws DeviceError; returns what was understood. */
  /** How often one input is decoded; the limit is for each time. Default 1. */
  readonly decodes?: number;
  readonly run: (twists: readonly Twist[]) => unknown;
}

/** Each input goes to one of them. */
export function anyOf(name: string, parsers: readonly Parser[]): Parser {
  return {
    name,
    run: (twists) => {
      const [{ at, what } = { at: 0, what: 0 }] = twists;
      return parsers[(at + what) % parsers.length]?.run(twists);
    },
  };
}
