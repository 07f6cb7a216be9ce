// The order of the head: heat, then what went wrong, then what the site asks for, then tuning. The guard comes after, in the loop.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { curtail } from "./curtail.ts";
import type { Policies } from "./policies.ts";
import { recovery } from "./recovery.ts";
import { thermal } from "./thermal.ts";
import { tune } from "./tuner.ts";

export function decide(state: DeviceState, policies: Policies, now: EpochMs): Decision {
  const heat = thermal(state, policies, now);
  if (heat === undefined) {
    return (
      recovery(state, policies, now) ?? curtail(state, policies, now) ?? tune(state, policies, now)
    );
  }
  if (isNews(heat, state)) return heat;
  // A machine that only cools down keeps its share of the breaker meanwhile.
  const site = curtail(state, policies, now);
  return site !== undefined && isNews(site, state) ? site : heat;
}

/** More than to wait. */
const isNews = ({ action, tuning }: Decision, state: DeviceState): boolean =>
  action !== undefined || tuning !== state.tuning;
