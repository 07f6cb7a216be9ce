// The bytes of one reply, as they arrive, and the memory that sockets read them into.

import { StringDecoder } from "node:string_decoder";

const NUL = 0;
/** White space of JSON, which may follow a reply: tab, line feed, carriage return, space. */
const BLANK: readonly (number | undefined)[] = [9, 10, 13, 32];
const BRACES: readonly (number | undefined)[] = ["}".charCodeAt(0), "]".charCodeAt(0)];

/** Decodes UTF-8 piece by piece, so that no bytes are kept; characters may be cut between two pieces. */
export class ReplyBytes {
  readonly #decoder = new StringDecoder("utf8");
  #text = "";
  /** Bytes so far. */
  size = 0;

  add(bytes: Uint8Array): void {
    this.size += bytes.length;
    this.#text += this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /** Everything up to now; nothing can be added afterwards. */
  end(): string {
    return this.#text + this.#decoder.end();
  }

  isCompleteJson(): boolean {
    try {
      JSON.parse(this.#text);
      return true;
    } catch {
      return false;
    }
  }
}

export const hasNul = (bytes: Uint8Array): boolean => bytes.includes(NUL);

/** A line end may come in a packet of its own, after the one that looked complete. */
export function mayEndHere(bytes: Uint8Array): boolean {
  let last = bytes.length - 1;
  while (last >= 0 && BLANK.includes(bytes[last])) last -= 1;
  return last < 0 || BRACES.includes(bytes[last]);
}

const BUFFER_SIZE = 16 * 1024;
/** As many as are kept for the next socket, which is 1 MB. */
const MOST_SPARE = 64;
const spare: Buffer[] = [];

/**
 * Without one of these each read of each socket gets 64 KB of its own, which the allocator then holds
 * on to. One socket at a time: the system may write into it until that socket has closed.
 */
export function takeReadBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_SIZE);
}

/** Only when the socket that read into it has closed. */
export function giveReadBuffer(buffer: Buffer): void {
  if (spare.length < MOST_SPARE) spare.push(buffer);
}
