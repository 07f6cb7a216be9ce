// Wishes for a recorded machine, and the orders that come of them.

import { expect } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import { type Answers, fixture, NEVER, open, PASSWORD, serve } from "./served.ts";

export type Script = NonNullable<Parameters<typeof serve>[1]>;

export interface Changes {
  readonly summary?: Record<string, unknown>;
  readonly capabilities?: Record<string, unknown>;
}

export function changed({ summary = {}, capabilities = {} }: Changes): Answers {
  const answers = fixture();
  return {
    ...answers,
    summary: { ...(answers["summary"] as object), ...summary },
    capabilities: { ...(answers["capabilities"] as object), ...capabilities },
  };
}

const GOVERNED = {
  PerpetualTune: (fixture()["summary"] as Record<string, unknown>)["PerpetualTune"],
};
/** The governor is off. */
export const MANUAL = { PerpetualTune: { ...(GOVERNED.PerpetualTune as object), Running: false } };
/** A later build, whose governor holds watts. */
export const POWER = {
  summary: {
    PerpetualTune: {
      Running: true,
      Algorithm: {
        Power: { Target: 3000, Unit: "W", "Min Throttle Target": 2000, "Throttle Step": 100 },
      },
    },
  },
  capabilities: { PerpetualTune: [{ algorithm: "Power", min: 1500, max: 4400 }] },
};

/** The orders that go out, and what the session says of them. */
export async function write(settings: readonly Setting[], changes: Changes = {}, script?: Script) {
  const served = await serve(changed(changes), script);
  const session = open(served.port, { password: PASSWORD });
  try {
    await session.read(NEVER);
    const before = served.requests.length;
    const receipt = await session.write(settings, NEVER);
    const [look, ...orders] = served.requests.slice(before);
    expect(look, "looks before it writes").toBe("summary");
    return { receipt, orders };
  } finally {
    await session.close();
    await served.daemon.stop();
  }
}

export const FREQUENCY: Setting = { knob: "frequency", value: megahertz(500) };
export const VOLTAGE: Setting = { knob: "voltage", value: millivolts(13_000) };
export const pools = (...urls: string[]): Setting => ({
  knob: "pools",
  value: urls.map((url) => ({ url, user: "account.rig", password: "swordfish" })),
});
