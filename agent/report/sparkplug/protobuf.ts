// The four wire types of Protocol Buffers, as far as Sparkplug's payload needs them.

/** An unsigned 64-bit number: a bigint only where a double would lose digits. */
export type Uint64 = number | bigint;

/** The bytes are no Protocol Buffers message, or one beyond the limits. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtobufError";
  }
}

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Appends fields to one buffer that grows by doubling; `finish` hands out a copy and starts anew. */
export class ProtobufWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** Forgets what a broken-off message left. */
  begin(): void {
    this.#length = 0;
  }

  finish(): Buffer {
    const copy = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return copy;
  }

  /** Throws a RangeError for a negative number: two's complement is the caller's choice. */
  varint(field: number, value: Uint64): void {
    if (!(value >= 0)) throw new RangeError(`field ${field}: expected 0 or more, got ${value}`);
    this.#reserve(15);
    this.#tag(field, WIRE.varint);
    if (typeof value === "number") this.#number(value);
    else this.#bigint(value);
  }

  bool(field: number, value: boolean): void {
    this.varint(field, value ? 1 : 0);
  }

  float(field: number, value: number): void {
    this.#reserve(9);
    this.#tag(field, WIRE.fixed32);
    this.#length = this.#buffer.writeFloatLE(value, this.#length);
  }

  double(field: number, value: number): void {
    this.#reserve(13);
    this.#tag(field, WIRE.fixed64);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  string(field: number, value: string): void {
    const size = Buffer.byteLength(value);
    this.#reserve(size + 10);
    this.#tag(field, WIRE.bytes);
    this.#number(size);
    this.#length += this.#buffer.write(value, this.#length);
  }

  /** An embedded message. Its length is one byte in nearly every case, so only long ones are moved. */
  message(field: number, write: () => void): void {
    this.#reserve(10);
    this.#tag(field, WIRE.bytes);
    this.#length += 1;
    const start = this.#length;
    write();
    const size = this.#length - start;
    const room = varintSize(size) - 1;
    if (room > 0) {
      this.#reserve(room);
      this.#buffer.copyWithin(start + room, start, this.#length);
    }
    this.#length = start - 1;
    this.#number(size);
    this.#length += size;
  }

  #tag(field: number, wire: number): void {
    this.#number(field * 8 + wire);
  }

  #number(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #bigint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Reads fields of one message; every method throws ProtobufError at the end of the bytes. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #position: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  /** The next field's number times eight plus its wire type. */
  tag(): number {
    const tag = this.varint();
    if (typeof tag !== "number" || tag > 0xffff_ffff || tag < 8) {
      throw new ProtobufError(`no field tag at byte ${this.#position}: ${tag}`);
    }
    return tag;
  }

  varint(): Uint64 {
    let value = 0;
    for (let scale = 1, count = 0; count < 7; count += 1, scale *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return this.#longVarint(value);
  }

  /** Seven bytes gave 49 bits; what follows may pass 2^53. */
  #longVarint(low: number): Uint64 {
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        const bits = BigInt.asUintN(64, value);
        return bits <= MAX_EXACT ? Number(bits) : bits;
      }
    }
    throw new ProtobufError(`a varint longer than ten bytes ends at byte ${this.#position}`);
  }

  uint32(): number {
    const value = this.varint();
    return typeof value === "number" ? value % 0x1_0000_0000 : Number(BigInt.asUintN(32, value));
  }

  bool(): boolean {
    return this.varint() !== 0;
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  string(): string {
    const size = this.#size();
    const start = this.#take(size);
    return this.#bytes.toString("utf8", start, start + size);
  }

  message(): ProtobufReader {
    const size = this.#size();
    const start = this.#take(size);
    return new ProtobufReader(this.#bytes, start, start + size);
  }

  skip(wire: number): void {
    if (wire === WIRE.varint) this.varint();
    else if (wire === WIRE.fixed64) this.#take(8);
    else if (wire === WIRE.bytes) this.#take(this.#size());
    else if (wire === WIRE.fixed32) this.#take(4);
    // Groups (3, 4) were withdrawn before Sparkplug existed.
    else throw new ProtobufError(`unknown wire type ${wire} at byte ${this.#position}`);
  }

  #size(): number {
    const size = this.varint();
    if (typeof size !== "number") throw new ProtobufError(`impossible length ${size}`);
    return size;
  }

  #byte(): number {
    const byte = this.#position < this.#end ? this.#bytes[this.#position] : undefined;
    if (byte === undefined) throw new ProtobufError(`ends inside a number at byte ${this.#end}`);
    this.#position += 1;
    return byte;
  }

  #take(size: number): number {
    const start = this.#position;
    if (size > this.#end - start) {
      throw new ProtobufError(
        `${size} bytes wanted at byte ${start}, the message ends at ${this.#end}`,
      );
    }
    this.#position = start + size;
    return start;
  }
}

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);
