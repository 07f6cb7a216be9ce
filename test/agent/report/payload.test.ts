import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DATATYPES,
  type Datatype,
  datatypeOf,
  fromWire,
  type MetricValue,
  toWire,
  type WireValue,
} from "../../../agent/report/sparkplug/datatype.ts";
import {
  decodePayload,
  encodePayload,
  MAX_METRICS,
  MAX_PAYLOAD_BYTES,
  type Metric,
  type Payload,
} from "../../../agent/report/sparkplug/payload.ts";
import { ProtobufError, type Uint64 } from "../../../agent/report/sparkplug/protobuf.ts";
import { oracleDecode, oracleEncode } from "./oracle.ts";

const SEED = 20_261_124;

const uint64: fc.Arbitrary<Uint64> = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value));
const smallNumbers: fc.Arbitrary<Uint64> = fc.oneof(fc.nat(), uint64);
const text = fc.string({ unit: "grapheme", maxLength: 200 });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

const wire: fc.Arbitrary<WireValue> = fc.oneof(
  fc.record({ field: fc.constant("int" as const), value: uint32 }),
  fc.record({ field: fc.constant("long" as const), value: smallNumbers }),
  fc.record({ field: fc.constant("float" as const), value: fc.float({ noNaN: true }) }),
  fc.record({ field: fc.constant("double" as const), value: fc.double({ noNaN: true }) }),
  fc.record({ field: fc.constant("boolean" as const), value: fc.boolean() }),
  fc.record({ field: fc.constant("string" as const), value: text }),
);

