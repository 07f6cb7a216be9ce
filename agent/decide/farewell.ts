// What a machine is left with when the agent goes: the last known good point, its fans in its own care.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import { withoutPass } from "../state/failed-pass.ts";
import { describePoint, pointOf, settingsBetween } from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import { offsetsBack } from "./equalise.ts";
import { change, hold, type Policies } from "./policies.ts";

export function farewell(state: DeviceState, policies: Policies, now: EpochMs): Decision {
  const { trial: _trial, ...tuning } = withoutPass(state.tuning);
  const telemetry = state.telemetry;
  if (telemetry === undefined || tuning.stock === undefined) {
    return hold("recovery", now, state.tuning, "nothing was changed on this machine");
  }
  const activity = telemetry.activity?.value;
  // A setting now might wake it, and nobody would watch.
  if (activity === "sleeping" || activity === "stopped") {
    return hold("recovery", now, state.tuning, `stopping: the machine stays ${activity}`);
  }
  const here = pointOf(telemetry, policies.tuning.levers);
  const good = isOnTheWay(state) ? (tuning.best?.point ?? tuning.stock) : here;
  // A fixed fan speed is safe only while somebody watches the temperature.
  const watched = telemetry.controls.fan?.auto === true && good.fan !== undefined;
  const target: Point = watched ? { ...good, fan: "auto" } : good;
  const next: TuningState =
    state.tuning.trial === undefined ? tuning : { ...tuning, phase: "reverting", since: now };
  const settings = [
    ...offsetsBack(state.tuning.equaliser),
    ...settingsBetween({ ...here, ...underWay(state) }, target, telemetry.controls),
  ];
  if (settings.length === 0) {
    return hold("recovery", now, next, `stopping: the machine stays at ${describePoint(target)}`);
  }
  return change(state, "recovery", now, next, {
    purpose: "restore",
    settings,
    reason: `stopping: back to the last known good point: ${describePoint(target)}`,
  });
}

/** What was sent counts as taken: a machine may read back its old point for minutes. */
function underWay({ write }: DeviceState): Point {
  const sent = write?.action.settings ?? [];
  return Object.fromEntries(sent.map(({ knob, value }) => [knob, value]));
}

/** Elsewhere it stands where tuning, heat or an operator wants it; what moved it stays in force. */
const isOnTheWay = ({ tuning, overheatedAt }: DeviceState): boolean =>
  overheatedAt === undefined && (tuning.phase === "trial" || tuning.phase === "reverting");
