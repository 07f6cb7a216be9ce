// Braiins OS names itself: in the key of its version on 4028, else in the answers of its web server.

import { present, toNumber, toText } from "../contract/decoding.ts";
import type { Probe, Sighting } from "../contract/driver.ts";
import { isDeviceError } from "../contract/errors.ts";
import { parseReply } from "../transport/json.ts";
import { VersionReport } from "./cgminer/wire.ts";
import { Version } from "./rest/wire.ts";

/** It names itself. */
const NAMED = 5;
/** A page that says so is made by people. */
const PAGE = 4;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const report = VersionReport.safeParse(parsed(await probe.api("version")));
  const [version] = report.success ? (report.data.VERSION ?? []) : [];
  const program =
    toText(version?.BOSer) ?? toText(version?.BOSminer) ?? toText(version?.["BOSminer+"]);
  if (program !== undefined) {
    const plus = toText(version?.["BOSminer+"]) !== undefined;
    const api = version?.API;
    return sighting(NAMED, plus, program, api === undefined ? undefined : String(api));
  }
  const page = await probe.web("/");
  if (page === undefined || !/Braiins OS/i.test(page.body)) return undefined;
  const rest = Version.safeParse(parsed((await probe.web("/api/v1/version/"))?.body));
  const parts = rest.success
    ? [rest.data.major, rest.data.minor, rest.data.patch].map(toNumber)
    : [undefined];
  const known = !parts.includes(undefined);
  return sighting(PAGE, false, undefined, known ? parts.join(".") : undefined);
}

function sighting(
  confidence: number,
  plus: boolean,
  version: string | undefined,
  api: string | undefined,
): Sighting {
  return {
    driver: "braiins",
    confidence,
    identity: present({
      vendor: "Bitmain",
      firmware: plus ? "Braiins OS+" : "Braiins OS",
      firmwareVersion: version,
      apiVersion: api,
      modelKnown: false,
    }),
  };
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
