// What the site asks for: less power at once, no mining while it does not pay, and back again after.

import type { Signals } from "../../config/signals.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { Asleep } from "../state/tuning.ts";
import { standingCap } from "./caps.ts";
import { change, hold, type Policies } from "./policies.ts";
import { lossOf, paysAgain } from "./rest.ts";
import { sleep } from "./sleep.ts";
import { isAsleep } from "./thermal.ts";
import { underCap } from "./under-cap.ts";

const MINUTE = 60_000;
/** Going to sleep for money and waking again wears the machine: no shorter pauses than this. */
const LEAST_SLEEP = 30 * MINUTE;

export function curtail(
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const { telemetry, tuning } = state;
  if (telemetry === undefined || state.link.status !== "up") return undefined;
  const { mode } = policies.tuning;
  const signals = policies.signals?.(now) ?? {};
  if (isAsleep(telemetry)) {
    return tuning.asleep && stayOrWake(state, telemetry, policies, signals, now);
  }
  if (mode === "observe") return undefined;
  // Lower points are the tuner's to suggest; that a machine would be put to sleep only this room knows.
  const rest = sleepFor(state, telemetry, policies, signals, now);
  if (mode === "suggest") {
    if (rest === undefined) return undefined;
    return hold("curtail", now, tuning, `${rest.reason} (not sent: tuning.mode is suggest)`);
  }
  if (tuning.asleep !== undefined && state.write === undefined) {
    const { asleep: _over, ...awake } = tuning;
    return hold("curtail", now, awake, "awake again");
  }
  return rest ?? underCap(state, telemetry, policies, signals, now);
}

function stayOrWake(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  const { asleep } = tuning;
  const stay = (words: string) => hold("curtail", now, tuning, `asleep: ${words}`);
  if (asleep === undefined || state.write !== undefined) return stay("waiting to see it");
  // Who may act no more gives back what he took.
  const mayHold = policies.tuning.mode === "act";
  const reason = mayHold ? reasonToStay(state, asleep, policies, signals, now) : undefined;
  if (reason !== undefined) return stay(reason);
  if (telemetry.controls.sleep === undefined) return stay("this machine offers no way to wake it");
  return change(state, "curtail", now, tuning, {
    purpose: "protect",
    settings: [{ knob: "sleep", value: false }],
    reason: `wake up: the reason to sleep is over (${asleep.reason})`,
  });
}

function reasonToStay(
  { tuning }: DeviceState,
  asleep: Asleep,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): string | undefined {
  if (signals.powerShare === 0) return "curtailment";
  const cap = standingCap(policies, signals, tuning.evidence?.[0]?.power ?? 0);
  if (cap !== undefined && cap.watts < (asleep.least ?? 0)) return asleep.reason;
  if (asleep.breakEven === undefined || policies.tuning.objective !== "profit") return undefined;
  if (!paysAgain(signals, tuning, asleep.breakEven)) return asleep.reason;
  return now - asleep.since < LEAST_SLEEP ? "it pays again, but slept too short" : undefined;
}

function sleepFor(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  signals: Signals,
  now: EpochMs,
): Decision | undefined {
  if (telemetry.controls.sleep === undefined || state.write !== undefined) return undefined;
  if (signals.powerShare === 0) return sleep(state, { since: now, reason: "curtailment" }, now);
  const loss = lossOf(state, telemetry, policies, signals, now);
  return loss && sleep(state, { since: now, ...loss }, now);
}
