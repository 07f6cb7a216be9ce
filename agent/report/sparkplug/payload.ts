// Sparkplug's payload message, written by hand: the fields that an edge node of this kind uses, under
// the numbers of sparkplug_b.proto. The generated code of that file costs more than the daemon's MQTT.

import type { WireValue } from "./datatype.ts";
import { ProtobufError, ProtobufReader, ProtobufWriter, type Uint64, WIRE } from "./protobuf.ts";

export interface Metric {
  readonly name?: string;
  readonly alias?: Uint64;
  /** Milliseconds since 1970-01-01T00:00:00Z, when the value was captured. */
  readonly timestamp?: Uint64;
  /** A code of DATATYPES, or one of the types that this room does not read. */
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  /** The property `engUnit` of a birth, as SCADA systems read it. */
  readonly unit?: string;
  /** Absent for a null, and for a data set, template or file, which are skipped. */
  readonly value?: WireValue;
}

export interface Payload {
  /** Milliseconds since 1970-01-01T00:00:00Z, when the message was sent. */
  readonly timestamp?: Uint64;
  readonly metrics: readonly Metric[];
  /** 0 to 255. */
  readonly seq?: Uint64;
}

/** A birth of a machine with 20 boards holds some 400 metrics. */
export const MAX_METRICS = 20_000;
/** The largest message that is read at all, in bytes. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

const UNIT_KEY = "engUnit";
const STRING_TYPE = 12;

const writer = new ProtobufWriter(4096);

export function encodePayload(payload: Payload): Buffer {
  writer.begin();
  if (payload.timestamp !== undefined) writer.varint(1, payload.timestamp);
  for (const metric of payload.metrics) writer.message(2, () => writeMetric(metric));
  if (payload.seq !== undefined) writer.varint(3, payload.seq);
  return writer.finish();
}

function writeMetric(metric: Metric): void {
  const { unit } = metric;
  if (metric.name !== undefined) writer.string(1, metric.name);
  if (metric.alias !== undefined) writer.varint(2, metric.alias);
  if (metric.timestamp !== undefined) writer.varint(3, metric.timestamp);
  if (metric.datatype !== undefined) writer.varint(4, metric.datatype);
  if (metric.isHistorical !== undefined) writer.bool(5, metric.isHistorical);
  if (metric.isNull !== undefined) writer.bool(7, metric.isNull);
  if (unit !== undefined) writer.message(9, () => writeUnit(unit));
  if (metric.value !== undefined) writeValue(metric.value);
}

function writeUnit(unit: string): void {
  writer.string(1, UNIT_KEY);
  writer.message(2, () => {
    writer.varint(1, STRING_TYPE);
    writer.string(8, unit);
  });
}

function writeValue(wire: WireValue): void {
  switch (wire.field) {
    case "int":
      writer.varint(10, wire.value);
      break;
    case "long":
      writer.varint(11, wire.value);
      break;
    case "float":
      writer.float(12, wire.value);
      break;
    case "double":
      writer.double(13, wire.value);
      break;
    case "boolean":
      writer.bool(14, wire.value);
      break;
    case "string":
      writer.string(15, wire.value);
      break;
  }
}

type Draft<Message> = { -readonly [Key in keyof Message]: Message[Key] };

/**
 * Reads a payload; unknown fields are skipped. Throws ProtobufError for bytes that are no message, for
 * more than MAX_METRICS metrics or MAX_PAYLOAD_BYTES bytes.
 */
export function decodePayload(bytes: Buffer): Payload {
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new ProtobufError(`${bytes.length} bytes, at most ${MAX_PAYLOAD_BYTES} are read`);
  }
  const reader = new ProtobufReader(bytes);
  const metrics: Metric[] = [];
  const payload: Draft<Payload> = { metrics };
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === field(1, WIRE.varint)) payload.timestamp = reader.varint();
    else if (tag === field(3, WIRE.varint)) payload.seq = reader.varint();
    else if (tag === field(2, WIRE.bytes)) {
      if (metrics.length === MAX_METRICS) throw new ProtobufError(`over ${MAX_METRICS} metrics`);
      metrics.push(readMetric(reader.message()));
    } else reader.skip(tag & 7);
  }
  return payload;
}

const field = (number: number, wire: number): number => number * 8 + wire;

function readMetric(reader: ProtobufReader): Metric {
  const metric: Draft<Metric> = {};
  while (!reader.done) {
    const tag = reader.tag();
    if (readAbout(metric, tag, reader)) continue;
    const value = readValue(tag, reader);
    if (value === undefined) reader.skip(tag & 7);
    else metric.value = value;
  }
  return metric;
}

/** False when the field is none of these and was not read. */
function readAbout(metric: Draft<Metric>, tag: number, reader: ProtobufReader): boolean {
  switch (tag) {
    case field(1, WIRE.bytes):
      metric.name = reader.string();
      return true;
    case field(2, WIRE.varint):
      metric.alias = reader.varint();
      return true;
    case field(3, WIRE.varint):
      metric.timestamp = reader.varint();
      return true;
    case field(4, WIRE.varint):
      metric.datatype = reader.uint32();
      return true;
    case field(5, WIRE.varint):
      metric.isHistorical = reader.bool();
      return true;
    case field(7, WIRE.varint):
      metric.isNull = reader.bool();
      return true;
    case field(9, WIRE.bytes):
      readProperties(metric, reader.message());
      return true;
    default:
      return false;
  }
}

function readValue(tag: number, reader: ProtobufReader): WireValue | undefined {
  switch (tag) {
    case field(10, WIRE.varint):
      return { field: "int", value: reader.uint32() };
    case field(11, WIRE.varint):
      return { field: "long", value: reader.varint() };
    case field(12, WIRE.fixed32):
      return { field: "float", value: reader.float() };
    case field(13, WIRE.fixed64):
      return { field: "double", value: reader.double() };
    case field(14, WIRE.varint):
      return { field: "boolean", value: reader.bool() };
    case field(15, WIRE.bytes):
      return { field: "string", value: reader.string() };
    default:
      return undefined;
  }
}

/** Of a property set only the text under `engUnit` is kept; keys and values are parallel lists. */
function readProperties(metric: Draft<Metric>, reader: ProtobufReader): void {
  const keys: string[] = [];
  const texts: (string | undefined)[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === field(1, WIRE.bytes)) keys.push(reader.string());
    else if (tag === field(2, WIRE.bytes)) texts.push(readText(reader.message()));
    else reader.skip(tag & 7);
  }
  const unit = texts[keys.indexOf(UNIT_KEY)];
  if (unit !== undefined) metric.unit = unit;
}

function readText(reader: ProtobufReader): string | undefined {
  let text: string | undefined;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === field(8, WIRE.bytes)) text = reader.string();
    else reader.skip(tag & 7);
  }
  return text;
}
