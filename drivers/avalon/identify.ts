// Recognises Canaan's firmware by answers that need no credentials.

import { toText } from "../contract/decoding.ts";
import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { openStatistics, type Statistics } from "./answers.ts";
import { decodeWho } from "./decode-identity.ts";
import { openReply, type Reply } from "./reply.ts";
import { SECTIONS, Version } from "./wire.ts";

/** Names that only other firmwares give in `version`. */
const OTHERS = /luxminer|bmminer|bosminer|boser|vnish|sgminer|btminer|whatsminer|esp-miner/i;
/** `AVA100` from A10 on, `AV70` to `AV90` before. */
const DEVICE = /^AVA?\d+/i;

/** Gen 1 calls itself cgminer in `version`; its statistics name it. */
export async function identifyAvalon(probe: Probe, driver: string): Promise<Sighting | undefined> {
  const greeting = await probe.api("version");
  if (greeting === undefined || OTHERS.test(greeting)) return undefined;
  const reply = replyOf(greeting, "version");
  const record = reply?.sections[SECTIONS.version]?.[0];
  if (record === undefined) return undefined;
  const version = Version.parse(record);
  if (/avalon/i.test(toText(version.PROD) ?? "")) {
    return { driver, identity: decodeWho(version, undefined).identity, confidence: 5 };
  }
  if (version.CGMiner === undefined) return undefined;
  const statistics = await statisticsOf(probe);
  if (statistics === undefined || !DEVICE.test(statistics.id ?? "")) return undefined;
  return { driver, identity: decodeWho(version, statistics.modules[0]).identity, confidence: 4 };
}

async function statisticsOf(probe: Probe): Promise<Statistics | undefined> {
  const text = await probe.api("stats");
  const reply = text === undefined ? undefined : replyOf(text, "stats");
  return reply === undefined ? undefined : openStatistics(reply, "stats");
}

function replyOf(text: string, where: string): Reply | undefined {
  try {
    return openReply(text, where);
  } catch (error) {
    // Another kind of machine: not a fault of this one.
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
