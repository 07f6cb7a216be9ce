// LUXminer names itself in the key of its version.

import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { epochMs } from "../contract/units.ts";
import { parseReply } from "../transport/json.ts";
import { decodeIdentity } from "./decode.ts";
import { REPORTS } from "./wire.ts";

/** It names itself. */
const CONFIDENCE = 5;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const version = REPORTS.version.safeParse(parsed(await probe.api("version")));
  if (!version.success || version.data.VERSION?.[0]?.LUXminer === undefined) return undefined;
  // Serial number, MAC and control board are told to everybody.
  const config = REPORTS.config.safeParse(parsed(await probe.api("config")));
  // The time of the answers is no part of an identity.
  const at = epochMs(0);
  const reports = {
    version: { answer: version.data, at },
    ...(config.success ? { config: { answer: config.data, at } } : {}),
  };
  const identity = decodeIdentity({ reports, voltages: new Map(), chips: new Map() });
  return { driver: "luxos", identity, confidence: CONFIDENCE };
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parseReply(text, "probe");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
