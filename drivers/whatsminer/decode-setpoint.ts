// What the machine says each knob is set to.

import { present, reader, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { percent, watts } from "../contract/units.ts";
import type { Answers } from "./answers.ts";
import { decodePools } from "./decode-boards.ts";

/** Each is absent when the firmware does not tell it: `power_pct` came late in 2.x. */
export function decodeSetpoint({ summary, status, info, pools }: Answers): Setpoint {
  const fromSummary = summary && reader(summary.source, summary.at);
  return present({
    powerLimit: fromSummary?.(watts, summary?.value["Power Limit"]),
    mode: summary && readingOf(modeOf(summary.value["Power Mode"]), summary.source, summary.at),
    powerPercent:
      status &&
      reader(status.source, status.at)(percent, overrideOf(toNumber(status.value.power_pct))),
    sleep: status && readingOf(toBoolean(status.value.btmineroff), status.source, status.at),
    locate: info && readingOf(litBy(info.value.ledstat), info.source, info.at),
    // Passwords are never told.
    pools:
      pools &&
      readingOf(
        decodePools(pools.value).map(({ url, user }) => ({ url, user, password: "" })),
        pools.source,
        pools.at,
      ),
  });
}

/** `High` is the choice `high`. */
export const modeOf = (raw: unknown): string | undefined => toText(raw)?.toLowerCase();

/** 0 stands for "no override", as in the vendor's 3.x document. */
const overrideOf = (raw: number | undefined): number | undefined => (raw === 0 ? 100 : raw);

/** `auto` is the firmware's own pattern; everything else was asked for by set_led. */
export function litBy(ledstat: unknown): boolean | undefined {
  if (typeof ledstat === "string") {
    const word = toText(ledstat);
    return word === undefined ? undefined : word.toLowerCase() !== "auto";
  }
  return typeof ledstat === "object" && ledstat !== null ? true : undefined;
}
