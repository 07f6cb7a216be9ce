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

/** No build tells in one field for all whether the connection stands. */
export function decodePools(info: Info): Pool[] {
  const standIn = toBoolean(info.isUsingFallbackStratum);
  return [
    pool(
      0,
      info.stratumURL,
      info.stratumPort,
      info.stratumUser,
      standIn === undefined ? undefined : !standIn,
    ),
    pool(1, info.fallbackStratumURL, info.fallbackStratumPort, info.fallbackStratumUser, standIn),
  ].filter((each) => each !== undefined);
}

function pool(
  index: number,
  host: unknown,
  port: unknown,
  user: unknown,
  active: boolean | undefined,
): Pool | undefined {
  const name = toText(host);
  if (name === undefined) return undefined;
  const bare = name.includes("://") ? name : `stratum+tcp://${name}`;
  const number = toNumber(port);
  return present({
    index,
    url: number === undefined ? bare : `${bare}:${number}`,
    user: toText(user) ?? "",
    status: "unknown" as const,
    active,
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
