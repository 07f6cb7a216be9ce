// GCMiner names itself in its version, FluxOS in the description of its answers.

import type { Probe, Sighting } from "../contract/driver.ts";
import { epochMs } from "../contract/units.ts";
import { parsedOrNone } from "../transport/json-http.ts";
import { decodeIdentity } from "./decode.ts";
import { DetailsReply, VersionReply } from "./wire.ts";

const NAMED = 5;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const text = await probe.api("version");
  const version = VersionReply.safeParse(parsedOrNone(text));
  if (!version.success) return undefined;
  const [row] = version.data.VERSION;
  if (row.GCMiner === undefined && !/FluxOS/i.test(text ?? "")) return undefined;
  const details = DetailsReply.safeParse(parsedOrNone(await probe.api("devdetails")));
  const model = details.success ? details.data.DEVDETAILS[0]?.Model : undefined;
  // The time of the answers is no part of an identity.
  const origin = { at: epochMs(0), source: "probe" };
  const identity = decodeIdentity({
    version: { ...origin, value: row },
    model: { ...origin, value: typeof model === "string" ? model : undefined },
    report: undefined,
  });
  return { driver: "auradine", identity, confidence: NAMED };
}
