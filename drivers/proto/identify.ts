// A rig tells everybody its name at /api/v1/system; the page at / only says Proto OS.

import type { Probe, Sighting } from "../contract/driver.ts";
import { epochMs } from "../contract/units.ts";
import { parsedOrNone } from "../transport/json-http.ts";
import { decodeIdentity } from "./decode.ts";
import { NetworkReply, PATHS, SystemReply } from "./wire.ts";

const NAMED = 5;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const page = await probe.web("/");
  if (page === undefined || !/proto\s?os/i.test(page.body)) return undefined;
  const system = SystemReply.safeParse(await question(probe, PATHS.system));
  if (!system.success) return undefined;
  const network = NetworkReply.safeParse(await question(probe, PATHS.network));
  // The time of the answers is no part of an identity.
  const origin = { at: epochMs(0), source: "probe" };
  const identity = decodeIdentity({
    system: { ...origin, value: system.data["system-info"] },
    hardware: undefined,
    network: network.success ? { ...origin, value: network.data["network-info"] } : undefined,
  });
  return { driver: "proto", identity, confidence: NAMED };
}

async function question(probe: Probe, path: string): Promise<unknown> {
  const answer = await probe.web(path);
  return answer?.status === 200 ? parsedOrNone(answer.body) : undefined;
}
