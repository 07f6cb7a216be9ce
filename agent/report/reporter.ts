// The mouth of the agent: turns states of machines into Sparkplug messages on one broker connection.

import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { openBirthSequence } from "./birth-sequence.ts";
import { readCommand } from "./command.ts";
import { keepConnected, type LinkEdge, type Ports } from "./connection.ts";
import { EdgeNode, type Message } from "./node.ts";
import type { Uplink } from "./session.ts";
import type { MessageType } from "./sparkplug/topic.ts";
import { type MqttOptions, parseUrl } from "./stream.ts";

export interface ReporterOptions {
  readonly mqtt: MqttOptions;
  /** Sparkplug's edge node id, unique in its group. */
  readonly node: string;
  /** Version of the agent, for the birth. */
  readonly version: string;
  /** Where bdSeq is kept; absent: it starts at 0 with each start of the agent. */
  readonly stateFile?: string;
}

export interface ReporterPorts extends Ports {
  onLink?(edge: LinkEdge): void;
}

export interface ReporterCounts {
  /** Sessions that got as far as a birth. */
  readonly sessions: number;
  /** Messages handed to the socket, by type. */
  readonly sent: Readonly<Partial<Record<MessageType, number>>>;
  readonly rebirths: number;
  /** Commands that were not obeyed. */
  readonly refused: number;
  /** Readings held back because the broker takes nothing; told in full later. */
  readonly held: number;
}

export interface Reporter {
  /** Connects and stays connected until the signal is aborted or stop is called. */
  start(signal: AbortSignal): void;
  /** Tells what changed; remembers it while the broker is away. Throws RangeError for a bad id. */
  publish(state: DeviceState): void;
  /** The device is no longer configured. */
  forget(id: string): void;
  /** Publishes the deaths and disconnects; resolves within some seconds, whatever the broker does. */
  stop(): Promise<void>;
  readonly isUp: boolean;
  readonly counts: ReporterCounts;
}

export const DEFAULT_GROUP = "nock";

/** More than this waiting in the socket, in bytes: the broker or the way to it stands still. */
const MAX_BACKLOG = 256 * 1024;

/** For the last messages and the broker's answer, milliseconds. */
const STOP_PATIENCE = 2000;

/** Throws RangeError, naming the option, for a URL, group or node that cannot work. */
export function createReporter(options: ReporterOptions, ports: ReporterPorts): Reporter {
  parseUrl(options.mqtt.url);
  const group = options.mqtt.group ?? DEFAULT_GROUP;
  const node = new EdgeNode({ group, node: options.node, version: options.version });
  return new MqttReporter(options, ports, node, `nockd-${group}-${options.node}`);
}

class MqttReporter implements Reporter {
  readonly #options: ReporterOptions;
  readonly #ports: ReporterPorts;
  readonly #node: EdgeNode;
  readonly #clientId: string;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #uplink: Uplink | undefined;
  #sessions = 0;
  #rebirths = 0;
  #refused = 0;
  #held = 0;
  readonly #sent: Partial<Record<MessageType, number>> = {};

  constructor(options: ReporterOptions, ports: ReporterPorts, node: EdgeNode, clientId: string) {
    this.#options = options;
    this.#ports = ports;
    this.#node = node;
    this.#clientId = clientId;
  }

  start(signal: AbortSignal): void {
    if (this.#running !== undefined) throw new Error("the reporter was started before");
    const sequence = openBirthSequence(this.#options.stateFile, this.#ports.log);
    let bdSeq = 0;
    const { onLink } = this.#ports;
    const hooks = {
      clientId: this.#clientId,
      subscriptions: this.#node.subscriptions,
      will: () => {
        bdSeq = sequence.next();
        return this.#node.will(bdSeq);
      },
      onUp: (uplink: Uplink) => {
        this.#uplink = uplink;
        this.#sessions += 1;
        this.#send(this.#node.birth(bdSeq, this.#now()));
      },
      onDown: () => {
        this.#uplink = undefined;
        this.#node.lost();
      },
      onMessage: (topic: string, payload: Buffer) => this.#obey(topic, payload),
      ...(onLink === undefined ? {} : { onLink: (edge: LinkEdge) => onLink(edge) }),
    };
    this.#running = keepConnected(this.#options.mqtt, hooks, this.#ports, this.#ending.signal);
    signal.addEventListener("abort", () => void this.stop(), { once: true });
    if (signal.aborted) void this.stop();
  }

  publish(state: DeviceState): void {
    if (this.#uplink !== undefined && this.#uplink.backlog > MAX_BACKLOG) {
      // Nothing is lost: what changed is found against what was told last.
      this.#held += 1;
      this.#node.remember(state);
      return;
    }
    this.#send(this.#node.observe(state, this.#now()));
  }

  forget(id: string): void {
    this.#send(this.#node.forget(id, this.#now()));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  get isUp(): boolean {
    return this.#uplink !== undefined;
  }

  get counts(): ReporterCounts {
    return {
      sessions: this.#sessions,
      sent: { ...this.#sent },
      rebirths: this.#rebirths,
      refused: this.#refused,
      held: this.#held,
    };
  }

  async #end(): Promise<void> {
    const uplink = this.#uplink;
    const deaths = this.#node.death(this.#now());
    this.#uplink = undefined;
    if (uplink !== undefined) {
      this.#count(deaths);
      await uplink.close(deaths, STOP_PATIENCE);
    }
    this.#ending.abort();
    await this.#running;
  }

  #obey(topic: string, payload: Buffer): void {
    const command = readCommand(topic, payload);
    if (command.kind === "rebirth") {
      this.#rebirths += 1;
      this.#ports.log("info", "births asked for", { topic });
      this.#send(this.#node.rebirth(this.#now()));
      return;
    }
    this.#refused += 1;
    this.#ports.log("warn", "command not obeyed", {
      topic,
      kind: command.kind,
      detail: command.detail,
    });
  }

  #send(messages: readonly Message[]): void {
    if (messages.length === 0 || this.#uplink === undefined) return;
    this.#count(messages);
    this.#uplink.send(messages);
  }

  #count(messages: readonly Message[]): void {
    for (const { type } of messages) this.#sent[type] = (this.#sent[type] ?? 0) + 1;
  }

  #now(): EpochMs {
    return epochMs(this.#ports.now());
  }
}
