// Values that look like what they stand for and tell nothing: a MAC stays a MAC, a serial keeps its length.

import { createHmac, randomBytes } from "node:crypto";

/** `secret`: not even its length stays. */
export type Shape = "mac" | "ip" | "text" | "secret";

/** In place of what nothing depends on. */
export const MASKED = "masked";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
/** Ten single digits have only themselves to stand for one another. */
const ATTEMPTS = 200;
/** Left as they are: escapes of JSON and of forms, one value of which would break the whole text. */
const ESCAPES = /\\u[0-9a-f]{4}|\\[\s\S]|%[0-9a-f]{2}|[a-z0-9\u0080-\uffff]+/gi;

/**
 * The same value gets the same mask within one capture. The key is random and forgotten, because the few
 * MACs of one maker are soon tried out against a plain hash.
 */
export class Mask {
  readonly #key: Buffer;
  readonly #words = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(key: Buffer = randomBytes(32)) {
    this.#key = key;
  }

  of(shape: Shape, value: string): string {
    if (shape === "mac") return this.#mac(value);
    if (shape === "secret") return MASKED;
    if (shape === "ip") return this.#ip(value);
    return value.replace(ESCAPES, (run) => this.#run(run));
  }

  /** Locally administered; separators and case as they came. */
  #mac(value: string): string {
    const given = value.replace(/[^0-9a-f]/gi, "");
    const masked = `02${this.#bytes(given.toUpperCase()).toString("hex").slice(0, 10)}`;
    const upper = /[A-F]/.test(given) || !/[a-f]/.test(given);
    const digits = upper ? masked.toUpperCase() : masked;
    let place = 0;
    return value.replace(/[0-9a-f]/gi, () => digits.charAt(place++));
  }

  #ip(value: string): string {
    const [a = 0, b = 0, c = 0] = this.#bytes(value);
    return `10.${a}.${b}.${(c % 254) + 1}`;
  }

  /** One word of letters and digits. Bytes beyond ASCII are part of it. */
  #run(run: string): string {
    if (run.startsWith("\\u")) return "\\u0078";
    if (run.startsWith("\\") || run.startsWith("%")) return run;
    const known = this.#words.get(run);
    if (known !== undefined) return known;
    let masked = run;
    // Two boards must not get one serial, which short words easily would.
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      masked = this.#letters(run, attempt);
      if (masked !== run && !this.#taken.has(masked)) break;
    }
    this.#words.set(run, masked);
    this.#taken.add(masked);
    return masked;
  }

  #letters(run: string, attempt: number): string {
    return Array.from(run, (letter, place) => {
      const byte = this.#bytes(`${attempt} ${Math.floor(place / 32)} ${run}`)[place % 32] ?? 0;
      // A number must not begin with 0.
      if (/[0-9]/.test(letter))
        return DIGITS.charAt(run.length > 1 && place === 0 ? (byte % 9) + 1 : byte % 10);
      const chosen = LOWER.charAt(byte % LOWER.length);
      return /[A-Z]/.test(letter) ? chosen.toUpperCase() : chosen;
    }).join("");
  }

  #bytes(value: string): Buffer {
    return createHmac("sha256", this.#key).update(value, "latin1").digest();
  }
}
