// Every lever is used up: watch the point that was found, step back when it gets too tight.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { activeLevers, describePoint, pointOf, settingsBetween } from "../state/point.ts";
import { measure } from "../state/samples.ts";
import type { TuningState } from "../state/tuning.ts";
import { change, hold, type Policies } from "./policies.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function watchBest(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
  now: EpochMs,
): Decision {
  const { tuning } = state;
  const creeping = atTheEdge(state, policies, now);
  const raised = creeping === undefined ? undefined : oneStepSafer(state, telemetry, policies);
  if (creeping !== undefined && raised !== undefined && policies.tuning.mode === "act") {
    const settings = settingsBetween(
      pointOf(telemetry, policies.tuning.levers),
      raised,
      telemetry.controls,
    );
    const { best, ...rest } = tuning;
    const next: TuningState = {
      ...rest,
      ...(best === undefined ? {} : { best: { ...best, point: raised } }),
      since: now,
    };
    return change(state, "tuner", now, next, { purpose: "protect", settings, reason: creeping });
  }
  const open = activeLevers(telemetry, policies.tuning.levers).filter(
    (lever) => tuning.exhausted[lever] === undefined,
  );
  if (policies.tuning.mode === "act" && open.length > 0) {
    // Held in another mode, or with other levers allowed: the configuration has changed since.
    const next: TuningState = { ...tuning, phase: "choosing", since: now };
    return hold("tuner", now, next, `not tried yet: ${open.join(", ")}`);
  }
  if (now - tuning.since > policies.tuning.retuneHours * HOUR) {
    const again: TuningState = {
      ...tuning,
      phase: "baseline",
      since: now,
      exhausted: {},
      stepScale: {},
    };
    return hold("tuner", now, again, `tuning again after ${policies.tuning.retuneHours} hours`);
  }
  return hold(
    "tuner",
    now,
    tuning,
    `holding ${describePoint(pointOf(telemetry, policies.tuning.levers))}`,
  );
}

/** Cold chips need more voltage: a point found on a hot afternoon may be too tight at night. */
function atTheEdge(state: DeviceState, policies: Policies, now: EpochMs): string | undefined {
  const window = policies.tuning.measureMinutes * MINUTE;
  const measured = measure(state, (now - window) as EpochMs, {});
  if (measured?.ratio === undefined || measured.to - measured.from < window * 0.8) return undefined;
  if (measured.ratio + 2 * measured.uncertainty >= policies.safety.hashRatioFloor) return undefined;
  return `delivers ${(measured.ratio * 100).toFixed(1)} % of the expected hashrate: one step of voltage back`;
}

function oneStepSafer(
  state: DeviceState,
  telemetry: Telemetry,
  policies: Policies,
): Point | undefined {
  const now = pointOf(telemetry, policies.tuning.levers);
  const stock = state.tuning.stock?.voltage;
  const knob = telemetry.controls.voltage;
  if (
    knob === undefined ||
    stock === undefined ||
    now.voltage === undefined ||
    now.voltage >= stock
  ) {
    return undefined;
  }
  const step = Math.max(knob.step, Math.min(100, stock - now.voltage));
  return { ...now, voltage: Math.min(stock, now.voltage + step) as typeof now.voltage };
}
