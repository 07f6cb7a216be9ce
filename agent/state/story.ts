// When there is something new to explain, and how much of it is kept.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Decision } from "./decision.ts";
import type { DeviceState } from "./device-state.ts";
import type { Explanation, Seen } from "./explanation.ts";
import { describeSetting, samePoint } from "./point.ts";
import { believable } from "./samples.ts";

const MOST_EXPLAINED = 6;

/** The newest first. What says the same as the newest takes its place: suggestions repeat at each window. */
export function withExplanation(
  known: readonly Explanation[] | undefined,
  fresh: Explanation,
): readonly Explanation[] {
  const [newest, ...older] = known ?? [];
  const kept = newest === undefined || isSameStory(newest, fresh) ? older : [newest, ...older];
  return [fresh, ...kept].slice(0, MOST_EXPLAINED);
}

/** The same outcome at the same point; figures may differ. */
export function isSameStory(a: Explanation, b: Explanation): boolean {
  if (a.outcome !== b.outcome || a.policy !== b.policy || a.refused !== b.refused) return false;
  if (a.chosen === undefined || b.chosen === undefined) return a.reason === b.reason;
  return samePoint(a.chosen.point, b.chosen.point);
}

/** What is to be told of a decision after the guard; undefined where nothing changed. */
export function explanationOf(decision: Decision, before: DeviceState): Explanation | undefined {
  const { explanation, refused } = decision;
  if (explanation !== undefined) {
    return refused === undefined ? explanation : { ...explanation, outcome: "refused", refused };
  }
  const { phase } = decision.tuning;
  const rests = phase === "holding" || phase === "frozen";
  const arrived = rests && phase !== before.tuning.phase;
  const { action } = decision;
  if (action === undefined && !arrived) return undefined;
  return {
    at: decision.at,
    policy: decision.policy,
    outcome: action === undefined ? "hold" : "change",
    reason: decision.reason,
    settings: (action?.settings ?? []).map(describeSetting),
    seen: before.telemetry === undefined ? {} : seenIn(before.telemetry),
  };
}

function seenIn({ power, hashrate, temperature, algorithm }: Telemetry): Seen {
  const watts = believable(power);
  const rate = believable(hashrate?.now);
  const ideal = believable(hashrate?.ideal);
  const chip = believable(temperature?.chip);
  return {
    ...(watts === undefined || power === undefined ? {} : { power: watts, basis: power.basis }),
    ...(rate === undefined ? {} : { rate }),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(rate === undefined || !ideal ? {} : { ratio: rate / ideal }),
    ...(chip === undefined ? {} : { chipTemperature: chip }),
  };
}
