// Who may change a VNish machine: the password, the tokens that it gives, and the lock after wrong ones.

import { UnlockRequest } from "../../drivers/vnish/wire.ts";
import type { HttpDaemonRequest, HttpReply } from "./http-daemon.ts";
import type { Random } from "./random.ts";

/** Assumed: wrong passwords in a row until the firmware looks at none for a while, milliseconds. */
const ATTEMPTS = 3;
const LOCKED = 60_000;

export class VnishKeys {
  password = "admin";
  readonly #random: Random;
  readonly #tokens = new Set<string>();
  #wrong = 0;
  #lockedUntil = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Tokens given and not given back. */
  get open(): number {
    return this.#tokens.size;
  }

  opens(request: HttpDaemonRequest): boolean {
    return this.#tokens.has(bearer(request));
  }

  /** What a reboot does, or another session's "lock others". */
  revoke(): void {
    this.#tokens.clear();
  }

  lock(request: HttpDaemonRequest): void {
    this.#tokens.delete(bearer(request));
  }

  unlock(body: string, now: number): HttpReply {
    const left = Math.ceil((this.#lockedUntil - now) / 1000);
    if (left > 0) return refusal(429, left);
    const request = UnlockRequest.safeParse(asObject(body));
    if (!request.success || request.data.pw !== this.password) {
      this.#wrong += 1;
      if (this.#wrong < ATTEMPTS) return refusal(403, null);
      this.#wrong = 0;
      this.#lockedUntil = now + LOCKED;
      return refusal(403, LOCKED / 1000);
    }
    this.#wrong = 0;
    const token = `sim-${Math.floor(this.#random.uniform() * 2 ** 48).toString(16)}`;
    this.#tokens.add(token);
    return { body: JSON.stringify({ token }) };
  }
}

const refusal = (status: number, seconds: number | null): HttpReply => ({
  status,
  body: JSON.stringify({ unlock_timeout: seconds }),
});

const bearer = (request: HttpDaemonRequest): string =>
  /^Bearer (.+)$/.exec(request.headers["authorization"] ?? "")?.[1] ?? "";

export function asObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
