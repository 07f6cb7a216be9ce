// The start page or bfgminer's device names tell the maker; the model is behind the password.

import type { Probe, Sighting } from "../contract/driver.ts";
import { FIRMWARE } from "./decode.ts";

const BY_DEVICE = 5;
const BY_PAGE = 4;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const identity = { vendor: "Goldshell", firmware: FIRMWARE, modelKnown: false };
  const details = await probe.api("devdetails");
  if (details !== undefined && /INTCHAINS|KDAMINER/i.test(details)) {
    return { driver: "goldshell", identity, confidence: BY_DEVICE };
  }
  const page = await probe.web("/");
  if (page === undefined || !/cloud-box|goldshell/i.test(page.body)) return undefined;
  return { driver: "goldshell", identity, confidence: BY_PAGE };
}
