// Listens on the wire for a capture. Nobody listens on the steady path, and then nothing is kept.

import { AsyncLocalStorage } from "node:async_hooks";
import type { DeviceErrorCode } from "../contract/errors.ts";

/** One request and what came of it. Holds secrets: for `nockd capture`, which masks them, and nobody else. */
export interface WireExchange {
  /** `api`: one connection a request; `framed`: a length before each text, which is left out here. */
  readonly transport: "api" | "framed" | "http";
  readonly port: number;
  readonly request: WireRequest;
  /** Of the answer, as far as it came; for HTTP its body. */
  readonly reply: Buffer;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Why there is no complete answer. */
  readonly failure?: { readonly code: DeviceErrorCode; readonly message: string };
}

export interface WireRequest {
  /** HTTP only. */
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was sent: an API command, or the body of an HTTP request. */
  readonly payload: string;
}

export type WireTap = (exchange: WireExchange) => void;

// Per conversation and not per process: two captures at once must not hear one another.
const taps = new AsyncLocalStorage<WireTap>();

/** Every exchange that `conversation` makes is told to `tap` when it has ended, well or not. */
export function tapped<Result>(tap: WireTap, conversation: () => Promise<Result>): Promise<Result> {
  return taps.run(tap, conversation);
}

/** Who listens to the conversation of the caller; undefined for nobody. */
export const wireTap = (): WireTap | undefined => taps.getStore();
