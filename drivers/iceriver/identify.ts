// The title of its start page is all that it tells to everybody.

import type { Probe, Sighting } from "../contract/driver.ts";
import { FIRMWARE } from "./decode.ts";
import { TITLE } from "./wire.ts";

const BY_TITLE = 3;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const page = await probe.web("/");
  if (page?.body.toLowerCase().includes(TITLE) !== true) return undefined;
  const identity = { vendor: "IceRiver", firmware: FIRMWARE, modelKnown: false };
  return { driver: "iceriver", identity, confidence: BY_TITLE };
}
