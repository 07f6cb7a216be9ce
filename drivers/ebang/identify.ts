// Who answers at an address: its login form, whose fields no other maker has.

import type { Probe, ProbeHttpAnswer, Sighting } from "../contract/driver.ts";
import { PATHS, sessionCookie } from "./wire.ts";

const BY_FORM = 4;

export async function identify(probe: Probe): Promise<Sighting | undefined> {
  const page = await probe.web("/");
  if (page === undefined) return undefined;
  if (isForm(page)) return SIGHTING;
  const sent = page.status >= 300 && page.status < 400;
  if (!sent && sessionCookie(page.headers["set-cookie"]) === undefined) return undefined;
  const form = await probe.web(PATHS.login);
  return form !== undefined && isForm(form) ? SIGHTING : undefined;
}

/** The password's field is `word`, and a language comes with it. */
function isForm({ body }: ProbeHttpAnswer): boolean {
  return /name=["']?word\b/.test(body) && /name=["']?yuyan\b/.test(body);
}

const SIGHTING: Sighting = {
  driver: "ebang",
  identity: { vendor: "Ebang", firmware: "Ebang stock", modelKnown: false },
  confidence: BY_FORM,
};
