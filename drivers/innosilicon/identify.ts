// Who answers at an address: the version on 4028 and the start page, nothing else.

import type { Probe, Sighting } from "../contract/driver.ts";

/** The maker's program names itself. */
const PROGRAM = /innominer/i;
/** Its pages under its own name and under the two that it sold them as. */
const TITLE = /<title>\s*(?:Innosilicon|DragonMint|AsicMiner)[^<]*<\/title>/i;

const BY_PROGRAM = 4;
const BY_TITLE = 3;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const version = await probe.api("version");
  const byProgram = version !== undefined && PROGRAM.test(version);
  const page = byProgram ? undefined : await probe.web("/");
  if (!byProgram && !TITLE.test(page?.body ?? "")) return undefined;
  return {
    driver: "innosilicon",
    identity: { vendor: "Innosilicon", firmware: "Innosilicon stock", modelKnown: false },
    confidence: byProgram ? BY_PROGRAM : BY_TITLE,
  };
}
