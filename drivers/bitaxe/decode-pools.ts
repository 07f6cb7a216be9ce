// The pool, its stand-in, and the shares.

import {
  present,
  presentOrNone,
  reader,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import type { Pool, Shares } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import { type Info, PATHS } from "./wire.ts";

const count = (value: number): number => value;

/** Whether the connection stands is told by NerdAxe alone. */
export function decodePools(info: Info): Pool[] {
  const first = { host: info.stratumURL, port: info.stratumPort, user: info.stratumUser };
  const second = {
    host: info.fallbackStratumURL,
    port: info.fallbackStratumPort,
    user: info.fallbackStratumUser,
  };
  return [first, second].flatMap((address, index) => {
    const made = pool(index, address, useOf(info, index));
    return made === undefined ? [] : [made];
  });
}

type Use = Pick<Pool, "status" | "active" | "accepted" | "rejected">;

function useOf(info: Info, index: number): Use {
  const { stratum } = info;
  if (stratum !== undefined && toNumber(stratum.activePoolMode) === 1) {
    const own = stratum.pools?.[index];
    const connected = toBoolean(own?.connected);
    return present({
      status: statusOf(connected),
      active: connected,
      accepted: toNumber(own?.accepted),
      rejected: toNumber(own?.rejected),
    });
  }
  const standIn = toBoolean(info.isUsingFallbackStratum ?? stratum?.usingFallback);
  const active = standIn === undefined ? undefined : standIn === (index === 1);
  const connected = active === true ? toBoolean(stratum?.pools?.[0]?.connected) : undefined;
  return present({ status: statusOf(connected), active });
}

function statusOf(connected: boolean | undefined): Pool["status"] {
  if (connected === undefined) return "unknown";
  return connected ? "alive" : "dead";
}

interface Address {
  readonly host: unknown;
  readonly port: unknown;
  readonly user: unknown;
}

function pool(index: number, { host, port, user }: Address, use: Use): Pool | undefined {
  const name = toText(host);
  if (name === undefined) return undefined;
  const bare = name.includes("://") ? name : `stratum+tcp://${name}`;
  const number = toNumber(port);
  return present({
    index,
    url: number === undefined ? bare : `${bare}:${number}`,
    user: toText(user) ?? "",
    ...use,
    priority: index,
  });
}

export function decodeShares(info: Info, at: EpochMs): Shares | undefined {
  const read = reader(PATHS.info, at);
  return presentOrNone({
    accepted: read(count, info.sharesAccepted),
    rejected: read(count, info.sharesRejected),
  });
}
