// VNish tells everybody who it is; where its web port is elsewhere, the type in its statistics tells.

import type { Probe, Sighting } from "../contract/driver.ts";
import { epochMs } from "../contract/units.ts";
import { parsed } from "./client.ts";
import { decodeIdentity, isVnish } from "./decode-identity.ts";
import { ApiStats, Info } from "./wire.ts";

/** It names itself. */
const CONFIDENCE = 5;
/** The time of the answers is no part of an identity. */
const AT = epochMs(0);

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const page = await probe.web("/api/v1/info");
  const info = Info.safeParse(page?.status === 200 ? parsed(page.body) : undefined);
  if (info.success && isVnish(info.data)) return sighting(info.data);
  return fromStats(probe);
}

/** 1.2.7 refuses `version` with code 0, as no other firmware does: only then a second question is due. */
async function fromStats(probe: Probe): Promise<Sighting | undefined> {
  const version = ApiStats.safeParse(parsed(await probe.api("version")));
  const [status] = (version.success ? version.data.STATUS : undefined) ?? [];
  if (status?.STATUS !== "E" || status.Code !== 0) return undefined;
  const stats = ApiStats.safeParse(parsed(await probe.api("stats")));
  const type = stats.success ? stats.data.STATS?.[0]?.Type : undefined;
  const [, miner, fw_version] = /^(.*)\(Vnish ([^)]*)\)$/i.exec(type ?? "") ?? [];
  if (miner === undefined || fw_version === undefined) return undefined;
  return sighting({ miner: miner.trim(), fw_name: "Vnish", fw_version });
}

const sighting = (info: Info): Sighting => ({
  driver: "vnish",
  identity: decodeIdentity({ info: { answer: info, at: AT } }),
  confidence: CONFIDENCE,
});
