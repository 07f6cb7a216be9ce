// Who answers at an address: the version on 4028 and the start page, nothing else.

import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { recognise } from "./decode-identity.ts";
import { namesAnother } from "./firmware.ts";
import { decodeReply, VersionReply } from "./wire.ts";

const REALM = /antminer configuration/i;

/** Stock says Antminer, but so do others that keep its texts: their own name anywhere rules it out. */
const BY_REPLY_AND_REALM = 4;
const BY_REPLY = 3;
const BY_REALM = 1;
/** Stock's relatives are read, never written. */
const RELATIVE = 1;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const text = await probe.api("version");
  if (text !== undefined && namesAnother(text)) return undefined;
  const page = await probe.web("/");
  if (page !== undefined && namesAnother(page.body)) return undefined;
  const realm = REALM.test(page?.headers["www-authenticate"] ?? "");
  if (text === undefined) {
    // 4028 is closed while the miner program starts.
    return realm ? { driver: "antminer", identity: UNNAMED, confidence: BY_REALM } : undefined;
  }
  const version = understand(text);
  if (version === undefined) return undefined;
  const { identity, firmware } = recognise({ version });
  if (firmware === undefined || firmware.kind === "other") return undefined;
  const stock = realm ? BY_REPLY_AND_REALM : BY_REPLY;
  return {
    driver: "antminer",
    identity,
    confidence: firmware.kind === "relative" ? RELATIVE : stock,
  };
}

const UNNAMED = { vendor: "Bitmain", firmware: "Antminer stock", modelKnown: false };

/** Another device may answer on this port with anything. */
function understand(text: string) {
  try {
    return decodeReply(VersionReply, text, "version");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
