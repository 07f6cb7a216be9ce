// Sparkplug's basic data types and which field of a metric carries each.

import type { Uint64 } from "./protobuf.ts";

/** The codes of Sparkplug 3.0, section 6.4.16; only basic types. */
export const DATATYPES = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
} as const;

export type Datatype = keyof typeof DATATYPES;

/** DateTime is in milliseconds since 1970-01-01T00:00:00Z. */
export type MetricValue = number | bigint | boolean | string;

/** A value as it lies in the message; signed numbers as two's complement. */
export type WireValue =
  | { readonly field: "int"; readonly value: number }
  | { readonly field: "long"; readonly value: Uint64 }
  | { readonly field: "float"; readonly value: number }
  | { readonly field: "double"; readonly value: number }
  | { readonly field: "boolean"; readonly value: boolean }
  | { readonly field: "string"; readonly value: string };

const FIELDS = {
  Int8: "int",
  Int16: "int",
  Int32: "int",
  Int64: "long",
  UInt8: "int",
  UInt16: "int",
  UInt32: "int",
  UInt64: "long",
  Float: "float",
  Double: "double",
  Boolean: "boolean",
  String: "string",
  DateTime: "long",
  Text: "string",
} as const satisfies Record<Datatype, WireValue["field"]>;

const SIGNED_BITS: { readonly [Type in Datatype]?: number } = { Int8: 8, Int16: 16, Int32: 32 };

const NAMES = new Map<number, Datatype>(
  Object.entries(DATATYPES).map(([name, code]) => [code, name as Datatype]),
);

export const datatypeOf = (code: number | undefined): Datatype | undefined =>
  code === undefined ? undefined : NAMES.get(code);

/**
 * Puts a value into the field of its type. Numbers are rounded for integer types. Undefined for what
 * the type cannot carry: a text for a number, NaN, an overflow.
 */
export function toWire(type: Datatype, value: MetricValue): WireValue | undefined {
  const field = FIELDS[type];
  if (field === "string") return typeof value === "string" ? { field, value } : undefined;
  if (field === "boolean") return typeof value === "boolean" ? { field, value } : undefined;
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  if (field === "long") return toLong(type, value);
  const number = Number(value);
  if (!Number.isFinite(number)) return undefined;
  if (field === "int") return toInt(type, Math.round(number));
  return { field, value: number };
}

function toInt(type: Datatype, value: number): WireValue | undefined {
  const bits = type.endsWith("8") ? 8 : type.endsWith("16") ? 16 : 32;
  const signed = SIGNED_BITS[type] !== undefined;
  const min = signed ? -(2 ** (bits - 1)) : 0;
  const max = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  if (value < min || value > max) return undefined;
  return { field: "int", value: value >>> 0 };
}

function toLong(type: Datatype, value: number | bigint): WireValue | undefined {
  if (typeof value === "number") {
    const whole = Math.round(value);
    if (!Number.isSafeInteger(whole)) return undefined;
    if (whole >= 0) return { field: "long", value: whole };
    return type === "Int64"
      ? { field: "long", value: BigInt.asUintN(64, BigInt(whole)) }
      : undefined;
  }
  const fits = (type === "Int64" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
  return fits ? { field: "long", value: exact(BigInt.asUintN(64, value)) } : undefined;
}

/** Reads a field in the light of the type that the birth named; as it lies when none is known. */
export function fromWire(type: Datatype | undefined, wire: WireValue): MetricValue {
  if (wire.field === "int" && type !== undefined) {
    const bits = SIGNED_BITS[type];
    return bits === undefined ? wire.value : (wire.value << (32 - bits)) >> (32 - bits);
  }
  if (wire.field === "long" && type === "Int64") {
    return exact(BigInt.asIntN(64, BigInt(wire.value)));
  }
  return wire.value;
}

function exact(value: bigint): Uint64 {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
