// A listener that judges what it hears, and a clock that the test moves.

import { createConnection } from "node:net";
import { MqttClient } from "mqtt";
import type { LinkEdge } from "../../../agent/report/connection.ts";
import type { Level, Log } from "../../../agent/report/log.ts";
import {
  createReporter,
  type Reporter,
  type ReporterOptions,
} from "../../../agent/report/reporter.ts";
import type { MqttOptions } from "../../../agent/report/stream.ts";
import { type CheckerOptions, type Recorded, SparkplugChecker } from "./checker.ts";
import { START } from "./states.ts";

/** Polls until the condition holds; fails with `what` after the patience, milliseconds. */
export async function until(what: string, holds: () => boolean, patience = 8000): Promise<void> {
  const deadline = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${patience} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Stands still until it is moved; sleepers wake in order. */
export class ManualClock {
  #now = START;
  #sleepers: { at: number; wake: () => void }[] = [];

  now = (): number => this.#now;

  /** Sleeps asked for so far, milliseconds. */
  readonly asked: number[] = [];

  get sleepers(): number {
    return this.#sleepers.length;
  }

  sleep = (duration: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        resolve();
      };
      if (signal.aborted) return wake();
      this.asked.push(duration);
      this.#sleepers.push({ at: this.#now + duration, wake });
      signal.addEventListener("abort", wake, { once: true });
    });

  advance(duration: number): void {
    this.#now += duration;
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#now);
    for (const sleeper of due) sleeper.wake();
  }
}

/** Subscribes to everything, records it, and lets the checker judge it. */
export class Recorder {
  readonly messages: Recorded[] = [];
  readonly checker: SparkplugChecker;
  readonly #client: MqttClient;

  private constructor(client: MqttClient, options: CheckerOptions) {
    this.#client = client;
    this.checker = new SparkplugChecker(options);
    client.on("message", (topic, payload, packet) => {
      const message = { topic, payload, qos: packet.qos, retain: packet.retain };
      this.messages.push(message);
      this.checker.accept(message);
    });
  }

  static async open(port: number, options: CheckerOptions = {}): Promise<Recorder> {
    const client = new MqttClient(() => createConnection({ host: "127.0.0.1", port }), {
      protocolVersion: 4,
      clientId: `recorder-${port}`,
      reconnectPeriod: 20,
      resubscribe: true,
    });
    client.on("error", () => undefined);
    const recorder = new Recorder(client, options);
    await new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await client.subscribeAsync("spBv1.0/#", { qos: 1 });
    return recorder;
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  /** Resolves when the broker has answered a question that came after all before it. */
  async settle(): Promise<void> {
    await this.#client.subscribeAsync("spBv1.0/#", { qos: 1 });
  }

  async publish(topic: string, payload: Buffer): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 0 });
  }

  count(type: string): number {
    return this.checker.counts[type] ?? 0;
  }

  /** Types in the order of their arrival. */
  get types(): string[] {
    return this.messages.map((message) => message.topic.split("/")[2] ?? "");
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

export interface Rig {
  readonly reporter: Reporter;
  readonly clock: ManualClock;
  readonly edges: LinkEdge[];
  readonly lines: { level: Level; message: string; facts: object }[];
  readonly ending: AbortController;
}

export const MQTT: Omit<MqttOptions, "url"> = {
  keepAliveSeconds: 30,
  reconnectMinSeconds: 1,
  reconnectMaxSeconds: 60,
  version: "3.1.1",
};

/** A started reporter on a clock of its own. */
export function startReporter(
  url: string,
  mqtt: Partial<MqttOptions> = {},
  options: Partial<Omit<ReporterOptions, "mqtt">> = {},
): Rig {
  const clock = new ManualClock();
  const edges: LinkEdge[] = [];
  const lines: Rig["lines"] = [];
  const log: Log = (level, message, facts = {}) => void lines.push({ level, message, facts });
  const reporter = createReporter(
    {
      node: "gateway-1",
      version: "0.1.0",
      ...options,
      mqtt: { ...MQTT, group: "site-a", ...mqtt, url },
    },
    {
      now: clock.now,
      sleep: clock.sleep,
      random: () => 0.5,
      log,
      onLink: (edge) => void edges.push(edge),
    },
  );
  const ending = new AbortController();
  reporter.start(ending.signal);
  return { reporter, clock, edges, lines, ending };
}
