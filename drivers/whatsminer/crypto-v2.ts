// How API 2.x proves who writes: a token and an AES key, both made from the password and two salts.

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { md5crypt } from "./md5crypt.ts";

/** The machine's part of the handshake: `Msg` of `get_token`. */
export interface Salts {
  readonly time: string;
  readonly salt: string;
  readonly newsalt: string;
}

/** Secret. `token` stands in the plain text of each write, `key` is the AES-256 key. */
export interface Credential {
  readonly token: string;
  readonly key: Buffer;
}

const BLOCK = 16;

export function credentialOf(password: string, salts: Salts): Credential {
  const word = md5crypt(password, salts.salt);
  return {
    token: md5crypt(word + salts.time.slice(-4), salts.newsalt),
    key: createHash("sha256").update(word, "ascii").digest(),
  };
}

/** AES-256-ECB of the text, filled with zero bytes, in base64. */
export function encrypt(text: string, key: Buffer): string {
  const bytes = Buffer.from(text, "utf8");
  const padded = Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK);
  bytes.copy(padded);
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}

/**
 * Undoes encrypt(), PKCS7 padding included, which firmware accepts as well. Undefined for what is no
 * whole number of blocks; a wrong key gives nonsense, which the JSON parser then refuses.
 */
export function decrypt(data: string, key: Buffer): string | undefined {
  const bytes = Buffer.from(data, "base64");
  if (bytes.length === 0 || bytes.length % BLOCK !== 0) return undefined;
  const decipher = createDecipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const text = Buffer.concat([decipher.update(bytes), decipher.final()]).toString("utf8");
  // Neither padding can be part of compact JSON, which has no bare control characters.
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= BLOCK) end -= 1;
  return text.slice(0, end);
}
