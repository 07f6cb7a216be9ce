// Aliases of all nodes heard so far, learnt from their births.

import { type Datatype, datatypeOf, fromWire, type MetricValue } from "./sparkplug/datatype.ts";
import type { Metric, Payload } from "./sparkplug/payload.ts";
import type { Uint64 } from "./sparkplug/protobuf.ts";
import type { Topic } from "./sparkplug/topic.ts";

export interface NamedMetric {
  /** `alias 17` when no birth told the name. */
  readonly name: string;
  readonly unit?: string;
  /** From the birth; absent when none was heard. */
  readonly type?: Datatype;
  /** Null for unknown; undefined for a type that is not read: data set, template, file. */
  readonly value: MetricValue | null | undefined;
  readonly at?: number;
}

interface Known {
  readonly name: string;
  readonly type: Datatype | undefined;
  readonly unit: string | undefined;
}

/** By `group/node`, then by alias: an alias is unique in its node. */
export type MetricNames = Map<string, Map<Uint64, Known>>;

/** A node may announce anything; beyond this its metrics keep their numbers. */
const MAX_ALIASES = 100_000;

/** Learns from births and names the metrics of every message. */
export function resolve(topic: Topic, payload: Payload, names: MetricNames): NamedMetric[] {
  const node = `${topic.group}/${topic.node}`;
  // The birth of a node is a new start for its aliases.
  const known = (topic.type === "NBIRTH" ? undefined : names.get(node)) ?? new Map<Uint64, Known>();
  names.set(node, known);
  if (topic.type === "NBIRTH" || topic.type === "DBIRTH") learn(payload, known);
  return payload.metrics.map((metric) => nameOf(metric, known));
}

function learn(payload: Payload, known: Map<Uint64, Known>): void {
  for (const { name, alias, datatype, unit } of payload.metrics) {
    if (name === undefined || alias === undefined || known.size >= MAX_ALIASES) continue;
    known.set(alias, { name, type: datatypeOf(datatype), unit });
  }
}

function nameOf(metric: Metric, known: ReadonlyMap<Uint64, Known>): NamedMetric {
  const { alias, timestamp } = metric;
  const born = alias === undefined ? undefined : known.get(alias);
  const unit = metric.unit ?? born?.unit;
  const type = datatypeOf(metric.datatype) ?? born?.type;
  return {
    name: metric.name ?? born?.name ?? `alias ${alias}`,
    value: valueIn(metric, type),
    ...(type === undefined ? {} : { type }),
    ...(unit === undefined ? {} : { unit }),
    ...(timestamp === undefined ? {} : { at: Number(timestamp) }),
  };
}

function valueIn(metric: Metric, type: Datatype | undefined): NamedMetric["value"] {
  if (metric.isNull === true) return null;
  return metric.value === undefined ? undefined : fromWire(type, metric.value);
}
