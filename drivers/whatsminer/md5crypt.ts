// The `$1$` password scheme that btminer keys are made with: no Node built-in, no kept package.

import { createHash } from "node:crypto";

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MAGIC = "$1$";
const LONGEST_SALT = 8;

/** The 22 characters after `$1$salt$`. Salts are cut to 8 bytes, as every implementation does. */
export function md5crypt(password: string, salt: string): string {
  const word = Buffer.from(password, "utf8");
  const grain = Buffer.from(salt, "utf8").subarray(0, LONGEST_SALT);
  let digest = firstDigest(word, grain);
  for (let round = 0; round < 1000; round += 1) {
    const odd = round % 2 === 1;
    digest = md5(
      odd ? word : digest,
      round % 3 === 0 ? NOTHING : grain,
      round % 7 === 0 ? NOTHING : word,
      odd ? digest : word,
    );
  }
  return encode(digest);
}

const NOTHING = Buffer.alloc(0);
const ZERO = Buffer.alloc(1);

function firstDigest(word: Buffer, salt: Buffer): Buffer {
  const inner = md5(word, salt, word);
  const parts = [word, Buffer.from(MAGIC), salt];
  for (let left = word.length; left > 0; left -= inner.length) parts.push(inner.subarray(0, left));
  for (let bits = word.length; bits > 0; bits >>= 1) {
    parts.push(bits % 2 === 1 ? ZERO : word.subarray(0, 1));
  }
  return md5(...parts);
}

function md5(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** 24-bit groups of bytes i, i+6, i+12 (the last is 4, 10, 5), six bits a letter, low bits first. */
function encode(digest: Buffer): string {
  let text = "";
  for (let index = 0; index < 5; index += 1) {
    const third = index === 4 ? 5 : index + 12;
    const group =
      (digest.readUInt8(index) << 16) |
      (digest.readUInt8(index + 6) << 8) |
      digest.readUInt8(third);
    text += letters(group, 4);
  }
  return text + letters(digest.readUInt8(11), 2);
}

function letters(value: number, count: number): string {
  let text = "";
  for (let index = 0; index < count; index += 1) text += ALPHABET[(value >> (6 * index)) & 63];
  return text;
}
