// A Sparkplug message as one line for people.

import type { NamedMetric } from "./metric-names.ts";
import type { SparkplugMessage } from "./subscriber.ts";

/**
 * `2026-11-24T16:40:01.250Z DDATA site-a/gw-1/miner-7 seq=4 Power=3250 W, Temperature/Chip=62.5 °C`.
 * `maxMetrics` cuts long births; the rest is counted.
 */
export function formatMessage(message: SparkplugMessage, maxMetrics = 40): string {
  const { group, type, node, device } = message.topic;
  const time = isoTime(message.timestamp);
  const source = [group, node, ...(device === undefined ? [] : [device])].map(plainText).join("/");
  const head = [time, type, source, ...(message.seq === undefined ? [] : [`seq=${message.seq}`])];
  const shown = message.metrics.slice(0, maxMetrics).map(formatMetric);
  const hidden = message.metrics.length - shown.length;
  const tail = hidden > 0 ? [...shown, `and ${hidden} more`] : shown;
  return `${head.join(" ")} ${tail.join(", ")}`.trimEnd();
}

function formatMetric(metric: NamedMetric): string {
  return `${plainText(metric.name)}=${formatValue(metric)}`;
}

function formatValue({ value, unit, type }: NamedMetric): string {
  if (value === null) return "unknown";
  if (value === undefined) return "(not shown)";
  if (typeof value === "string") return plainText(JSON.stringify(value));
  if (type === "DateTime") return isoTime(Number(value));
  if (typeof value !== "number") return String(value);
  return unit === undefined ? rounded(value) : withUnit(value, plainText(unit));
}

const PREFIXES = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
] as const;

/** Rates are large: 120.4 TH/s reads better than fifteen digits. */
function withUnit(value: number, unit: string): string {
  const prefix = unit.endsWith("/s")
    ? PREFIXES.find(([factor]) => Math.abs(value) >= factor)
    : undefined;
  if (prefix === undefined) return `${rounded(value)} ${unit}`;
  return `${rounded(value / prefix[0])} ${prefix[1]}${unit}`;
}

const rounded = (value: number): string => String(Math.round(value * 1000) / 1000);

function isoTime(timestamp: number | undefined): string {
  if (timestamp === undefined || !(timestamp <= 8.64e15)) return "-";
  return new Date(timestamp).toISOString();
}

/** Names come from the network: control and bidirectional characters must not reach a terminal. */
function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}
