// PowerPlay speaks HTTP where other firmwares speak cgminer's API.

import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { epochMs } from "../contract/units.ts";
import { parseReply } from "../transport/json.ts";
import { decodeIdentity, isPowerPlay } from "./identity.ts";
import { Capabilities, Summary } from "./wire.ts";

/** It names itself. */
const CONFIDENCE = 5;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  // Whoever answers this with JSON is no web server, and is not bothered with HTTP.
  if (isObject(parsed(await probe.api("version")))) return undefined;
  const summary = Summary.safeParse(parsed((await probe.web("/summary", "api"))?.body));
  if (!summary.success) return undefined;
  // The time of the answers is no part of an identity.
  const at = epochMs(0);
  const heard = { summary: { answer: summary.data, at } };
  if (!isPowerPlay(heard)) return undefined;
  const capabilities = Capabilities.safeParse(
    parsed((await probe.web("/capabilities", "api"))?.body),
  );
  const identity = decodeIdentity({
    ...heard,
    ...(capabilities.success ? { capabilities: { answer: capabilities.data, at } } : {}),
  });
  return { driver: "epic", identity, confidence: CONFIDENCE };
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parseReply(text, "probe");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
