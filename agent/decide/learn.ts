// The model of one machine, made anew whenever something new was measured.

import type { ChoiceKnob, RangeKnob } from "../../drivers/contract/controls.ts";
import { present } from "../../drivers/contract/decoding.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { activeLevers } from "../state/point.ts";
import type { TuningState } from "../state/tuning.ts";
import type { Model } from "./model/forecast.ts";
import { LimitModel } from "./model/limit.ts";
import { PhysicsModel } from "./model/physics.ts";
import { generalPrior } from "./model/prior.ts";
import type { ManualKnobs } from "./model/walk.ts";
import type { Policies } from "./policies.ts";

/** Both of frequency and voltage are in hand, or the firmware's presets name them. */
export function isModelled(telemetry: Telemetry, policies: Policies): boolean {
  return knobsOf(telemetry, policies) !== undefined;
}

/** Undefined where no model fits what this machine offers, or nothing was measured yet. */
export function learn(
  telemetry: Telemetry,
  policies: Policies,
  tuning: TuningState,
): Model | undefined {
  const evidence = tuning.evidence;
  const reference = evidence?.[0];
  if (evidence === undefined || reference === undefined) return undefined;
  const knobs = knobsOf(telemetry, policies);
  if (knobs === undefined) return undefined;
  const highest = tuning.stock ?? reference.point;
  const { prior = generalPrior } = policies;
  const { model, firmware } = telemetry.identity;
  const believed = prior({ watts: reference.power, firmware, ...present({ model }) });
  return "powerLimit" in knobs
    ? LimitModel.from(believed.limit, reference, evidence, knobs.powerLimit)
    : PhysicsModel.from(believed, reference, evidence, knobs, highest);
}

type Knobs = ManualKnobs | ChoiceKnob | { readonly powerLimit: RangeKnob<number> };

function knobsOf(telemetry: Telemetry, policies: Policies): Knobs | undefined {
  const levers = activeLevers(telemetry, policies.tuning.levers);
  const { frequency, voltage, profile, powerLimit } = telemetry.controls;
  if (levers.includes("frequency") && levers.includes("voltage")) {
    return frequency && voltage && { frequency, voltage };
  }
  if (levers.includes("powerLimit") && powerLimit !== undefined) return { powerLimit };
  if (!levers.includes("profile") || profile === undefined) return undefined;
  const named = profile.choices.filter((choice) => choice.frequency && choice.voltage);
  return named.length > 1 ? profile : undefined;
}
