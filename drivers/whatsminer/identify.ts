// Recognises btminer by answers that need no credentials.

import { toText } from "../contract/decoding.ts";
import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { parseReply } from "../transport/json.ts";
import { decodeIdentity } from "./decode-identity.ts";
import { decodeIdentityV3 } from "./decode-v3.ts";
import { openEnvelope, parsed, recordsOf } from "./reply.ts";
import { openReply as openReplyV3 } from "./reply-v3.ts";
import { DeviceDetails, type Envelope, MinerInfo, Version } from "./wire.ts";
import { DeviceInfo } from "./wire-v3.ts";

/** Names that only other firmwares give in `version`. */
const OTHERS = /luxminer|bmminer|bosminer|boser|vnish|sgminer|avalon|esp-miner/i;
const OURS = /btminer|bitmicro|whatsminer/i;
/** The program up to 2019: only its details of the boards name the maker's driver. */
const CGMINER = /\bcgminer 4\.9\.2\b/i;

/**
 * Firmware of every age knows the key `command`, which the probe sends. `get_version` alone tells them
 * apart: `fw_ver` is a date with a release number.
 */
export async function identifyWhatsminer(
  probe: Probe,
  driver: string,
): Promise<Sighting | undefined> {
  const greeting = await probe.api("version");
  if (greeting === undefined || OTHERS.test(greeting)) return undefined;
  const version = Version.safeParse((await envelopeOf(probe, "get_version"))?.Msg).data;
  const named = /^\d{8}\.\d+\.REL/i.test(toText(version?.fw_ver)?.replaceAll(/['"\\]/g, "") ?? "");
  const told = named || OURS.test(greeting);
  if (!told && !CGMINER.test(greeting)) return undefined;
  const details = toText(version?.miner_type) === undefined ? await detailsOf(probe) : undefined;
  if (!told && !details?.some(({ Driver }) => OURS.test(toText(Driver) ?? ""))) return undefined;
  // MAC and serial number, which an address from DHCP does not replace.
  const info = MinerInfo.safeParse((await envelopeOf(probe, "get_miner_info"))?.Msg).data;
  const identity = decodeIdentity({ version, details, info });
  return { driver, identity, confidence: named ? 5 : 4 };
}

/**
 * Firmware of API 3 may have the old port closed. The question is the only one without a parameter that
 * names machine, firmware and network at once.
 */
export async function identifyApi3(probe: Probe, driver: string): Promise<Sighting | undefined> {
  const text = await probe.framed?.("get.device.info");
  if (text === undefined) return undefined;
  const info = DeviceInfo.safeParse(messageOf(text)).data;
  const named = info?.miner?.type !== undefined && /^3\b/.test(toText(info.system?.api) ?? "");
  if (info === undefined || !named) return undefined;
  return { driver, identity: decodeIdentityV3(info), confidence: 5 };
}

function messageOf(text: string): unknown {
  try {
    return openReplyV3(parseReply(text, "get.device.info"), "get.device.info").msg;
  } catch (error) {
    // Another kind of machine: not a fault of this one.
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}

async function detailsOf(probe: Probe): Promise<DeviceDetails[]> {
  const envelope = await envelopeOf(probe, "devdetails");
  if (envelope === undefined) return [];
  return parsed(recordsOf(envelope, "devdetails") ?? [], DeviceDetails);
}

async function envelopeOf(probe: Probe, command: string): Promise<Envelope | undefined> {
  const text = await probe.api(command);
  if (text === undefined) return undefined;
  try {
    return openEnvelope(parseReply(text, command), command);
  } catch (error) {
    // Another kind of machine: not a fault of this one.
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
