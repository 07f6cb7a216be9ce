// Heat first: eases a hot machine off, stops a too hot one, and wakes it when it is cool again.

import { LEVERS, type Setting } from "../../drivers/contract/controls.ts";
import { present } from "../../drivers/contract/decoding.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describeSetting, pointOf } from "../state/point.ts";
import { believable } from "../state/samples.ts";
import { backWhenCool, wakeWhenCool } from "./cooling.ts";
import { BETWEEN_STEPS, easierSettings, isStepping } from "./ease.ts";
import { type Heat, hottest, isHeldByFans, windsUp } from "./heat.ts";
import { change, heatLimits, hold, type Policies } from "./policies.ts";
import { risingTooFast } from "./rise.ts";

const AFTER_REFUSAL = 20_000;

export function thermal(
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const telemetry = state.telemetry;
  if (telemetry === undefined || state.link.status !== "up") return undefined;
  const limits = heatLimits(telemetry, policies.safety);
  // Asleep, a rise says nothing: the sensors tell when it is cool.
  const heat = isAsleep(telemetry)
    ? hottest(telemetry, limits)
    : worse(hottest(telemetry, limits), risingTooFast(state, policies, now));
  const wish = wishFor(state, telemetry, policies, heat, now);
  if (wish?.action === undefined || !refusedLately(state, now)) return wish;
  return hold("thermal", now, state.tuning, `${wish.reason} (refused a moment ago)`);
}

/** Stopping comes before easing off. */
function worse(heat: Heat | undefined, other: Heat | undefined): Heat | undefined {
  if (heat === undefined || other === undefined) return heat ?? other;
  if (heat.over >= 0 || (heat.overSoft >= 0 && other.over < 0)) return heat;
  return other;
}

function wishFor(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  heat: Heat | undefined,
  now: EpochMs,
): Decision | undefined {
  // Asleep for money or by request: the heat has no say in when it wakes.
  if (isAsleep(telemetry) && state.tuning.asleep !== undefined) return undefined;
  if (isAsleep(telemetry)) return wakeWhenCool(state, telemetry, policies, heat, now);
  if (heat !== undefined && heat.over >= 0) return stop(state, telemetry, policies, heat, now);
  const limits = heatLimits(telemetry, policies.safety);
  if (heat !== undefined && heat.overSoft >= 0 && !isHeldByFans(state, telemetry, limits, now)) {
    return easeOff(state, telemetry, policies, heat, now);
  }
  return state.overheatedAt === undefined
    ? undefined
    : backWhenCool(state, telemetry, policies, heat, now);
}

/** A machine that says no is asked again, but not at every turn. */
function refusedLately({ outcome }: DeviceState, now: EpochMs): boolean {
  return (
    outcome?.action.purpose === "protect" &&
    outcome.verdict === "rejected" &&
    now - outcome.at < AFTER_REFUSAL
  );
}

export const isAsleep = (telemetry: Telemetry): boolean =>
  telemetry.activity?.value === "sleeping" || telemetry.activity?.value === "stopped";

function stop(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  heat: Heat,
  now: EpochMs,
): Decision {
  if (state.write !== undefined && state.write.action.purpose === "protect") {
    return hold("thermal", now, state.tuning, `${heat.words}: waiting for the machine to stop`);
  }
  const settings: Setting[] =
    telemetry.controls.sleep === undefined || doesNotSleep(state, now)
      ? lowestSettings(telemetry).filter((setting) => !isSet(setting, telemetry))
      : [{ knob: "sleep", value: true }];
  if (settings.length === 0) {
    const words = `${heat.words}: this machine offers nothing more to lower`;
    return hold("thermal", now, state.tuning, words);
  }
  const rest = abandoned(state, telemetry, policies);
  const heatStop = {
    ...present({ watts: believable(telemetry.power) }),
    inARow: (state.tuning.heatStop?.inARow ?? 0) + 1,
  };
  // What cannot sleep is as low as it can be already.
  const sleeps = settings.some(({ knob }) => knob === "sleep");
  const tuning = sleeps ? { ...rest, heatStop } : rest;
  return change(state, "thermal", now, tuning, {
    purpose: "protect",
    settings,
    reason: `too hot: ${heat.words}; ${settings.map(describeSetting).join(", ")}`,
  });
}

/** It was asked to stop and did not: the next best is as little power as it can. */
function doesNotSleep({ outcome }: DeviceState, now: EpochMs): boolean {
  return (
    outcome !== undefined &&
    outcome.verdict !== "applied" &&
    now - outcome.at < BETWEEN_STEPS &&
    outcome.action.settings.some((setting) => setting.knob === "sleep" && setting.value)
  );
}

/** Once is enough: a machine that is asked again at every turn is worn out, not cooled. */
function isSet({ knob, value }: Setting, { setpoint }: Telemetry): boolean {
  if (knob === "restart" || knob === "reboot") return false;
  return setpoint[knob]?.value === value;
}

function lowestSettings(telemetry: Telemetry): Setting[] {
  const { powerLimit, frequency, fan, profile } = telemetry.controls;
  const settings: Setting[] = [];
  if (fan?.auto === true) settings.push({ knob: "fan", value: "auto" });
  if (powerLimit !== undefined) settings.push({ knob: "powerLimit", value: powerLimit.min });
  else if (frequency !== undefined) settings.push({ knob: "frequency", value: frequency.min });
  else if (profile?.choices[0] !== undefined) {
    settings.push({ knob: "profile", value: profile.choices[0].name });
  }
  return settings;
}

function easeOff(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  heat: Heat,
  now: EpochMs,
): Decision | undefined {
  if (isStepping(state, now)) {
    return hold(
      "thermal",
      now,
      state.tuning,
      `hot: ${heat.words}; waiting for the last step to show`,
    );
  }
  if (windsUp(state, telemetry, heatLimits(telemetry, policies.safety), now)) {
    return hold("thermal", now, state.tuning, `hot: ${heat.words}; the fans wind up`);
  }
  const settings = easierSettings(telemetry);
  if (settings.length === 0) {
    return hold("thermal", now, state.tuning, `hot: ${heat.words}; nothing more to lower`);
  }
  return change(state, "thermal", now, abandoned(state, telemetry, policies), {
    purpose: "protect",
    settings,
    reason: `hot: ${heat.words}; ${settings.map(describeSetting).join(", ")}`,
  });
}

/** A trial in this heat proves nothing: what is known stays, the rest starts again from a cool machine. */
function abandoned(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
): DeviceState["tuning"] {
  const { trial: _trial, heatStop: _stop, ...tuning } = state.tuning;
  // Hot from the first reading on: this is the point to go back to.
  const stock = tuning.stock ?? pointOf(telemetry, policies.tuning.levers);
  // Heat moves knobs that tuning may not: they too must come back.
  const beforeHeat = tuning.beforeHeat ?? pointOf(telemetry, LEVERS);
  const phase = tuning.phase === "trial" ? "reverting" : tuning.phase;
  return { ...tuning, stock, beforeHeat, phase };
}
