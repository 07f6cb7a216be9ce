// Without a password nothing but the realm of its pages tells who it is.

import type { Probe, Sighting } from "../contract/driver.ts";
import { FIRMWARE } from "./decode.ts";

/** By a public client; no other maker is known to use it. */
const REALM = /realm="Daoge/i;
const BY_REALM = 4;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const page = await probe.web("/");
  if (page?.status !== 401 || !REALM.test(page.headers["www-authenticate"] ?? "")) return undefined;
  const identity = { vendor: "Elphapex", firmware: FIRMWARE, modelKnown: false };
  return { driver: "elphapex", identity, confidence: BY_REALM };
}