const metric: fc.Arbitrary<Metric> = fc.record(
  {
    name: text,
    alias: smallNumbers,
    timestamp: smallNumbers,
    datatype: uint32,
    isHistorical: fc.boolean(),
    isNull: fc.boolean(),
    unit: text,
    value: wire,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Metric>;

const payload: fc.Arbitrary<Payload> = fc.record(
  { timestamp: smallNumbers, seq: smallNumbers, metrics: fc.array(metric, { maxLength: 20 }) },
  { requiredKeys: ["metrics"] },
) as fc.Arbitrary<Payload>;

const big = (value: Uint64 | undefined) => (value === undefined ? undefined : BigInt(value));

/** Our payload in the oracle's words. */
function expectedOf({ timestamp, seq, metrics }: Payload) {
  const clean = (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return clean({
    timestamp: big(timestamp),
    seq: big(seq),
    metrics: metrics.map(({ value, alias, timestamp: at, ...rest }) =>
      clean({
        ...rest,
        alias: big(alias),
        timestamp: big(at),
        field: value?.field,
        value: value?.field === "long" ? BigInt(value.value) : value?.value,
      }),
    ),
  });
}

describe("encodePayload", () => {
  it("writes what protobufjs reads", () => {
    fc.assert(
      fc.property(payload, (message) => {
        expect(oracleDecode(encodePayload(message))).toEqual(expectedOf(message));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("writes embedded messages of every length of length", () => {
    for (const size of [0, 1, 100, 119, 120, 127, 128, 16_300, 16_383, 16_384, 70_000]) {
      const message = { metrics: [{ name: "n".repeat(size), alias: 1 }, { name: "after" }] };
      expect(oracleDecode(encodePayload(message)).metrics).toEqual([
        { name: "n".repeat(size), alias: 1n },
        { name: "after" },
      ]);
    }
  });

  it("leaves nothing of a message that could not be written", () => {
    expect(() => encodePayload({ metrics: [{ name: "half", alias: -1 }] })).toThrow(RangeError);
    expect(oracleDecode(encodePayload({ metrics: [], seq: 7 }))).toEqual({ seq: 7n, metrics: [] });
  });
});

describe("decodePayload", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(payload, (message) => {
        expect(decodePayload(encodePayload(message))).toEqual(message);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("reads what protobufjs writes, and skips what it does not use", () => {
    const bytes = oracleEncode({
      timestamp: "1780000000000",
      seq: 12,
      uuid: "schema",
      body: Buffer.from([1, 2, 3]),
      metrics: [
        {
          name: "Temperature",
          alias: "18446744073709551615",
          timestamp: "1780000000001",
          datatype: 10,
          is_transient: true,
          metadata: { content_type: "text" },
          properties: {
            keys: ["Quality", "engUnit"],
            values: [
              { type: 3, int_value: 192 },
              { type: 12, string_value: "°C" },
            ],
          },
          double_value: 62.5,
        },
        { name: "Table", datatype: 16, dataset_value: { columns: ["a"] } },
        { name: "File", datatype: 18, bytes_value: Buffer.from([9]) },
      ],
    });
    expect(decodePayload(bytes)).toEqual({
      timestamp: 1_780_000_000_000,
      seq: 12,
      metrics: [
        {
          name: "Temperature",
          alias: 2n ** 64n - 1n,
          timestamp: 1_780_000_000_001,
          datatype: 10,
          unit: "°C",
          value: { field: "double", value: 62.5 },
        },
        { name: "Table", datatype: 16 },
        { name: "File", datatype: 18 },
      ],
    });
  });

  it("answers random bytes with a payload or a ProtobufError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodePayload(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  it("answers a message with one byte changed or cut off with a payload or a ProtobufError", () => {
    fc.assert(
      fc.property(
        payload,
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.boolean(),
        (message, at, byte, cut) => {
          const bytes = encodePayload(message);
          if (bytes.length === 0) return;
          const index = at % bytes.length;
          if (!cut) bytes[index] = byte;
          try {
            decodePayload(cut ? bytes.subarray(0, index) : bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError);
          }
        },
      ),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it.each([
    ["an endless varint", [0x08, ...Array(11).fill(0xff)]],
    ["a length beyond the end", [0x12, 0x7f, 0x00]],
    ["a length of 2^63", [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ["a group", [0x33, 0x34]],
    ["field number 0", [0x00, 0x01]],
    ["a double cut short", [0x12, 0x03, 0x69, 0x00, 0x00]],
  ])("refuses %s", (_, bytes) => {
    expect(() => decodePayload(Buffer.from(bytes))).toThrow(ProtobufError);
  });

  it("is bounded in bytes and metrics", () => {
    expect(() => decodePayload(Buffer.alloc(MAX_PAYLOAD_BYTES + 1))).toThrow(/at most/);
    const empty = Buffer.alloc((MAX_METRICS + 1) * 2);
    for (let index = 0; index < empty.length; index += 2) empty[index] = 0x12;
    expect(() => decodePayload(empty)).toThrow(/metrics/);
    expect(decodePayload(empty.subarray(2)).metrics).toHaveLength(MAX_METRICS);
  });
});

describe("datatypes", () => {
  it.each<[Datatype, MetricValue]>([
    ["Int8", -128],
    ["Int16", -2],
    ["Int32", -2_147_483_648],
    ["Int32", 2_147_483_647],
    ["UInt8", 255],
    ["UInt32", 4_294_967_295],
    ["Int64", -1],
    ["Int64", Number.MIN_SAFE_INTEGER],
    ["Int64", -(2n ** 63n)],
    ["UInt64", 2n ** 64n - 1n],
    ["DateTime", 1_780_000_000_000],
    ["Double", -1.5],
    ["Float", 0.5],
    ["Boolean", false],
    ["String", ""],
  ])("%s carries %s there and back", (type, value) => {
    const carried = toWire(type, value);
    if (carried === undefined) throw new Error("not carried");
    const [metric] = decodePayload(encodePayload({ metrics: [{ value: carried }] })).metrics;
    if (metric?.value === undefined) throw new Error("no value");
    expect(fromWire(type, metric.value)).toBe(value);
    expect(datatypeOf(DATATYPES[type])).toBe(type);
  });

  it.each<[Datatype, MetricValue]>([
    ["Int8", 128],
    ["Int32", 2 ** 31],
    ["UInt32", -1],
    ["UInt64", -1],
    ["UInt64", 2n ** 64n],
    ["Int64", 2 ** 60],
    ["Double", Number.NaN],
    ["Double", Number.POSITIVE_INFINITY],
    ["Int32", Number.NaN],
    ["Double", "12"],
    ["String", 12],
    ["Boolean", 1],
  ])("%s cannot carry %s", (type, value) => {
    expect(toWire(type, value)).toBeUndefined();
  });
});
