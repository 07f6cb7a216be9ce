// bdminer names itself in its version; `stats` names the machine to everybody.

import type { Probe, Sighting } from "../contract/driver.ts";
import { epochMs } from "../contract/units.ts";
import { parsedOrNone } from "../transport/json-http.ts";
import { decodeIdentity } from "./decode.ts";
import { StatsReply, VersionReply } from "./wire.ts";

const NAMED = 5;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const version = VersionReply.safeParse(parsedOrNone(await probe.api("version")));
  if (!version.success || version.data.VERSION[0].BDMiner === undefined) return undefined;
  const stats = StatsReply.safeParse(parsedOrNone(await probe.api("stats")));
  // The time of the answers is no part of an identity.
  const origin = { at: epochMs(0), source: "probe" };
  const identity = decodeIdentity({
    version: { ...origin, value: version.data.VERSION[0] },
    ...(stats.success ? { stats: { ...origin, value: stats.data.STATS[0] } } : {}),
  });
  return { driver: "sealminer", identity, confidence: NAMED };
}
