// How API 3.x proves who writes: a hash over command, password, salt and time. Its first letters are the
// token; for the two commands that carry passwords the whole of it is the AES key of the parameter.

import { createCipheriv, createHash } from "node:crypto";

/** Secret. */
export interface Signature {
  readonly token: string;
  /** AES-256. */
  readonly key: Buffer;
}

const TOKEN_LENGTH = 8;

/** `seconds`: the time that the request carries, Unix seconds. */
export function sign(command: string, password: string, salt: string, seconds: number): Signature {
  const key = createHash("sha256").update(`${command}${password}${salt}${seconds}`).digest();
  return { token: key.toString("base64").slice(0, TOKEN_LENGTH), key };
}

/** AES-256-ECB with PKCS7 padding, in base64. */
export function encryptParameter(text: string, key: Buffer): string {
  const cipher = createCipheriv("aes-256-ecb", key, null);
  return Buffer.concat([cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}
