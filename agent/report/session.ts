// One MQTT session on one connected socket: from CONNECT to the end of the stream, never again.

import type { Socket } from "node:net";
import { type IClientOptions, MqttClient } from "mqtt";
import type { Message } from "./node.ts";
import type { MqttOptions } from "./stream.ts";

/** What a live session offers. */
export interface Uplink {
  /** Hands messages to the socket in order; never waits. */
  send(messages: readonly Message[]): void;
  /** Bytes that the broker has not taken yet. */
  readonly backlog: number;
  /** Sends the last messages, waits for the broker's answer for at most `patience` ms, disconnects. */
  close(messages: readonly Message[], patience: number): Promise<void>;
}

export interface SessionHooks {
  readonly clientId: string;
  /** Spoken by the broker if the session ends without us. */
  readonly will?: Message;
  readonly subscriptions: readonly string[];
  /** The subscriptions are answered; `refused` holds those that the broker does not grant. */
  onReady(uplink: Uplink, refused: readonly string[]): void;
  onMessage(topic: string, payload: Buffer, flags: MessageFlags): void;
}

export interface MessageFlags {
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** From the connected socket to CONNACK, milliseconds. */
const CONNACK_DEADLINE = 20_000;

/** MQTT 5: the broker publishes the will although we say good-bye, as Sparkplug demands. */
const DISCONNECT_WITH_WILL = 0x04;

/** Resolves when the stream is closed, with the reason in words. Never rejects. */
export function runSession(
  socket: Socket,
  options: MqttOptions,
  hooks: SessionHooks,
): Promise<string> {
  return new Promise((resolve) => {
    let reason: string | undefined;
    const client = new MqttClient(() => socket, clientOptions(options, hooks));
    client.on("error", (error) => {
      reason ??= error.message;
      socket.destroy();
    });
    client.on("disconnect", (packet) => {
      reason ??= `the broker ended the session, reason code ${packet.reasonCode ?? "not told"}`;
    });
    client.on("close", () => resolve(reason ?? "connection closed"));
    client.on("message", (topic, payload, packet) => {
      hooks.onMessage(topic, payload, { qos: packet.qos, retain: packet.retain });
    });
    client.on("connect", () => {
      subscribe(client, hooks.subscriptions, (refused) => {
        hooks.onReady(uplinkOf(client, socket, options), refused);
      });
    });
  });
}

function clientOptions(options: MqttOptions, hooks: SessionHooks): IClientOptions {
  const { username, password } = options;
  const five = options.version === "5";
  return {
    protocolVersion: five ? 5 : 4,
    clientId: options.clientId ?? hooks.clientId,
    clean: true,
    keepalive: options.keepAliveSeconds,
    connectTimeout: CONNACK_DEADLINE,
    // A new session needs a new will, which this client cannot change: it is used once.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: "native",
    // Its debug log would name the user.
    log: () => undefined,
    ...(five ? { properties: { sessionExpiryInterval: 0 } } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(hooks.will === undefined
      ? {}
      : { will: { topic: hooks.will.topic, payload: hooks.will.payload, qos: 1, retain: false } }),
  };
}

const REFUSED = 0x80;

function subscribe(
  client: MqttClient,
  topics: readonly string[],
  done: (refused: readonly string[]) => void,
): void {
  client.subscribe([...topics], { qos: 1 }, (_error, _granted, packet) => {
    if (!client.connected) return;
    // MQTT.js calls one refusal an error of the whole; the codes tell which topic it was.
    const codes: readonly unknown[] = packet?.granted ?? [];
    done(topics.filter((_, index) => Number(codes[index] ?? REFUSED) >= REFUSED));
  });
}

function uplinkOf(client: MqttClient, socket: Socket, options: MqttOptions): Uplink {
  const send = (messages: readonly Message[]) => {
    for (const { topic, payload, qos } of messages) {
      // No callback: each would wait for `drain`, and a message lost with its session is told again
      // by the next birth.
      client.publish(topic, payload, { qos, retain: false });
    }
  };
  return {
    send,
    get backlog() {
      return socket.writableLength;
    },
    close: (messages, patience) =>
      new Promise((resolve) => {
        if (socket.closed) {
          resolve();
          return;
        }
        const timer = setTimeout(() => socket.destroy(), patience);
        socket.once("close", () => {
          clearTimeout(timer);
          resolve();
        });
        send(messages);
        // MQTT.js ends only after PUBACK of what was sent with QoS 1: the death of the node.
        const five = options.version === "5";
        client.end(false, five ? { reasonCode: DISCONNECT_WITH_WILL } : {});
      }),
  };
}
