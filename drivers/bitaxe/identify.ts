// One harmless answer names the chip, the board and the firmware.

import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { parseReply } from "../transport/json.ts";
import { decodeIdentity } from "./decode.ts";
import { Info, PATHS } from "./wire.ts";

/** It names itself: nobody else has this path with these keys. */
const CONFIDENCE = 5;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const answer = await probe.web(PATHS.info);
  if (answer === undefined || answer.status !== 200) return undefined;
  const info = Info.safeParse(parsed(answer.body));
  if (!info.success) return undefined;
  const { ASICModel, coreVoltage, frequency } = info.data;
  if (ASICModel === undefined || coreVoltage === undefined || frequency === undefined) {
    return undefined;
  }
  return {
    driver: "bitaxe",
    identity: decodeIdentity(info.data, undefined),
    confidence: CONFIDENCE,
  };
}

function parsed(text: string): unknown {
  try {
    return parseReply(text, "probe");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
