// A machine is put to sleep; what it was doing is given up, what is known stays.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Decision } from "../state/decision.ts";
import type { DeviceState } from "../state/device-state.ts";
import type { Asleep, TuningState } from "../state/tuning.ts";
import { change } from "./policies.ts";

export function sleep(state: DeviceState, asleep: Asleep, now: EpochMs): Decision {
  return change(
    state,
    "curtail",
    now,
    { ...withoutTrial(state.tuning), asleep },
    {
      purpose: "protect",
      settings: [{ knob: "sleep", value: true }],
      reason: `sleep: ${asleep.reason}`,
    },
  );
}

export function withoutTrial(tuning: TuningState): TuningState {
  const { trial, ...rest } = tuning;
  return trial === undefined ? tuning : { ...rest, phase: "choosing" };
}
