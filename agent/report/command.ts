// Commands from the broker. Only a rebirth is obeyed here; anything that moves a machine needs a
// signature and enters elsewhere.

import { REBIRTH } from "./node.ts";
import { decodePayload } from "./sparkplug/payload.ts";
import { parseTopic } from "./sparkplug/topic.ts";

export type Command =
  | { readonly kind: "rebirth" }
  | { readonly kind: "unknown"; readonly detail: string }
  | { readonly kind: "malformed"; readonly detail: string };

/** Never throws: what arrives from a broker may be anything. */
export function readCommand(topic: string, payload: Buffer): Command {
  const parsed = parseTopic(topic);
  if (parsed?.type !== "NCMD" && parsed?.type !== "DCMD") {
    return { kind: "malformed", detail: "no command topic" };
  }
  try {
    const { metrics } = decodePayload(payload);
    const asked = metrics.find((metric) => metric.name === REBIRTH);
    if (parsed.type === "NCMD" && asked?.value?.value === true) return { kind: "rebirth" };
    const names = metrics.map((metric) => metric.name ?? `alias ${metric.alias}`);
    return { kind: "unknown", detail: names.slice(0, 5).join(", ").slice(0, 200) };
  } catch (error) {
    return { kind: "malformed", detail: error instanceof Error ? error.message : String(error) };
  }
}
