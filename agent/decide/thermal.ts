// Heat first: eases a hot machine off, stops a too hot one, and wakes it when it is cool again.

import type { Setting } from "../../drivers/contract/controls.ts";
import type { Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import { type Celsius, type EpochMs, watts } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { describeSetting } from "../state/point.ts";
import { change, type HeatLimits, heatLimits, hold, type Policies } from "./policies.ts";

const MINUTE = 60_000;
/** A protective step needs this long to show in the temperature before the next one. */
const BETWEEN_STEPS = 3 * MINUTE;
const EASE_SHARE = 0.92;

export function thermal(
  state: DeviceState,
  policies: Policies,
  now: EpochMs,
): Decision | undefined {
  const telemetry = state.telemetry;
  if (telemetry === undefined || state.link.status !== "up") return undefined;
  const limits = heatLimits(telemetry, policies.safety);
  const heat = hottest(telemetry, limits);
  if (isAsleep(telemetry)) return wakeWhenCool(state, telemetry, policies, heat, now);
  if (heat === undefined) return undefined;
  if (heat.over >= 0) return stop(state, telemetry, heat, now);
  if (heat.over >= heat.soft) return easeOff(state, telemetry, heat, now);
  return undefined;
}

interface Heat {
  readonly words: string;
  /** Kelvin above the limit; negative below. */
  readonly over: number;
  /** The same for the start of easing off. */
  readonly soft: number;
}

/** Kelvin below its limit from which a sensor of a board or regulator asks for less power. */
const SOFT_MARGIN = 3;

/** The sensor that is nearest to its limit. */
function hottest(telemetry: Telemetry, limits: HeatLimits): Heat | undefined {
  const { chip, board, regulator } = telemetry.temperature ?? {};
  const found = [
    heatOf("chip", chip, limits.chip, limits.chip - limits.chipSoft),
    heatOf("board", board, limits.board, SOFT_MARGIN),
    heatOf("regulator", regulator, limits.regulator, SOFT_MARGIN),
  ].filter((heat) => heat !== undefined);
  return found.sort((a, b) => b.over - a.over)[0];
}

function heatOf(
  name: string,
  reading: Reading<Celsius> | undefined,
  limit: Celsius | undefined,
  margin: number,
): Heat | undefined {
  if (reading === undefined || limit === undefined || reading.quality !== "ok") return undefined;
  return {
    words: `${name} ${reading.value.toFixed(0)} °C, limit ${limit.toFixed(0)} °C`,
    over: reading.value - limit,
    soft: -margin,
  };
}

const isAsleep = (telemetry: Telemetry): boolean =>
  telemetry.activity?.value === "sleeping" || telemetry.activity?.value === "stopped";

function stop(state: DeviceState, telemetry: Telemetry, heat: Heat, now: EpochMs): Decision {
  if (state.write !== undefined && state.write.action.purpose === "protect") {
    return hold("thermal", now, state.tuning, `${heat.words}: waiting for the machine to stop`);
  }
  const settings: Setting[] =
    telemetry.controls.sleep === undefined
      ? lowestSettings(telemetry)
      : [{ knob: "sleep", value: true }];
  if (settings.length === 0) {
    return hold(
      "thermal",
      now,
      state.tuning,
      `${heat.words}: this machine offers no way to stop it`,
    );
  }
  const tuning = abandoned(state);
  return change(state, "thermal", now, tuning, {
    purpose: "protect",
    settings,
    reason: `too hot: ${heat.words}; ${settings.map(describeSetting).join(", ")}`,
  });
}

function lowestSettings(telemetry: Telemetry): Setting[] {
  const { powerLimit, frequency, fan } = telemetry.controls;
  const settings: Setting[] = [];
  if (fan?.auto === true) settings.push({ knob: "fan", value: "auto" });
  if (powerLimit !== undefined) settings.push({ knob: "powerLimit", value: powerLimit.min });
  else if (frequency !== undefined) settings.push({ knob: "frequency", value: frequency.min });
  return settings;
}

function easeOff(
  state: DeviceState,
  telemetry: Telemetry,
  heat: Heat,
  now: EpochMs,
): Decision | undefined {
  const last = state.changes.at(-1);
  if (state.write !== undefined || (last !== undefined && now - last < BETWEEN_STEPS)) {
    return hold(
      "thermal",
      now,
      state.tuning,
      `hot: ${heat.words}; waiting for the last step to show`,
    );
  }
  const settings = easierSettings(telemetry);
  if (settings.length === 0) return undefined;
  return change(state, "thermal", now, abandoned(state), {
    purpose: "protect",
    settings,
    reason: `hot: ${heat.words}; ${settings.map(describeSetting).join(", ")}`,
  });
}

/** The gentlest knob first: fans back to the firmware, then less power. */
function easierSettings(telemetry: Telemetry): Setting[] {
  const { controls, setpoint } = telemetry;
  const fan = setpoint.fan?.value;
  if (controls.fan?.auto === true && fan !== undefined && fan !== "auto") {
    return [{ knob: "fan", value: "auto" }];
  }
  const limit = setpoint.powerLimit?.value;
  const drawn = telemetry.power?.value;
  if (controls.powerLimit !== undefined && limit !== undefined) {
    const lower = Math.round(Math.min(limit, drawn ?? limit) * EASE_SHARE);
    if (lower >= controls.powerLimit.min) return [{ knob: "powerLimit", value: watts(lower) }];
  }
  const frequency = setpoint.frequency?.value;
  const knob = controls.frequency;
  if (knob !== undefined && frequency !== undefined) {
    const steps = Math.ceil((frequency * (1 - EASE_SHARE)) / knob.step);
    const lower = (frequency - steps * knob.step) as typeof frequency;
    if (lower >= knob.min) return [{ knob: "frequency", value: lower }];
  }

  return [];
}

/** A trial in this heat proves nothing: what is known stays, the rest starts again from a cool machine. */
function abandoned(state: DeviceState): DeviceState["tuning"] {
  const { trial: _trial, ...tuning } = state.tuning;
  return tuning.phase === "trial" ? { ...tuning, phase: "reverting" } : tuning;
}

function wakeWhenCool(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  heat: Heat | undefined,
  now: EpochMs,
): Decision | undefined {
  // Asleep by somebody else's wish: not ours to wake.
  if (state.overheatedAt === undefined) return undefined;
  const { resumeAfterMinutes, resumeBelowKelvin } = policies.safety;
  const rested = now - state.overheatedAt >= resumeAfterMinutes * MINUTE;
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
