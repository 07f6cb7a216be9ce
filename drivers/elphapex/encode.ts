// From wishes to the pages that grant them. Pure.

import type { Setting } from "../contract/controls.ts";
import { toText } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import type { HttpRequest } from "../transport/http.ts";
import { jsonBody } from "../transport/json-http.ts";
import { BLINKS, BLINKS_NOT, type BlinkOrder, BlinkReply, PAGES } from "./wire.ts";

export interface Order {
  readonly request: HttpRequest;
  /** Throws REJECTED for an answer that is no consent; resolves to the machine's own words. */
  readonly judge: (body: unknown) => string;
}

/** The reboot comes last. */
export function encode(settings: readonly Setting[]): readonly Order[] {
  return [...settings]
    .sort((a, b) => Number(a.knob === "reboot") - Number(b.knob === "reboot"))
    .map(orderOf);
}

function orderOf(setting: Setting): Order {
  switch (setting.knob) {
    case "locate": {
      const order: BlinkOrder = { blink: setting.value ? "true" : "false" };
      return {
        request: { method: "POST", path: PAGES.blink, ...jsonBody(order) },
        judge: (body) => judgeBlink(body, setting.value ? BLINKS : BLINKS_NOT),
      };
    }
    case "reboot":
      return { request: { path: PAGES.reboot }, judge: () => "reboot.cgi: accepted" };
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: not offered by this machine`);
  }
}

function judgeBlink(body: unknown, expected: string): string {
  const code = toText(BlinkReply.safeParse(body).data?.code);
  if (code === expected) return `blink.cgi: ${code}`;
  throw new DeviceError("REJECTED", `blink.cgi: code ${code ?? "none"}, expected ${expected}`);
}
