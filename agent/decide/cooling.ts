// The way back from heat: wakes what was stopped and restores what was lowered, not too soon.

import { LEVERS, type Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import {
  describePoint,
  describeSetting,
  pointOf,
  restartsFor,
  settingsBetween,
} from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import { easierSettings } from "./ease.ts";
import { automaticDuty, type Heat } from "./heat.ts";
import { change, heatLimits, hold, type Policies } from "./policies.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Lowered, not stopped: it stays low until it has been cool for a while, so that heat and the way
 * back do not chase each other; then the point from before is restored.
 */
export function backWhenCool(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  heat: Heat | undefined,
  now: EpochMs,
): Decision {
  if (state.tuning.heatStop !== undefined) return backLower(state, telemetry, now);
  const { resumeAfterMinutes } = policies.safety;
  const rested = now - (state.overheatedAt ?? now) >= resumeAfterMinutes * MINUTE;
  const cool = heat !== undefined && heat.overSoft <= -coolerBy(telemetry, policies, state);
  const way = wayBack(state, telemetry);
  const often = isChangedOften(state, policies, now, way.stops);
  if (!rested || !cool || often || state.write !== undefined) {
    const why = often ? "changed often enough today" : (heat?.words ?? "no temperature is known");
    return hold("thermal", now, state.tuning, `cooling down: ${why}`);
  }
  return restore(state, way, heat, now);
}

/**
 * A machine that was stopped would be stopped again where it was, and so on all night. It comes back one
 * step lower; the rest follows when it stays cool there.
 */
function backLower(state: DeviceState, telemetry: Telemetry, now: EpochMs): Decision {
  const { heatStop, ...tuning } = state.tuning;
  const { value: activity = "hashing" } = telemetry.activity ?? {};
  if (state.write !== undefined || activity !== "hashing") {
    return hold("thermal", now, state.tuning, "stopped for heat: it starts, and comes back lower");
  }
  const settings = easierSettings(telemetry, heatStop?.watts);
  if (settings.length === 0) {
    return hold("thermal", now, tuning, "stopped for heat: nothing more to lower");
  }
  const reason = `stopped for heat: back with ${settings.map(describeSetting).join(", ")}`;
  return change(state, "thermal", now, tuning, { purpose: "protect", settings, reason });
}

/** K */
const LEAST_COOLER = 1;

/**
 * Fans that hold a temperature hold it at less power as well: no machine is asked to become cooler than it
 * was found, as long as its fans have reserve.
 */
function coolerBy(
  telemetry: Telemetry,
  policies: Policies,
  { tuning }: Pick<DeviceState, "tuning">,
): number {
  const { resumeBelowKelvin } = policies.safety;
  const found = tuning.evidence?.[0]?.chipTemperature;
  const duty = automaticDuty(telemetry);
  if (found === undefined || duty === undefined || duty >= WITH_RESERVE) return resumeBelowKelvin;
  const margin = heatLimits(telemetry, policies.safety).chipSoft - found - ROUNDING;
  return Math.min(resumeBelowKelvin, Math.max(LEAST_COOLER, margin));
}

/** Percent; and K by which whole degrees mislead. */
const WITH_RESERVE = 90;
const ROUNDING = 0.6;

/** Beyond those that tuning may cause: a machine that was lowered must not stay so for a day. */
const RESTARTS_FOR_HEAT = 2;
/** Nor where even these are spent: each further one is for so long a rest. */
const REST_FOR_RESTART = 3 * HOUR;
const CHANGES_AN_HOUR = 6;

function isChangedOften(
  { changes, restarts, overheatedAt }: DeviceState,
  { tuning }: Policies,
  now: EpochMs,
  stops: boolean,
): boolean {
  const lately = changes.filter((time) => time > now - HOUR).length;
  const isSpent = restarts.length >= tuning.restartsPerDay + RESTARTS_FOR_HEAT;
  const mustRest = stops && isSpent && now - (overheatedAt ?? now) < REST_FOR_RESTART;
  return lately >= CHANGES_AN_HOUR || mustRest;
}

interface WayBack {
  readonly good: Point;
  readonly settings: readonly Setting[];
  /** Whether the machine restarts for it. */
  readonly stops: boolean;
}

function wayBack({ tuning }: DeviceState, telemetry: Telemetry): WayBack {
  const { beforeHeat, best, stock } = tuning;
  const good: Point = { ...beforeHeat, ...(best?.point ?? stock) };
  const { controls } = telemetry;
  const settings = settingsBetween(pointOf(telemetry, LEVERS), good, controls);
  return { good, settings, stops: restartsFor(settings, controls) };
}

function restore(
  state: DeviceState,
  { good, settings }: WayBack,
  heat: Heat,
  now: EpochMs,
): Decision {
  const { beforeHeat: _back, ...rest } = state.tuning;
  const tuning: TuningState = { ...rest, phase: "reverting", since: now };
  const reason = `cool again: ${heat.words}; back to ${describePoint(good)}`;
  const decision =
    settings.length === 0
      ? hold("thermal", now, tuning, reason)
      : change(state, "thermal", now, tuning, { purpose: "restore", settings, reason });
  return { ...decision, cooled: true };
}

const LONGEST_REST = 4 * HOUR;

/** Who is too hot again before it could be lowered rests twice as long: starts wear a machine out. */
function restFor({ tuning }: Pick<DeviceState, "tuning">, { safety }: Policies): number {
  const again = (tuning.heatStop?.inARow ?? 1) - 1;
  const usual = safety.resumeAfterMinutes * MINUTE;
  return Math.max(usual, Math.min(LONGEST_REST, usual * 2 ** again));
}

export function wakeWhenCool(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  heat: Heat | undefined,
  now: EpochMs,
): Decision | undefined {
  // Asleep by somebody else's wish: not ours to wake.
  if (state.overheatedAt === undefined) return undefined;
  const { resumeBelowKelvin } = policies.safety;
  const rested = now - state.overheatedAt >= restFor(state, policies);
  const cool = heat === undefined || heat.over <= -resumeBelowKelvin;
  if (!rested || !cool || state.write !== undefined || telemetry.controls.sleep === undefined) {
    return hold(
      "thermal",
      now,
      state.tuning,
      `cooling down${heat === undefined ? "" : `: ${heat.words}`}`,
    );
  }
  return change(state, "thermal", now, state.tuning, {
    purpose: "protect",
    settings: [{ knob: "sleep", value: false }],
    reason: `cool again: wake up`,
  });
}
