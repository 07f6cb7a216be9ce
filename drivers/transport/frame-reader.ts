// Cuts a stream of bytes into texts: a length of four bytes, little-endian, then so many bytes of UTF-8.

const HEADER = 4;

export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #size = 0;

  /** A longer text is `oversize`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#skipHeartbeats();
  }

  /** Bytes that are not taken yet. */
  get size(): number {
    return this.#size;
  }

  get empty(): boolean {
    return this.#size === 0;
  }

  /** Length of the text to come, when it is too long. */
  get oversize(): number | undefined {
    const length = this.#length();
    return length !== undefined && length > this.#maxBytes ? length : undefined;
  }

  /** The first four bytes are printable, which as a length would be half a gigabyte: no frame at all. */
  get unframed(): boolean {
    if (this.oversize === undefined) return false;
    return [...this.#head().subarray(0, HEADER)].every((byte) => byte >= 0x20 && byte < 0x7f);
  }

  /** The next complete text, taken out; undefined when there is none yet. */
  next(): string | undefined {
    const length = this.#length();
    if (length === undefined || this.#size < HEADER + length) return undefined;
    const all = Buffer.concat(this.#chunks);
    this.#reset(all.subarray(HEADER + length));
    this.#skipHeartbeats();
    return all.subarray(HEADER, HEADER + length).toString("utf8");
  }

  /** A length of 0 only tells that the connection lives. */
  #skipHeartbeats(): void {
    while (this.#length() === 0) this.#reset(Buffer.concat(this.#chunks).subarray(HEADER));
  }

  #length(): number | undefined {
    return this.#size < HEADER ? undefined : this.#head().readUInt32LE(0);
  }

  /** Starts with the whole header; the rest of a long text stays in its pieces. */
  #head(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= HEADER) return first;
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #reset(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}
