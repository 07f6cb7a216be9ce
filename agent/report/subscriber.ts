// Listens to Sparkplug messages of any node and gives each metric its name back.

import { randomBytes } from "node:crypto";
import { keepConnected, type LinkEdge, type Ports } from "./connection.ts";
import { type MetricNames, type NamedMetric, resolve } from "./metric-names.ts";
import { decodePayload } from "./sparkplug/payload.ts";
import { type MessageType, parseTopic, type Topic } from "./sparkplug/topic.ts";
import { type MqttOptions, parseUrl } from "./stream.ts";

export interface SparkplugMessage {
  readonly topic: Topic;
  /** When it was sent, milliseconds since 1970-01-01T00:00:00Z; a death does not tell. */
  readonly timestamp?: number;
  readonly seq?: number;
  readonly metrics: readonly NamedMetric[];
  readonly bytes: number;
}

export interface SubscriberCounts {
  readonly byType: Readonly<Partial<Record<MessageType, number>>>;
  /** Messages on other topics, or that could not be read. */
  readonly unreadable: number;
}

export interface SubscriberOptions extends MqttOptions {
  /** MQTT topic filter; all of Sparkplug unless told. */
  readonly filter?: string;
}

export interface SubscriberPorts extends Ports {
  onLink?(edge: LinkEdge): void;
}

export interface Subscriber {
  readonly counts: SubscriberCounts;
  /** Resolves when the signal was aborted and the connection is closed. */
  readonly done: Promise<void>;
}

export const EVERYTHING = "spBv1.0/#";

/** Throws RangeError for an impossible URL. Listens until the signal is aborted. */
export function subscribe(
  options: SubscriberOptions,
  onMessage: (message: SparkplugMessage) => void,
  ports: SubscriberPorts,
  signal: AbortSignal,
): Subscriber {
  parseUrl(options.url);
  const names: MetricNames = new Map();
  const byType: Partial<Record<MessageType, number>> = {};
  let unreadable = 0;
  const receive = (text: string, payload: Buffer) => {
    const topic = parseTopic(text);
    const message = topic && readMessage(topic, payload, names, ports);
    if (message === undefined) {
      unreadable += 1;
      return;
    }
    byType[message.topic.type] = (byType[message.topic.type] ?? 0) + 1;
    onMessage(message);
  };
  const { onLink } = ports;
  const hooks = {
    clientId: `nockd-subscribe-${randomBytes(4).toString("hex")}`,
    subscriptions: [options.filter ?? EVERYTHING],
    onUp: () => undefined,
    onDown: () => undefined,
    onMessage: receive,
    ...(onLink === undefined ? {} : { onLink: (edge: LinkEdge) => onLink(edge) }),
  };
  const done = keepConnected(options, hooks, ports, signal);
  return {
    done,
    get counts() {
      return { byType: { ...byType }, unreadable };
    },
  };
}

/** Undefined, with a line in the log, for bytes that are no payload. */
function readMessage(
  topic: Topic,
  bytes: Buffer,
  names: MetricNames,
  ports: Ports,
): SparkplugMessage | undefined {
  try {
    const payload = decodePayload(bytes);
    const { timestamp, seq } = payload;
    return {
      topic,
      metrics: resolve(topic, payload, names),
      bytes: bytes.length,
      ...(timestamp === undefined ? {} : { timestamp: Number(timestamp) }),
      ...(seq === undefined ? {} : { seq: Number(seq) }),
    };
  } catch (error) {
    ports.log("warn", "message not readable", {
      topic: `${topic.group}/${topic.type}/${topic.node}`,
      error: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}
