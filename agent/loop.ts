// One turn of one machine. The order of the flow is written here and nowhere else:
// poll -> fold -> decide -> guard -> remember -> act -> fold -> report.

import type { EpochMs } from "../drivers/contract/units.ts";
import { decide } from "./decide/decide.ts";
import { guard, withoutMemory } from "./decide/guard.ts";
import type { Policies } from "./decide/policies.ts";
import type { Hands } from "./fleet/hands.ts";
import type { DeviceState } from "./state/device-state.ts";
import { fold } from "./state/fold.ts";

export interface Parts {
  readonly hands: Hands;
  readonly policies: Policies;
  readonly now: () => EpochMs;
  /** Puts what must survive a crash on disk, before anything is sent; false when it could not. */
  readonly remember: (state: DeviceState, before: DeviceState) => boolean;
  /** Log, MQTT and whoever else listens. */
  readonly report: (state: DeviceState, before: DeviceState) => void;
}

export async function turn(
  state: DeviceState,
  parts: Parts,
  signal: AbortSignal,
): Promise<DeviceState> {
  const seen = fold(state, await parts.hands.observe(signal));
  const now = parts.now();
  const wanted = guard(decide(seen, parts.policies, now), seen, parts.policies, now);
  const thought = fold(seen, { kind: "decided", at: now, decision: wanted.decision });
  const ruled = parts.remember(thought, state) ? wanted : withoutMemory(wanted, seen);
  const decided =
    ruled === wanted ? thought : fold(seen, { kind: "decided", at: now, decision: ruled.decision });
  const acted =
    ruled.action === undefined ? decided : fold(decided, await parts.hands.act(ruled.action));
  parts.report(acted, state);
  return acted;
}
