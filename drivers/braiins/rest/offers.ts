// What the machine may be set to.

import { present } from "../../contract/decoding.ts";
import { type Millivolts, millivolts } from "../../contract/units.ts";
import type { AntminerModel } from "../../hardware/antminer.ts";
import type { Limits, Offers } from "../controls.ts";
import type { Range, Target, TunedTarget } from "../targets.ts";
import type { Known } from "./known.ts";
import { gigahashesOf, hertzOf, rangeOf, terahashesOf, voltsOf, wattsOf } from "./quantities.ts";
import { isAsleep, manualPoint, storedTarget, targetOfTuner } from "./setpoint.ts";

export function offersOf(known: Known, model: AntminerModel | undefined): Offers {
  const { configuration, details, locate, pools } = known.answers;
  return {
    model,
    limits: limitsOf(known),
    steering: known.steering,
    target: targetOfTuner(known),
    tuned: tunedTargets(known),
    manual: manualPoint(known),
    switches: present({
      // Without a target and a hand-set range there is nowhere to come back to.
      autotune: configuration && comebackTarget(known) !== undefined && handRange(known),
      sleep: details && isAsleep(details.answer.status) !== undefined,
      locate: locate !== undefined,
      restart: details !== undefined,
      groups: pools?.answer.length,
    }),
  };
}

/** Where the tuner goes when it is told to keep to watts again. */
export function comebackTarget(known: Known): Target | undefined {
  const stored = storedTarget(known);
  if (stored?.kind === "power") return stored;
  const power = wattsOf(known.answers.configuration?.answer.tuner?.power_target);
  const usual = power ?? limitsOf(known).power?.default;
  return usual === undefined ? undefined : { kind: "power", power: usual };
}

function handRange(known: Known): boolean {
  const { frequency, voltage } = limitsOf(known);
  return frequency !== undefined && voltage !== undefined;
}

export function limitsOf(known: Known): Limits {
  const constraints = known.answers.constraints?.answer;
  const tuner = constraints?.tuner_constraints;
  const boards = constraints?.hashboards_constraints;
  return present({
    power: rangeOf(tuner?.power_target, wattsOf),
    hashrate: rangeOf(tuner?.hashrate_target, terahashesOf),
    frequency: rangeOf(boards?.frequency, hertzOf),
    voltage: voltageRange(known),
  });
}

/** What the boards allow, cut where the supply ends. */
function voltageRange(known: Known): Range<Millivolts> | undefined {
  const range = rangeOf(known.answers.constraints?.answer.hashboards_constraints?.voltage, voltsOf);
  const supply = known.answers.details?.answer.psu_info;
  if (range === undefined) return undefined;
  return {
    ...range,
    min: millivolts(Math.max(range.min, voltsOf(supply?.min_voltage) ?? 0)),
    max: millivolts(Math.min(range.max, voltsOf(supply?.max_voltage) ?? Infinity)),
  };
}

export function tunedTargets(known: Known): TunedTarget[] {
  const profiles = known.answers.targetProfiles?.answer;
  const power = (profiles?.power_target_profiles ?? []).flatMap((profile) => {
    const watt = wattsOf(profile.target);
    return watt === undefined ? [] : [tuned({ kind: "power", power: watt }, profile)];
  });
  const hashrate = (profiles?.hashrate_target_profiles ?? []).flatMap((profile) => {
    const rate = terahashesOf(profile.target);
    return rate === undefined ? [] : [tuned({ kind: "hashrate", hashrate: rate }, profile)];
  });
  return [...power, ...hashrate];
}

function tuned(
  target: Target,
  profile: {
    readonly estimated_power_consumption?: { watt?: unknown } | undefined;
    readonly measured_hashrate?: { gigahash_per_second?: unknown } | undefined;
  },
): TunedTarget {
  return present({
    target,
    power: wattsOf(profile.estimated_power_consumption),
    hashrate: gigahashesOf(profile.measured_hashrate),
  });
}
