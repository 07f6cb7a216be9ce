// Sparkplug's payload as protobufjs reads it: written from the field numbers of sparkplug_b.proto, so
// that it shares nothing with the code under test.

import protobuf from "protobufjs";

const optional = (id: number, type: string) => ({ id, type, rule: "optional" });
const repeated = (id: number, type: string) => ({ id, type, rule: "repeated" });

const root = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      fields: {
        timestamp: optional(1, "uint64"),
        metrics: repeated(2, "Metric"),
        seq: optional(3, "uint64"),
        uuid: optional(4, "string"),
        body: optional(5, "bytes"),
      },
    },
    Metric: {
      oneofs: {
        value: {
          oneof: [
            "int_value",
            "long_value",
            "float_value",
            "double_value",
            "boolean_value",
            "string_value",
            "bytes_value",
            "dataset_value",
          ],
        },
      },
      fields: {
        name: optional(1, "string"),
        alias: optional(2, "uint64"),
        timestamp: optional(3, "uint64"),
        datatype: optional(4, "uint32"),
        is_historical: optional(5, "bool"),
        is_transient: optional(6, "bool"),
        is_null: optional(7, "bool"),
        metadata: optional(8, "MetaData"),
        properties: optional(9, "PropertySet"),
        int_value: optional(10, "uint32"),
        long_value: optional(11, "uint64"),
        float_value: optional(12, "float"),
        double_value: optional(13, "double"),
        boolean_value: optional(14, "bool"),
        string_value: optional(15, "string"),
        bytes_value: optional(16, "bytes"),
        dataset_value: optional(17, "DataSet"),
      },
    },
    MetaData: {
      fields: { is_multi_part: optional(1, "bool"), content_type: optional(2, "string") },
    },
    PropertySet: {
      fields: { keys: repeated(1, "string"), values: repeated(2, "PropertyValue") },
    },
    PropertyValue: {
      fields: {
        type: optional(1, "uint32"),
        is_null: optional(2, "bool"),
        int_value: optional(3, "uint32"),
        long_value: optional(4, "uint64"),
        float_value: optional(5, "float"),
        double_value: optional(6, "double"),
        boolean_value: optional(7, "bool"),
        string_value: optional(8, "string"),
      },
    },
    DataSet: {
      fields: { num_of_columns: optional(1, "uint64"), columns: repeated(2, "string") },
    },
  },
});

const type = root.lookupType("Payload");

export interface OracleMetric {
  name?: string;
  alias?: bigint;
  timestamp?: bigint;
  datatype?: number;
  isHistorical?: boolean;
  isNull?: boolean;
  /** Which field of the value is set, and what it holds. */
  field?: string;
  value?: number | bigint | boolean | string;
  unit?: string;
}

export interface OraclePayload {
  timestamp?: bigint;
  seq?: bigint;
  metrics: OracleMetric[];
}

const FIELDS = ["int", "long", "float", "double", "boolean", "string"];

/** Throws for bytes that are no payload. */
export function oracleDecode(bytes: Uint8Array): OraclePayload {
  const plain = type.toObject(type.decode(bytes), { longs: String, bytes: Buffer });
  return {
    ...number(plain, "timestamp"),
    ...number(plain, "seq"),
    metrics: (plain["metrics"] ?? []).map(metricOf),
  };
}

type Plain = Record<string, unknown>;

const number = (plain: Plain, key: "timestamp" | "seq" | "alias") =>
  plain[key] === undefined ? {} : { [key]: BigInt(String(plain[key])) };

function metricOf(plain: Plain): OracleMetric {
  const field = FIELDS.find((name) => plain[`${name}_value`] !== undefined);
  const raw = field === undefined ? undefined : plain[`${field}_value`];
  const value = field === "long" ? BigInt(String(raw)) : (raw as OracleMetric["value"]);
  const unit = unitOf(plain["properties"] as { keys?: string[]; values?: Plain[] } | undefined);
  return {
    ...number(plain, "alias"),
    ...number(plain, "timestamp"),
    ...(typeof plain["name"] === "string" ? { name: plain["name"] } : {}),
    ...(typeof plain["datatype"] === "number" ? { datatype: plain["datatype"] } : {}),
    ...(typeof plain["is_historical"] === "boolean"
      ? { isHistorical: plain["is_historical"] }
      : {}),
    ...(typeof plain["is_null"] === "boolean" ? { isNull: plain["is_null"] } : {}),
    ...(field === undefined || value === undefined ? {} : { field, value }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function unitOf(properties: { keys?: string[]; values?: Plain[] } | undefined): string | undefined {
  const index = properties?.keys?.indexOf("engUnit") ?? -1;
  const text = properties?.values?.[index]?.["string_value"];
  return typeof text === "string" ? text : undefined;
}

/** Encodes a message given under the names of the .proto file; longs as decimal text. */
export function oracleEncode(message: Plain): Buffer {
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}
