// Keeps one session with a broker: connect, run, wait, connect again. Each attempt is a new client,
// because each CONNECT of an edge node carries a new will.

import { nextDelay } from "./backoff.ts";
import type { Log } from "./log.ts";
import type { Message } from "./node.ts";
import { type MessageFlags, runSession, type SessionHooks, type Uplink } from "./session.ts";
import { type MqttOptions, openStream, parseUrl } from "./stream.ts";

/** Time and chance come from outside. `agent/clock.ts` fits. */
export interface Ports {
  readonly now: () => number;
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (duration: number, signal: AbortSignal) => Promise<void>;
  /** 0 up to 1; Math.random unless told. */
  readonly random?: () => number;
  readonly log: Log;
}

/** The broker came or went; told once for each change, not for each attempt. */
export interface LinkEdge {
  readonly up: boolean;
  /** In words, free of secrets. */
  readonly reason: string;
}

export interface ConnectionHooks {
  readonly clientId: string;
  readonly subscriptions: readonly string[];
  /** Called for each CONNECT, when the socket is already open. */
  will?(): Message;
  onUp(uplink: Uplink): void;
  onDown(): void;
  onMessage(topic: string, payload: Buffer, flags: MessageFlags): void;
  onLink?(edge: LinkEdge): void;
}

/** For name resolution, TCP and TLS, milliseconds. */
const CONNECT_DEADLINE = 15_000;

/** Runs until the signal is aborted. Throws RangeError at once for an impossible URL; never later. */
export async function keepConnected(
  options: MqttOptions,
  hooks: ConnectionHooks,
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  parseUrl(options.url);
  const bounds = { min: options.reconnectMinSeconds, max: options.reconnectMaxSeconds };
  const edges = edgeDetector(hooks);
  let failures = 0;
  while (!signal.aborted) {
    const { reason, lasted } = await attempt(options, hooks, edges, ports, signal);
    if (signal.aborted) return;
    edges.down(reason);
    // A broker that lets us in and throws us out again is no success.
    if (lasted > bounds.max * 1000) failures = 0;
    const delay = nextDelay(failures, bounds, ports.random ?? Math.random);
    failures += 1;
    ports.log("debug", "broker not reachable", { reason, failures, retryMs: Math.round(delay) });
    await ports.sleep(delay, signal);
  }
}

interface Ended {
  readonly reason: string;
  /** Milliseconds since the session was ready; 0 for one that never was. */
  readonly lasted: number;
}

async function attempt(
  options: MqttOptions,
  hooks: ConnectionHooks,
  edges: Edges,
  ports: Ports,
  signal: AbortSignal,
): Promise<Ended> {
  let readyAt: number | undefined;
  try {
    const socket = await openStream(options, CONNECT_DEADLINE, signal);
    const abort = () => socket.destroy();
    signal.addEventListener("abort", abort, { once: true });
    const will = hooks.will?.();
    const sessionHooks: SessionHooks = {
      clientId: hooks.clientId,
      subscriptions: hooks.subscriptions,
      ...(will === undefined ? {} : { will }),
      onMessage: hooks.onMessage,
      onReady: (uplink, refused) => {
        readyAt = ports.now();
        if (refused.length > 0) {
          ports.log("warn", "broker refused subscriptions", { topics: refused.join(" ") });
        }
        edges.up(options.url);
        hooks.onUp(uplink);
      },
    };
    const reason = await runSession(socket, options, sessionHooks);
    signal.removeEventListener("abort", abort);
    if (readyAt !== undefined) hooks.onDown();
    return { reason, lasted: readyAt === undefined ? 0 : ports.now() - readyAt };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), lasted: 0 };
  }
}

interface Edges {
  up(url: string): void;
  down(reason: string): void;
}

function edgeDetector(hooks: ConnectionHooks): Edges {
  let last: boolean | undefined;
  const turn = (up: boolean, reason: string) => {
    if (last === up) return;
    last = up;
    hooks.onLink?.({ up, reason });
  };
  return {
    up: (url) => turn(true, `connected to ${url}`),
    down: (reason) => turn(false, reason),
  };
}
